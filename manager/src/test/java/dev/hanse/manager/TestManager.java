package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.hanse.cluster.Rotation;
import dev.hanse.control.Decision;
import dev.hanse.health.Health;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.model.CAConfig;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.DispatcherConfig;
import dev.hanse.model.NodeSpec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A real manager of a cluster of its own, on a free loopback port. */
public final class TestManager {
  private TestManager() {}

  /** A first manager with the files below the directory. */
  public static Manager found(Path directory, InstantSource clock, ClusterRequest request)
      throws ManagerStartException {
    return Manager.initialize(settings(directory, clock), certificates(directory), request);
  }

  /** The same with all defaults. */
  public static Manager found(Path directory) throws ManagerStartException {
    return found(directory, InstantSource.system(), ClusterRequest.defaults());
  }

  static ManagerSettings settings(Path directory, InstantSource clock) {
    return settings(directory, 0, "127.0.0.1:2377", clock);
  }

  static ManagerSettings settings(Path directory, int port, String advertise, InstantSource clock) {
    return new ManagerSettings(
        directory.resolve("raft"),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        advertise,
        clock,
        new Health());
  }

  static CertificateDirectory certificates(Path directory) {
    return new CertificateDirectory(directory.resolve("certificates"));
  }

  /** The manager runs no tasks, and nodes may be silent for longer than any test takes. */
  static ClusterRequest patient() {
    ClusterSpec spec =
        ClusterSpec.newBuilder()
            .setDispatcher(
                DispatcherConfig.newBuilder()
                    .setHeartbeatPeriod(Duration.newBuilder().setSeconds(60)))
            .build();
    return new ClusterRequest(spec, List.of(), 0, 0, NodeSpec.Availability.DRAIN);
  }

  static Cluster cluster(Manager manager) {
    return manager.snapshot().cluster().orElseThrow();
  }

  /** What {@code docker swarm ca} asks for. */
  static Decision changeAuthority(Manager manager, Consumer<CAConfig.Builder> change)
      throws Exception {
    Cluster cluster = cluster(manager);
    var spec = cluster.getSpec().toBuilder();
    change.accept(spec.getCaConfigBuilder());
    return manager
        .updateCluster(cluster.getMeta().getVersion().getIndex(), spec.build(), Rotation.NONE)
        .get(20, TimeUnit.SECONDS);
  }

  static void assertRefused(Decision decision, String words) {
    assertThat(decision)
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused -> assertThat(refused.rejection().message()).contains(words));
  }
}
