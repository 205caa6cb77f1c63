package dev.hanse.manager;

import dev.hanse.cluster.Rotation;
import dev.hanse.control.Decision;
import dev.hanse.control.command.ClusterCommand.FirstManager;
import dev.hanse.control.command.ClusterCommand.InitializeCluster;
import dev.hanse.model.CAConfig;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.store.Store;
import java.time.Duration;

/** The first writes of a cluster, by its first manager. */
final class ClusterCreation {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Manager manager;
  private final Store store;

  ClusterCreation(Manager manager, Store store) {
    this.manager = manager;
    this.store = store;
  }

  /** Writes the cluster and waits until nodes could join it. */
  void run(NewCluster cluster, ClusterRequest request) throws ManagerStartException {
    String nodeId = cluster.identity().nodeId();
    require(
        manager
            .submit(
                new InitializeCluster(
                    cluster.identity().organization(),
                    request.spec(),
                    cluster.rootCa(),
                    request.addressPool(),
                    request.subnetSize(),
                    request.dataPathPort(),
                    new FirstManager(
                        nodeId,
                        cluster.certificate(),
                        request.availability(),
                        request.description())))
            .join());
    var unused =
        StoreWatch.until(store, state -> RunningManager.hasStatus(state, nodeId), LIMIT).join();
    boolean lock = request.spec().getEncryptionConfig().getAutoLockManagers();
    if (lock || isForAnotherRoot(request.spec().getCaConfig())) {
      require(update(request.spec().getCaConfig(), lock));
    }
  }

  /** A cluster always begins with a root of its own, as in Docker. */
  private static boolean isForAnotherRoot(CAConfig wanted) {
    return !wanted.getSigningCaCert().isEmpty()
        || !wanted.getSigningCaKey().isEmpty()
        || wanted.getForceRotate() != 0;
  }

  /** Gives the cluster what takes one that is there: its unlock key, another root. */
  private Decision update(CAConfig wanted, boolean lock) {
    while (true) {
      Cluster cluster = cluster();
      ClusterSpec.Builder spec = cluster.getSpec().toBuilder();
      spec.getCaConfigBuilder()
          .setSigningCaCert(wanted.getSigningCaCert())
          .setSigningCaKey(wanted.getSigningCaKey())
          .setForceRotate(wanted.getForceRotate());
      long version = version(cluster);
      Decision decision =
          manager.updateCluster(version, spec.build(), new Rotation(false, false, lock)).join();
      // The leader's own parts write to the cluster object, too.
      if (decision instanceof Decision.Accepted || version(cluster()) == version) {
        return decision;
      }
    }
  }

  private Cluster cluster() {
    return store.snapshot().cluster().orElseThrow();
  }

  private static long version(Cluster cluster) {
    return cluster.getMeta().getVersion().getIndex();
  }

  private static void require(Decision decision) throws ManagerStartException {
    if (decision instanceof Decision.Refused refused) {
      throw new ManagerStartException(refused.rejection());
    }
  }
}
