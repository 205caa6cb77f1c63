package dev.hanse.control.decision;

import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.Tasks;
import dev.hanse.control.command.NetworkCommand;
import dev.hanse.control.command.NetworkCommand.AttachNetwork;
import dev.hanse.control.command.NetworkCommand.CreateNetwork;
import dev.hanse.control.command.NetworkCommand.DetachNetwork;
import dev.hanse.control.command.NetworkCommand.RemoveNetwork;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.NetworkAttachmentSpec;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.util.Optional;

/** Decides the writes on networks. */
final class NetworkDecisions {
  private final Transaction transaction;
  private final Context context;

  NetworkDecisions(Transaction transaction, Context context) {
    this.transaction = transaction;
    this.context = context;
  }

  Decision decide(NetworkCommand command) {
    return switch (command) {
      case CreateNetwork create -> create(create.spec());
      case RemoveNetwork remove ->
          Outcome.found(transaction.snapshot(), Kind.NETWORK, remove.id(), this::remove);
      case AttachNetwork attach -> attach(attach);
      case DetachNetwork detach -> detach(detach);
    };
  }

  /** The network that a reference by id or by name means. */
  static Optional<Network> resolve(Snapshot snapshot, String target) {
    return snapshot.find(Kind.NETWORK, target).or(() -> snapshot.findByName(Kind.NETWORK, target));
  }

  private Decision create(NetworkSpec spec) {
    Optional<Rejection> rejection =
        NetworkRules.check(spec)
            .or(() -> checkIngress(spec))
            .or(() -> checkName(spec))
            .or(() -> NetworkRules.checkOverlaps(transaction.snapshot(), spec));
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    Network network = Network.newBuilder().setId(context.newId()).setSpec(spec).build();
    transaction.put(Kind.NETWORK, network);
    return Outcome.accepted(transaction, network);
  }

  private Optional<Rejection> checkIngress(NetworkSpec spec) {
    Optional<Network> present = transaction.snapshot().ingressNetwork();
    if (!spec.getIngress() || present.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Rejection.AlreadyExists(
            "ingress network (%s) is already present".formatted(present.get().getId())));
  }

  private Optional<Rejection> checkName(NetworkSpec spec) {
    String name = spec.getAnnotations().getName();
    return Names.taken(transaction.snapshot(), Kind.NETWORK, name)
        ? Optional.of(
            new Rejection.AlreadyExists("network with name %s already exists".formatted(name)))
        : Optional.empty();
  }

  private Decision remove(Network network) {
    Optional<Rejection> rejection =
        network.getSpec().getIngress() ? ingressInUse() : inUse(network);
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    transaction.delete(Kind.NETWORK, network.getId());
    return Outcome.accepted(transaction);
  }

  private Optional<Rejection> ingressInUse() {
    for (Service service : transaction.snapshot().all(Kind.SERVICE)) {
      boolean needed =
          service.getSpec().getEndpoint().getPortsList().stream()
              .anyMatch(port -> port.getPublishMode() == PortConfig.PublishMode.INGRESS);
      if (needed) {
        return Outcome.precondition(
            "ingress network cannot be removed because service %s depends on it"
                .formatted(service.getId()));
      }
    }
    return Optional.empty();
  }

  private Optional<Rejection> inUse(Network network) {
    String id = network.getId();
    if (network.getSpec().getAnnotations().containsLabels(PredefinedNetworks.LABEL)) {
      return Outcome.precondition(
          "network %s (%s) is a swarm predefined network and cannot be removed"
              .formatted(id, network.getSpec().getAnnotations().getName()));
    }
    for (Service service : transaction.snapshot().servicesOfNetwork(id)) {
      return Outcome.precondition(
          "network %s is in use by service %s".formatted(id, service.getId()));
    }
    for (Task task : transaction.snapshot().tasksOfNetwork(id)) {
      if (Tasks.isWanted(task) && !Tasks.isDead(task)) {
        return Outcome.precondition("network %s is in use by task %s".formatted(id, task.getId()));
      }
    }
    return Optional.empty();
  }

  private Decision attach(AttachNetwork attach) {
    String target = attach.config().getTarget();
    Optional<Network> network = resolve(transaction.snapshot(), target);
    if (network.isEmpty()) {
      return Outcome.refused(new Rejection.NotFound("network " + target + " not found"));
    }
    if (!network.get().getSpec().getAttachable()) {
      return Outcome.refused(
          new Rejection.PermissionDenied("network " + target + " not manually attachable"));
    }
    NetworkAttachmentConfig config =
        attach.config().toBuilder().setTarget(network.get().getId()).build();
    Task task =
        Task.newBuilder()
            .setId(context.newId())
            .setNodeId(attach.nodeId())
            .setSpec(
                TaskSpec.newBuilder()
                    .setAttachment(
                        NetworkAttachmentSpec.newBuilder().setContainerId(attach.containerId()))
                    .addNetworks(config))
            .setStatus(
                TaskStatus.newBuilder()
                    .setState(TaskState.NEW)
                    .setTimestamp(context.now())
                    .setMessage("created"))
            .setDesiredState(TaskState.RUNNING)
            .build();
    transaction.put(Kind.TASK, task);
    return Outcome.accepted(transaction, task);
  }

  private Decision detach(DetachNetwork detach) {
    Optional<Task> task = transaction.find(Kind.TASK, detach.attachmentId());
    if (task.isEmpty() || !task.get().getSpec().hasAttachment()) {
      return Outcome.refused(
          new Rejection.NotFound("attachment " + detach.attachmentId() + " not found"));
    }
    if (!task.get().getNodeId().equals(detach.nodeId())) {
      return Outcome.refused(
          new Rejection.PermissionDenied(
              "attachment " + detach.attachmentId() + " doesn't belong to this node"));
    }
    transaction.delete(Kind.TASK, detach.attachmentId());
    return Outcome.accepted(transaction);
  }
}
