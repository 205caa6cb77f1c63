package dev.hanse.control.decision;

import com.google.protobuf.ByteString;
import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.Times;
import dev.hanse.control.command.NodeCommand;
import dev.hanse.control.command.NodeCommand.EnrollNode;
import dev.hanse.control.command.NodeCommand.IssueCertificate;
import dev.hanse.control.command.NodeCommand.RefuseCertificate;
import dev.hanse.control.command.NodeCommand.ReleaseManager;
import dev.hanse.control.command.NodeCommand.RemainAlone;
import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.control.command.NodeCommand.RenewCertificate;
import dev.hanse.control.command.NodeCommand.ReportIllness;
import dev.hanse.control.command.NodeCommand.RotateCertificates;
import dev.hanse.control.command.NodeCommand.SetNodeRole;
import dev.hanse.control.command.NodeCommand.UpdateManagerStatus;
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.control.command.NodeCommand.UpdateNodeStatus;
import dev.hanse.model.BlacklistedCertificate;
import dev.hanse.model.Certificate;
import dev.hanse.model.Cluster;
import dev.hanse.model.IssuanceStatus;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/** Decides the writes on nodes. */
final class NodeDecisions {
  /** A certificate signing request may not be longer, in bytes. */
  static final int CSR_BYTES_MAX = 16 * 1024;

  /** How long a refused certificate is remembered beyond its longest possible life. */
  private static final Duration CERTIFICATE_GRACE = Duration.ofDays(7);

  private final Transaction transaction;
  private final Context context;
  private final RoleDecisions roles;

  NodeDecisions(Transaction transaction, Context context) {
    this.transaction = transaction;
    this.context = context;
    this.roles = new RoleDecisions(transaction);
  }

  Decision decide(NodeCommand command) {
    return switch (command) {
      case UpdateNode update -> found(update.id(), node -> update(node, update));
      case RemoveNode remove -> found(remove.id(), node -> remove(node, remove.force()));
      case EnrollNode enroll -> enroll(enroll);
      case RenewCertificate renew -> found(renew.nodeId(), node -> renew(node, renew));
      case IssueCertificate issue -> found(issue.nodeId(), node -> issue(node, issue));
      case RotateCertificates rotate -> rotate(rotate);
      case RefuseCertificate refuse -> found(refuse.nodeId(), node -> refuse(node, refuse));
      case SetNodeRole set -> found(set.nodeId(), node -> roles.set(node, set.role()));
      case ReleaseManager release -> found(release.nodeId(), roles::release);
      case RemainAlone alone -> found(alone.nodeId(), roles::alone);
      case UpdateNodeStatus update -> found(update.nodeId(), node -> status(node, update));
      case ReportIllness report ->
          found(report.nodeId(), node -> put(withIllness(node, report.illness())));
      case UpdateManagerStatus update ->
          found(update.nodeId(), node -> roles.status(node, update.status()));
    };
  }

  private Decision found(String id, Function<Node, Decision> decide) {
    return Outcome.found(transaction.snapshot(), Kind.NODE, id, decide);
  }

  private Decision put(Node node) {
    boolean changed = !transaction.find(Kind.NODE, node.getId()).equals(Optional.of(node));
    if (changed) {
      transaction.put(Kind.NODE, node);
    }
    return Outcome.accepted(transaction, node);
  }

  private Decision update(Node node, UpdateNode update) {
    NodeSpec spec = update.spec();
    Optional<Rejection> rejection =
        (spec.getDesiredRole() == NodeRole.WORKER
                ? roles.checkDemotion(node)
                : Optional.<Rejection>empty())
            .or(() -> Outcome.stale(Kind.NODE, node, update.version()));
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    // Also when nothing changes: the version that the client knew is used up.
    Node updated = node.toBuilder().setSpec(spec).build();
    transaction.put(Kind.NODE, updated);
    return Outcome.accepted(transaction, updated);
  }

  private Decision remove(Node node, boolean force) {
    String id = node.getId();
    if (node.getSpec().getDesiredRole() == NodeRole.MANAGER
        && (node.hasManagerStatus() || roles.isLastManager(node))) {
      return Outcome.refused(
          new Rejection.FailedPrecondition(
              ("node %s is a cluster manager and is a member of the raft cluster. It must be"
                      + " demoted to worker before removal")
                  .formatted(id)));
    }
    if (!force && node.getStatus().getState() == NodeStatus.State.READY) {
      return Outcome.refused(
          new Rejection.FailedPrecondition(
              "node %s is not down and can't be removed".formatted(id)));
    }
    transaction.snapshot().cluster().ifPresent(cluster -> refuseCertificateOf(cluster, id));
    for (Task task : transaction.snapshot().tasksOfNode(id)) {
      if (task.getStatus().getStateValue() <= TaskState.RUNNING_VALUE) {
        transaction.put(Kind.TASK, orphaned(task));
      }
    }
    transaction.delete(Kind.NODE, id);
    return Outcome.accepted(transaction);
  }

  /** Nobody will report on this task any more. */
  private Task orphaned(Task task) {
    Task.Builder orphan = task.toBuilder();
    orphan
        .getStatusBuilder()
        .setState(TaskState.ORPHANED)
        .setMessage("Task belonged to a node that has been deleted")
        .setTimestamp(context.now())
        .setAppliedAt(context.now());
    return orphan.build();
  }

