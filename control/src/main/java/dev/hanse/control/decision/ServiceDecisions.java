package dev.hanse.control.decision;

import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.ServiceCommand;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.RemoveService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.control.orchestrator.Mode;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.model.UpdateStatus;
import dev.hanse.model.Version;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.util.Optional;

/** Decides the writes on services. */
final class ServiceDecisions {
  private final Transaction transaction;
  private final Context context;

  ServiceDecisions(Transaction transaction, Context context) {
    this.transaction = transaction;
    this.context = context;
  }

  Decision decide(ServiceCommand command) {
    return switch (command) {
      case CreateService create -> create(create.spec());
      case UpdateService update ->
          Outcome.found(
              transaction.snapshot(), Kind.SERVICE, update.id(), known -> update(known, update));
      case RemoveService remove ->
          Outcome.found(transaction.snapshot(), Kind.SERVICE, remove.id(), this::remove);
    };
  }

  private Decision create(ServiceSpec spec) {
    Optional<Rejection> rejection =
        ServiceRules.check(spec)
            .or(() -> checkReferences(spec))
            .or(() -> PublishedPorts.checkConflicts(transaction.snapshot(), spec, ""))
            .or(() -> checkName(spec));
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    Service service =
        Service.newBuilder()
            .setId(context.newId())
            .setSpec(withNetworkIds(spec))
            .setSpecVersion(Version.getDefaultInstance())
            .build();
    Service written = written(service);
    transaction.put(Kind.SERVICE, written);
    return Outcome.accepted(transaction, written);
  }

  private Optional<Rejection> checkName(ServiceSpec spec) {
    String name = spec.getAnnotations().getName();
    return Names.taken(transaction.snapshot(), Kind.SERVICE, name)
        ? Optional.of(
            new Rejection.AlreadyExists(
                "name conflicts with an existing object: service %s already exists"
                    .formatted(name)))
        : Optional.empty();
  }

  private Optional<Rejection> checkReferences(ServiceSpec spec) {
    return checkNetworks(spec.getTask())
        .or(() -> checkIngress(spec))
        .or(() -> References.checkSecrets(transaction.snapshot(), spec.getTask()))
        .or(() -> References.checkConfigs(transaction.snapshot(), spec.getTask()))
        .or(
            () ->
                ContainerRules.checkPlatform(
                    transaction.snapshot(), spec.getTask().getContainer()));
  }

  private Optional<Rejection> checkNetworks(TaskSpec spec) {
    for (NetworkAttachmentConfig config : spec.getNetworksList()) {
      Optional<Network> network =
          NetworkDecisions.resolve(transaction.snapshot(), config.getTarget());
      if (network.isEmpty()) {
        return Optional.of(
            new Rejection.NotFound("network %s not found".formatted(config.getTarget())));
      }
      if (network.get().getSpec().getIngress()) {
        return Outcome.invalid(
            "Service cannot be explicitly attached to the ingress network \"%s\""
                .formatted(network.get().getSpec().getAnnotations().getName()));
      }
    }
    return Optional.empty();
  }

  private Optional<Rejection> checkIngress(ServiceSpec spec) {
    return PublishedPorts.needIngress(spec) && transaction.snapshot().ingressNetwork().isEmpty()
        ? Outcome.precondition("service needs ingress network, but no ingress network is present")
        : Optional.empty();
  }

  /** Services keep ids: a network may be removed and made again under the same name. */
  private ServiceSpec withNetworkIds(ServiceSpec spec) {
    ServiceSpec.Builder resolved = spec.toBuilder();
    for (var config : resolved.getTaskBuilder().getNetworksBuilderList()) {
      NetworkDecisions.resolve(transaction.snapshot(), config.getTarget())
          .ifPresent(network -> config.setTarget(network.getId()));
    }
    return resolved.build();
  }

  private Decision update(Service service, UpdateService update) {
    ServiceSpec spec = update.spec();
    Optional<Rejection> rejection =
        ServiceRules.check(spec)
            .or(() -> checkUnchangeable(service, spec))
            .or(() -> Outcome.stale(Kind.SERVICE, service, update.version()))
            .or(() -> checkPrevious(service, update));
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    Service updated = written(update.rollback() ? rolledBack(service) : respecified(service, spec));
    Optional<Rejection> conflict =
        checkReferences(updated.getSpec())
            .or(
                () ->
                    PublishedPorts.checkConflicts(
                        transaction.snapshot(), updated.getSpec(), service.getId()));
    if (conflict.isPresent()) {
      return Outcome.refused(conflict.get());
    }
    transaction.put(Kind.SERVICE, updated);
    return Outcome.accepted(transaction, updated);
  }

  private Service written(Service service) {
    return Mode.of(service.getSpec())
        .map(mode -> mode.written(service, context.now()))
        .orElse(service);
  }

  private static Optional<Rejection> checkUnchangeable(Service service, ServiceSpec spec) {
    if (service.getSpec().getModeCase() != spec.getModeCase()) {
      return Optional.of(new Rejection.Unimplemented("service mode change is not allowed"));
    }
    return service.getSpec().getAnnotations().getName().equals(spec.getAnnotations().getName())
        ? Optional.empty()
        : Optional.of(new Rejection.Unimplemented("renaming services is not supported"));
  }

  private static Optional<Rejection> checkPrevious(Service service, UpdateService update) {
    return update.rollback() && !service.hasPreviousSpec()
        ? Outcome.precondition(
            "service %s does not have a previous spec".formatted(service.getId()))
        : Optional.empty();
  }

  private Service respecified(Service service, ServiceSpec spec) {
    // The version of the specification is the version that the author of this one had seen: it
    // differs from all earlier ones, which is all that it is for.
    return service.toBuilder()
        .setPreviousSpec(service.getSpec())
        .setPreviousSpecVersion(service.getSpecVersion())
        .setSpec(withNetworkIds(spec))
        .setSpecVersion(service.getMeta().getVersion())
        .clearUpdateStatus()
        .build();
  }

  private Service rolledBack(Service service) {
    return service.toBuilder()
        .setSpec(service.getPreviousSpec())
        .setSpecVersion(service.getPreviousSpecVersion())
        .setPreviousSpec(service.getSpec())
        .setPreviousSpecVersion(service.getSpecVersion())
        .setUpdateStatus(
            UpdateStatus.newBuilder()
                .setState(UpdateStatus.UpdateState.ROLLBACK_STARTED)
                .setMessage("manually requested rollback")
                .setStartedAt(context.now()))
        .build();
  }

  private Decision remove(Service service) {
    for (Task task : transaction.snapshot().tasksOfService(service.getId())) {
      if (task.getDesiredStateValue() < TaskState.REMOVE_VALUE) {
        transaction.put(Kind.TASK, task.toBuilder().setDesiredState(TaskState.REMOVE).build());
      }
    }
    transaction.delete(Kind.SERVICE, service.getId());
    return Outcome.accepted(transaction);
  }
}
