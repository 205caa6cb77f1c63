package dev.hanse.control.decision;

import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.ResourceCommand;
import dev.hanse.control.command.ResourceCommand.CreateResource;
import dev.hanse.control.command.ResourceCommand.RemoveResource;
import dev.hanse.control.command.ResourceCommand.UpdateResource;
import dev.hanse.model.Resource;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.util.Optional;

/** Decides the writes on resources: what holds for all kinds, then what holds for the one. */
final class ResourceDecisions {
  /** A name's length, in characters: paths of applications and secrets are names. */
  static final int NAME_LENGTH_MAX = 1_024;

  private final Transaction transaction;
  private final Context context;
  private final ResourceKinds kinds;

  ResourceDecisions(Transaction transaction, Context context, ResourceKinds kinds) {
    this.transaction = transaction;
    this.context = context;
    this.kinds = kinds;
  }

  Decision decide(ResourceCommand command) {
    return switch (command) {
      case CreateResource create -> create(create);
      case UpdateResource update ->
          Outcome.found(
              transaction.snapshot(),
              Kind.RESOURCE,
              update.id(),
              resource -> update(resource, update));
      case RemoveResource remove ->
          Outcome.found(transaction.snapshot(), Kind.RESOURCE, remove.id(), this::remove);
    };
  }

  private Decision create(CreateResource create) {
    String name = create.annotations().getName();
    if (name.isEmpty()) {
      return Outcome.refused(new Rejection.Invalid("meta: name must be provided"));
    }
    if (name.length() > NAME_LENGTH_MAX) {
      return Outcome.refused(
          new Rejection.Invalid("name must be " + NAME_LENGTH_MAX + " characters or fewer"));
    }
    String unique = Kind.resourceName(create.kind(), name);
    if (Names.taken(transaction.snapshot(), Kind.RESOURCE, unique)) {
      return Outcome.refused(
          new Rejection.AlreadyExists(create.kind() + " " + name + " already exists"));
    }
    return write(
        Resource.newBuilder()
            .setId(context.newId())
            .setKind(create.kind())
            .setAnnotations(create.annotations())
            .setPayload(create.payload())
            .build());
  }

  private Decision update(Resource resource, UpdateResource update) {
    if (!update.annotations().getName().equals(resource.getAnnotations().getName())) {
      return Outcome.refused(
          new Rejection.Invalid("renaming " + resource.getKind() + " is not supported"));
    }
    Optional<Rejection> stale = Outcome.stale(Kind.RESOURCE, resource, update.version());
    if (stale.isPresent()) {
      return Outcome.refused(stale.get());
    }
    return write(
        resource.toBuilder()
            .setAnnotations(update.annotations())
            .setPayload(update.payload())
            .build());
  }

  private Decision write(Resource resource) {
    Optional<Rejection> rejection =
        kinds
            .find(resource.getKind())
            .map(kind -> kind.check(transaction.snapshot(), resource))
            .orElseGet(
                () -> Outcome.invalid("unknown kind of resource '" + resource.getKind() + "'"));
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    transaction.put(Kind.RESOURCE, resource);
    return Outcome.accepted(transaction, resource);
  }

  /**
   * Also one of a kind that this program does not know (any more): nothing else can depend on it.
   */
  private Decision remove(Resource resource) {
    Optional<Rejection> rejection =
        kinds
            .find(resource.getKind())
            .flatMap(kind -> kind.removal().apply(transaction.snapshot(), resource));
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    transaction.delete(Kind.RESOURCE, resource.getId());
    return Outcome.accepted(transaction);
  }
}
