package dev.hanse.control.decision;

import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.ConfigCommand;
import dev.hanse.control.command.ConfigCommand.CreateConfig;
import dev.hanse.control.command.ConfigCommand.RemoveConfig;
import dev.hanse.control.command.ConfigCommand.UpdateConfig;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigSpec;
import dev.hanse.model.Service;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/** Decides the writes on configs. */
final class ConfigDecisions {
  /** A config's data must be smaller than this, in bytes. */
  static final int DATA_BYTES_MAX = 1000 * 1024;

  private final Transaction transaction;
  private final Context context;

  ConfigDecisions(Transaction transaction, Context context) {
    this.transaction = transaction;
    this.context = context;
  }

  Decision decide(ConfigCommand command) {
    return switch (command) {
      case CreateConfig create -> create(create.spec());
      case UpdateConfig update -> update(update);
      case RemoveConfig remove -> remove(remove.id());
    };
  }

  private Decision create(ConfigSpec spec) {
    Optional<Rejection> rejection = Names.checkSecret(spec.getAnnotations()).or(() -> check(spec));
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    String name = spec.getAnnotations().getName();
    if (Names.taken(transaction.snapshot(), Kind.CONFIG, name)) {
      return Outcome.refused(new Rejection.AlreadyExists("config " + name + " already exists"));
    }
    Config config = Config.newBuilder().setId(context.newId()).setSpec(spec).build();
    transaction.put(Kind.CONFIG, config);
    return Outcome.accepted(transaction, config);
  }

  private Decision update(UpdateConfig update) {
    return Outcome.found(
        transaction.snapshot(), Kind.CONFIG, update.id(), config -> update(config, update));
  }

  private Decision update(Config config, UpdateConfig update) {
    ConfigSpec relabelled =
        config.getSpec().toBuilder().setAnnotations(update.spec().getAnnotations()).build();
    // Clients that only read the object do not know its data: leaving it out is no change.
    boolean dataChanges =
        !update.spec().getData().isEmpty()
            && !update.spec().getData().equals(config.getSpec().getData());
    boolean nameChanges =
        !update
            .spec()
            .getAnnotations()
            .getName()
            .equals(config.getSpec().getAnnotations().getName());
    if (dataChanges || nameChanges) {
      return Outcome.refused(new Rejection.Invalid("only updates to Labels are allowed"));
    }
    Optional<Rejection> stale = Outcome.stale(Kind.CONFIG, config, update.version());
    if (stale.isPresent()) {
      return Outcome.refused(stale.get());
    }
    Config updated = config.toBuilder().setSpec(relabelled).build();
    transaction.put(Kind.CONFIG, updated);
    return Outcome.accepted(transaction, updated);
  }

  private Decision remove(String id) {
    return Outcome.found(transaction.snapshot(), Kind.CONFIG, id, this::remove);
  }

  private Decision remove(Config config) {
    Collection<Service> users = transaction.snapshot().servicesOfConfig(config.getId());
    if (!users.isEmpty()) {
      String names =
          users.stream()
              .map(service -> service.getSpec().getAnnotations().getName())
              .collect(Collectors.joining(", "));
      return Outcome.refused(
          new Rejection.Invalid(
              "config '%s' is in use by the following %s: %s"
                  .formatted(
                      config.getSpec().getAnnotations().getName(),
                      users.size() == 1 ? "service" : "services",
                      names)));
    }
    transaction.delete(Kind.CONFIG, config.getId());
    return Outcome.accepted(transaction);
  }

  private static Optional<Rejection> check(ConfigSpec spec) {

    if (spec.getData().isEmpty() || spec.getData().size() >= DATA_BYTES_MAX) {
      return Outcome.invalid(
          "config data must be larger than 0 and less than " + DATA_BYTES_MAX + " bytes");
    }
    return Optional.empty();
  }
}
