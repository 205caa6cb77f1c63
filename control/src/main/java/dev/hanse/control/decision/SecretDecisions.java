package dev.hanse.control.decision;

import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.SecretCommand;
import dev.hanse.control.command.SecretCommand.CreateSecret;
import dev.hanse.control.command.SecretCommand.RemoveSecret;
import dev.hanse.control.command.SecretCommand.UpdateSecret;
import dev.hanse.model.Secret;
import dev.hanse.model.SecretSpec;
import dev.hanse.model.Service;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/** Decides the writes on secrets. */
final class SecretDecisions {
  /** A secret's data must be smaller than this, in bytes. */
  static final int DATA_BYTES_MAX = 500 * 1024;

  private final Transaction transaction;
  private final Context context;

  SecretDecisions(Transaction transaction, Context context) {
    this.transaction = transaction;
    this.context = context;
  }

  Decision decide(SecretCommand command) {
    return switch (command) {
      case CreateSecret create -> create(create.spec());
      case UpdateSecret update -> update(update);
      case RemoveSecret remove -> remove(remove.id());
    };
  }

  private Decision create(SecretSpec spec) {
    Optional<Rejection> rejection = Names.checkSecret(spec.getAnnotations()).or(() -> check(spec));
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    String name = spec.getAnnotations().getName();
    if (Names.taken(transaction.snapshot(), Kind.SECRET, name)) {
      return Outcome.refused(new Rejection.AlreadyExists("secret " + name + " already exists"));
    }
    Secret secret = Secret.newBuilder().setId(context.newId()).setSpec(spec).build();
    transaction.put(Kind.SECRET, secret);
    return Outcome.accepted(transaction, secret);
  }

  private Decision update(UpdateSecret update) {
    return Outcome.found(
        transaction.snapshot(), Kind.SECRET, update.id(), secret -> update(secret, update));
  }

  private Decision update(Secret secret, UpdateSecret update) {
    SecretSpec relabelled =
        secret.getSpec().toBuilder().setAnnotations(update.spec().getAnnotations()).build();
    // Clients that only read the object do not know its data: leaving it out is no change.
    boolean dataChanges =
        !update.spec().getData().isEmpty()
            && !update.spec().getData().equals(secret.getSpec().getData());
    boolean nameChanges =
        !update
            .spec()
            .getAnnotations()
            .getName()
            .equals(secret.getSpec().getAnnotations().getName());
    if (dataChanges || nameChanges) {
      return Outcome.refused(new Rejection.Invalid("only updates to Labels are allowed"));
    }
    Optional<Rejection> stale = Outcome.stale(Kind.SECRET, secret, update.version());
    if (stale.isPresent()) {
      return Outcome.refused(stale.get());
    }
    Secret updated = secret.toBuilder().setSpec(relabelled).build();
    transaction.put(Kind.SECRET, updated);
    return Outcome.accepted(transaction, updated);
  }

  private Decision remove(String id) {
    return Outcome.found(transaction.snapshot(), Kind.SECRET, id, this::remove);
  }

  private Decision remove(Secret secret) {
    Collection<Service> users = transaction.snapshot().servicesOfSecret(secret.getId());
    if (!users.isEmpty()) {
      String names =
          users.stream()
              .map(service -> service.getSpec().getAnnotations().getName())
              .collect(Collectors.joining(", "));
      return Outcome.refused(
          new Rejection.Invalid(
              "secret '%s' is in use by the following %s: %s"
                  .formatted(
                      secret.getSpec().getAnnotations().getName(),
                      users.size() == 1 ? "service" : "services",
                      names)));
    }
    transaction.delete(Kind.SECRET, secret.getId());
    return Outcome.accepted(transaction);
  }

  private static Optional<Rejection> check(SecretSpec spec) {
    if (spec.hasDriver()) {
      return spec.getDriver().getName().isEmpty()
          ? Outcome.invalid("secret driver must have a name")
          : Outcome.invalid("secret drivers are not supported");
    }
    if (spec.getData().isEmpty() || spec.getData().size() >= DATA_BYTES_MAX) {
      return Outcome.invalid(
          "secret data must be larger than 0 and less than " + DATA_BYTES_MAX + " bytes");
    }
    return Optional.empty();
  }
}
