package dev.hanse.manager;

import com.google.protobuf.Duration;
import dev.hanse.identity.CertificateDirectory;
import dev.hanse.identity.Enrollment;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.JoinToken;
import dev.hanse.identity.NodeIdentity;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.DispatcherConfig;
import dev.hanse.model.Node;
import dev.hanse.model.NodeSpec;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Real managers of one cluster, in one process, on loopback ports. */
final class TestGroup implements AutoCloseable {
  static final int LIMIT_SECONDS = 60;
  private static final int ATTEMPTS_MAX = 5;
  private static final InstantSource CLOCK = InstantSource.system();

  private final Path directory;
  private final List<Manager> running = new ArrayList<>();

  private TestGroup(Path directory) {
    this.directory = directory;
  }

  /** So many managers; the first leads, none runs tasks, nodes may be silent for a minute. */
  static TestGroup of(Path directory, int managers) throws Exception {
    TestGroup group = new TestGroup(directory);
    ClusterSpec patient =
        ClusterSpec.newBuilder()
            .setDispatcher(
                DispatcherConfig.newBuilder()
                    .setHeartbeatPeriod(Duration.newBuilder().setSeconds(60)))
            .build();
    try {
      group.running.add(
          Manager.initialize(
              group.settings("manager0"),
              group.certificates("manager0"),
              new ClusterRequest(patient, List.of(), 0, 0, NodeSpec.Availability.DRAIN)));
      for (int i = 1; i < managers; i++) {
        group.join("manager" + i);
      }
    } catch (Exception e) {
      group.close();
      throw e;
    }
    return group;
  }

  Manager manager(int index) {
    return running.get(index);
  }

  /** The one that leads; on a busy machine it need not be the first. */
  Manager leader() {
    String nodeId = running.getFirst().leader().orElseThrow();
    return running.stream()
        .filter(manager -> manager.credentials().identity().nodeId().equals(nodeId))
        .findFirst()
        .orElseThrow();
  }

  /** Those that do not lead. */
  List<Manager> followers() {
    Manager leader = leader();
    return running.stream().filter(manager -> manager != leader).toList();
  }

  /** Stops a manager in an orderly way; those behind it move up. */
  void stop(Manager manager) {
    running.remove(manager);
    manager.close();
  }

  private void join(String name) throws Exception {
    Manager first = running.getFirst();
    JoinToken token =
        JoinToken.parse(
            first.snapshot().cluster().orElseThrow().getRootCa().getJoinTokens().getManager());
    NodeIdentity identity = enroll(first.advertised(), token);
    certificates(name).save(identity);
    running.add(
        Manager.join(
            settings(name),
            new TlsCredentials(identity, certificates(name), CLOCK),
            List.of(first.advertised())));
  }

  /** The first handshakes of a busy machine take long. */
  private static NodeIdentity enroll(String address, JoinToken token) throws Exception {
    for (int attempt = 1; true; attempt++) {
      try {
        return new Enrollment(CLOCK).join(address, token, NodeSpec.Availability.DRAIN);
      } catch (IdentityException e) {
        if (e.reason() != IdentityException.Reason.UNREACHABLE || attempt == ATTEMPTS_MAX) {
          throw e;
        }
      }
    }
  }

  private ManagerSettings settings(String name) throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = free.getLocalPort();
      return new ManagerSettings(
          directory.resolve(name).resolve("raft"),
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
          "127.0.0.1:" + port,
          CLOCK);
    }
  }

  private CertificateDirectory certificates(String name) {
    return new CertificateDirectory(directory.resolve(name).resolve("certificates"));
  }

  static Node node(Snapshot snapshot, Manager manager) {
    return snapshot.find(Kind.NODE, manager.credentials().identity().nodeId()).orElseThrow();
  }

  /** Waits until a manager's own state is as wanted. */
  static void await(Manager seen, Predicate<Snapshot> wanted) {
    CompletableFuture<Void> met = new CompletableFuture<>();
    try (Store.Subscription subscription =
        seen.subscribe(
            (before, after, changes) -> {
              if (wanted.test(after)) {
                met.complete(null);
              }
            })) {
      if (!wanted.test(seen.snapshot())) {
        met.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
      }
    }
  }

  @Override
  public void close() {
    List.copyOf(running).reversed().forEach(this::stop);
  }
}