  /**
   * A removed node still holds a certificate. It is refused until it has run out for certain; older
   * entries are dropped here, so that the list does not grow for ever.
   */
  private void refuseCertificateOf(Cluster cluster, String nodeId) {
    Instant now = Times.instant(context.now());
    Instant expiry =
        now.plus(Times.duration(cluster.getSpec().getCaConfig().getNodeCertExpiry()))
            .plus(CERTIFICATE_GRACE);
    Cluster.Builder updated = cluster.toBuilder();
    cluster
        .getBlacklistedCertificatesMap()
        .forEach(
            (id, entry) -> {
              if (entry.hasExpiry() && Times.instant(entry.getExpiry()).isBefore(now)) {
                updated.removeBlacklistedCertificates(id);
              }
            });
    updated.putBlacklistedCertificates(
        nodeId, BlacklistedCertificate.newBuilder().setExpiry(Times.timestamp(expiry)).build());
    transaction.put(Kind.CLUSTER, updated.build());
  }

  private Decision enroll(EnrollNode enroll) {
    Optional<Rejection> rejection = checkRequest(enroll.csr());
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    Optional<Cluster> cluster = transaction.snapshot().cluster();
    if (cluster.isEmpty()) {
      return Outcome.refused(new Rejection.Unavailable("the swarm is not initialised yet"));
    }
    String id = context.newId();
    return put(
        Node.newBuilder()
            .setId(id)
            .setSpec(
                NodeSpec.newBuilder()
                    .setDesiredRole(enroll.role())
                    .setMembership(NodeSpec.Membership.ACCEPTED)
                    .setAvailability(enroll.availability()))
            .setRole(enroll.role())
            .setCertificate(request(id, enroll.role(), enroll.csr(), IssuanceStatus.State.PENDING))
            .setVXLANUDPPort(cluster.get().getVXLANUDPPort())
            .build());
  }

  private Decision renew(Node node, RenewCertificate renew) {
    Optional<Rejection> rejection = checkRequest(renew.csr());
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    // The role as observed: a promoted node becomes a manager only with a manager's certificate.
    // The certificate stays there until the next one is signed: it says which key is the node's.
    return put(
        node.toBuilder()
            .setCertificate(
                request(node.getId(), node.getRole(), renew.csr(), IssuanceStatus.State.RENEW)
                    .toBuilder()
                    .setCertificate(node.getCertificate().getCertificate()))
            .build());
  }

  private Decision rotate(RotateCertificates rotate) {
    for (String id : rotate.nodeIds()) {
      transaction
          .find(Kind.NODE, id)
          .filter(NodeDecisions::hasNoRequestUnderWay)
          .ifPresent(
              node -> {
                Node.Builder asked = node.toBuilder();
                asked
                    .getCertificateBuilder()
                    .setStatus(IssuanceStatus.newBuilder().setState(IssuanceStatus.State.ROTATE));
                transaction.put(Kind.NODE, asked.build());
              });
    }
    return Outcome.accepted(transaction);
  }

  private static boolean hasNoRequestUnderWay(Node node) {
    return switch (node.getCertificate().getStatus().getState()) {
      case RENEW, PENDING, ROTATE -> false;
      case UNKNOWN, ISSUED, FAILED, UNRECOGNIZED -> true;
    };
  }

  private static Certificate request(
      String nodeId, NodeRole role, ByteString csr, IssuanceStatus.State state) {
    return Certificate.newBuilder()
        .setRole(role)
        .setCsr(csr)
        .setCn(nodeId)
        .setStatus(IssuanceStatus.newBuilder().setState(state))
        .build();
  }

  private static Optional<Rejection> checkRequest(ByteString csr) {
    if (csr.isEmpty()) {
      return Outcome.invalid("certificate signing request must be provided");
    }
    return csr.size() > CSR_BYTES_MAX
        ? Outcome.invalid("certificate signing request is longer than " + CSR_BYTES_MAX + " bytes")
        : Optional.empty();
  }

  private Decision issue(Node node, IssueCertificate issue) {
    if (!node.getCertificate().getCsr().equals(issue.csr())) {
      return Outcome.refused(
          new Rejection.FailedPrecondition(
              "the certificate request of node %s has changed".formatted(node.getId())));
    }
    return put(
        node.toBuilder()
            .setCertificate(
                node.getCertificate().toBuilder()
                    .setRole(issue.role())
                    .setCertificate(issue.certificate())
                    .setStatus(IssuanceStatus.newBuilder().setState(IssuanceStatus.State.ISSUED)))
            .build());
  }

  private Decision refuse(Node node, RefuseCertificate refuse) {
    if (!node.getCertificate().getCsr().equals(refuse.csr())) {
      return put(node);
    }
    return put(
        node.toBuilder()
            .setCertificate(
                node.getCertificate().toBuilder()
                    .setStatus(
                        IssuanceStatus.newBuilder()
                            .setState(IssuanceStatus.State.FAILED)
                            .setErr(refuse.reason())))
            .build());
  }

  private Decision status(Node node, UpdateNodeStatus update) {
    Optional<Rejection> rejection = update.description().flatMap(NodeReports::check);
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    Node.Builder updated = node.toBuilder().setStatus(timed(node.getStatus(), update.status()));
    update.description().map(NodeReports::kept).ifPresent(updated::setDescription);
    return put(updated.build());
  }

  private static Node withIllness(Node node, String illness) {
    return node.getStatus().getState() == NodeStatus.State.READY
        ? node.toBuilder().setStatus(node.getStatus().toBuilder().setIllness(illness)).build()
        : node;
  }

  /** Notes since when a node is down; one that is not up has told nothing of its health. */
  private NodeStatus timed(NodeStatus before, NodeStatus status) {
    NodeStatus now =
        status.getState() == NodeStatus.State.READY
            ? status
            : status.toBuilder().clearIllness().build();
    if (now.getState() != NodeStatus.State.DOWN) {
      return now.toBuilder().clearDownSince().build();
    }
    boolean already = before.getState() == NodeStatus.State.DOWN && before.hasDownSince();
    return now.toBuilder().setDownSince(already ? before.getDownSince() : context.now()).build();
  }
}
