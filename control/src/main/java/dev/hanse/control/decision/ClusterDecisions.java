package dev.hanse.control.decision;

import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.Times;
import dev.hanse.control.allocator.ForeignSubnets;
import dev.hanse.control.allocator.Subnet;
import dev.hanse.control.allocator.Subnets;
import dev.hanse.control.authority.RootRotationPlan;
import dev.hanse.control.command.ClusterCommand;
import dev.hanse.control.command.ClusterCommand.FinishRootRotation;
import dev.hanse.control.command.ClusterCommand.FirstManager;
import dev.hanse.control.command.ClusterCommand.InitializeCluster;
import dev.hanse.control.command.ClusterCommand.UpdateCluster;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.RootCA;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Decides the writes on the cluster object. */
final class ClusterDecisions {
  private static final List<String> ADDRESS_POOL = List.of("10.0.0.0/8");
  private static final int SUBNET_SIZE = 24;
  private static final int DATA_PATH_PORT = 4789;
  private static final int DATA_PATH_PORT_MIN = 1024;
  private static final int DATA_PATH_PORT_MAX = 49_151;
  private static final long TASK_HISTORY_LIMIT = 5;
  private static final Duration HEARTBEAT_PERIOD = Duration.ofSeconds(5);
  private static final Duration CERTIFICATE_EXPIRY = Duration.ofDays(90);
  private static final Duration CERTIFICATE_EXPIRY_MIN = Duration.ofHours(1);

  private final Transaction transaction;
  private final Context context;

  ClusterDecisions(Transaction transaction, Context context) {
    this.transaction = transaction;
    this.context = context;
  }

  Decision decide(ClusterCommand command) {
    return switch (command) {
      case InitializeCluster initialize -> initialize(initialize);
      case UpdateCluster update ->
          Outcome.found(
              transaction.snapshot(), Kind.CLUSTER, update.id(), known -> update(known, update));
      case FinishRootRotation finish ->
          Outcome.found(
              transaction.snapshot(), Kind.CLUSTER, finish.id(), known -> finish(known, finish));
    };
  }

  private Decision initialize(InitializeCluster initialize) {
    if (transaction.snapshot().cluster().isPresent()) {
      return Outcome.refused(
          new Rejection.AlreadyExists(
              "This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm"
                  + " and join another one."));
    }
    ClusterSpec.Builder given = withoutKey(initialize.spec()).toBuilder();
    if (given.hasCaConfig()) {
      // A new cluster's root has not been replaced yet, whatever the number.
      given.getCaConfigBuilder().setForceRotate(initialize.rootCa().getLastForcedRotation());
    }
    ClusterSpec spec = withDefaults(given.build());
    int port = initialize.dataPathPort() == 0 ? DATA_PATH_PORT : initialize.dataPathPort();
    List<String> pool =
        initialize.addressPool().isEmpty() ? ADDRESS_POOL : initialize.addressPool();
    int size = initialize.subnetSize() == 0 ? SUBNET_SIZE : initialize.subnetSize();
    Optional<Rejection> rejection =
        check(spec)
            .or(() -> checkPort(port))
            .or(() -> AddressPools.check(pool, size))
            .or(() -> checkRoom(pool, size, node(initialize.manager(), port)));
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    Cluster cluster =
        Cluster.newBuilder()
            .setId(initialize.clusterId())
            .setSpec(spec)
            .setRootCa(initialize.rootCa())
            .addAllDefaultAddressPool(pool)
            .setSubnetSize(size)
            .setVXLANUDPPort(port)
            .build();
    transaction.put(Kind.CLUSTER, cluster);
    transaction.put(Kind.NODE, node(initialize.manager(), port));
    PredefinedNetworks.create(context).forEach(net -> transaction.put(Kind.NETWORK, net));
    return Outcome.accepted(transaction, cluster);
  }

  /** The node object of a manager that begins alone. */
  static Node node(FirstManager manager, int dataPathPort) {
    return Node.newBuilder()
        .setId(manager.nodeId())
        .setSpec(
            NodeSpec.newBuilder()
                .setDesiredRole(NodeRole.MANAGER)
                .setMembership(NodeSpec.Membership.ACCEPTED)
                .setAvailability(manager.availability()))
        .setStatus(NodeStatus.newBuilder().setState(NodeStatus.State.UNKNOWN))
        .setDescription(NodeReports.kept(manager.description()))
        .setCertificate(manager.certificate())
        .setRole(NodeRole.MANAGER)
        .setVXLANUDPPort(dataPathPort)
        .build();
  }

  private Decision update(Cluster cluster, UpdateCluster update) {
    Optional<Rejection> rejection =
        check(update.spec()).or(() -> Outcome.stale(Kind.CLUSTER, cluster, update.version()));
    if (rejection.isPresent()) {
      return Outcome.refused(rejection.get());
    }
    Cluster.Builder updated = cluster.toBuilder().setSpec(withoutKey(update.spec()));
    update.rootCa().ifPresent(updated::setRootCa);
    update.unlockKeys().ifPresent(keys -> updated.clearUnlockKeys().addAllUnlockKeys(keys));
    Cluster built = updated.build();
    transaction.put(Kind.CLUSTER, built);
    return Outcome.accepted(transaction, built);
  }

  private Decision finish(Cluster cluster, FinishRootRotation finish) {
    RootCA root = cluster.getRootCa();
    if (!root.hasRootRotation() || !root.getRootRotation().equals(finish.rotation())) {
      return Outcome.refused(new Rejection.FailedPrecondition("target root rotation has changed"));
    }
    for (Node node : transaction.snapshot().all(Kind.NODE)) {
      if (!RootRotationPlan.uses(node, finish.signer())) {
        return Outcome.refused(
            new Rejection.FailedPrecondition(
                "node %s does not use a certificate of the new root yet".formatted(node.getId())));
      }
    }
    Cluster finished =
        cluster.toBuilder()
            .setRootCa(RootRotationPlan.finished(root, finish.digest(), finish.tokens()))
            .build();
    transaction.put(Kind.CLUSTER, finished);
    return Outcome.accepted(transaction, finished);
  }

  /** The signing key has its place in the root; from here it could only leak. */
  private static ClusterSpec withoutKey(ClusterSpec given) {
    ClusterSpec.Builder spec = given.toBuilder();
    if (spec.hasCaConfig()) {
      spec.getCaConfigBuilder().clearSigningCaCert().clearSigningCaKey();
    }
    return spec.build();
  }

  private static ClusterSpec withDefaults(ClusterSpec given) {
    ClusterSpec.Builder spec = given.toBuilder();
    spec.getAnnotationsBuilder().setName(Snapshot.CLUSTER_NAME);
    if (!given.hasOrchestration()) {
      spec.getOrchestrationBuilder().setTaskHistoryRetentionLimit(TASK_HISTORY_LIMIT);
    }
    if (!given.getDispatcher().hasHeartbeatPeriod()) {
      spec.getDispatcherBuilder().setHeartbeatPeriod(Times.duration(HEARTBEAT_PERIOD));
    }
    if (!given.getCaConfig().hasNodeCertExpiry()) {
      spec.getCaConfigBuilder().setNodeCertExpiry(Times.duration(CERTIFICATE_EXPIRY));
    }
    if (!given.hasRaft()) {
      // Docker's numbers: what clients show as the swarm's settings.
      spec.getRaftBuilder()
          .setSnapshotInterval(10_000)
          .setKeepOldSnapshots(0)
          .setLogEntriesForSlowFollowers(500)
          .setHeartbeatTick(1)
          .setElectionTick(10);
    }
    return spec.build();
  }

  private static Optional<Rejection> check(ClusterSpec spec) {
    if (spec.getCaConfig().hasNodeCertExpiry()
        && Times.duration(spec.getCaConfig().getNodeCertExpiry()).compareTo(CERTIFICATE_EXPIRY_MIN)
            < 0) {
      return Outcome.invalid("minimum certificate expiry time is: 1h0m0s");
    }
    if (Times.duration(spec.getDispatcher().getHeartbeatPeriod()).isNegative()) {
      return Outcome.invalid("heartbeat time period cannot be a negative duration");
    }
    if (!spec.getAnnotations().getName().equals(Snapshot.CLUSTER_NAME)) {
      return Outcome.invalid("modification of cluster name is not allowed");
    }
    return Optional.empty();
  }

  private static Optional<Rejection> checkRoom(List<String> pools, int size, Node manager) {
    ForeignSubnets foreign = ForeignSubnets.of(manager);
    return Subnets.haveRoom(pools, size, foreign)
        ? Optional.empty()
        : pools.stream()
            .flatMap(pool -> Subnet.parse(pool).flatMap(foreign::conflict).stream())
            .findFirst()
            .flatMap(conflict -> Outcome.invalid("invalid default address pool: " + conflict));
  }

  private static Optional<Rejection> checkPort(int port) {
    return port < DATA_PATH_PORT_MIN || port > DATA_PATH_PORT_MAX
        ? Outcome.invalid(
            "Invalid data path port, it should be between %d and %d"
                .formatted(DATA_PATH_PORT_MIN, DATA_PATH_PORT_MAX))
        : Optional.empty();
  }
}
