package dev.hanse.manager;

import dev.hanse.identity.Enrollment;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.model.Node;
import dev.hanse.model.NodeSpec;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Real managers of one cluster, in one process, on loopback ports. */
public final class TestGroup implements AutoCloseable {
  /** For anything that is awaited. */
  public static final int LIMIT_SECONDS = 60;

  private static final int ATTEMPTS_MAX = 5;

  private final Path directory;
  private final InstantSource clock;
  private final List<Manager> running = new ArrayList<>();

  /** Without any manager yet, the files of each below the directory. */
  public TestGroup(Path directory) {
    this(directory, InstantSource.system());
  }

  TestGroup(Path directory, InstantSource clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /** So many managers; the first leads, none runs tasks, nodes may be silent for a minute. */
  static TestGroup of(Path directory, int managers) throws Exception {
    return of(directory, managers, InstantSource.system());
  }

  /** The same at another time. */
  static TestGroup of(Path directory, int managers, InstantSource clock) throws Exception {
    TestGroup group = new TestGroup(directory, clock);
    try {
      group.found("manager0", TestManager.patient());
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
    return running.stream().filter(manager -> id(manager).equals(nodeId)).findFirst().orElseThrow();
  }

  /** Those that do not lead. */
  List<Manager> followers() {
    Manager leader = leader();
    return running.stream().filter(manager -> manager != leader).toList();
  }

  /** Stops a manager in an orderly way; those behind it move up. */
  public void stop(Manager manager) {
    running.remove(manager);
    manager.close();
  }

  /** The first manager. */
  public Manager found(String name, ClusterRequest request) throws Exception {
    return add(Manager.initialize(settings(name), certificates(name), request));
  }

  /** A further manager, by way of the first of those that run. */
  public Manager join(String name) throws Exception {
    Manager first = running.getFirst();
    return add(Manager.join(settings(name), enroll(name), List.of(first.advertised())));
  }

  /** A manager that was started otherwise is stopped with the others. */
  public Manager add(Manager manager) {
    running.add(manager);
    return manager;
  }

  /** A node with a manager's certificate, by way of the first of those that run. */
  public TlsCredentials enroll(String name) throws Exception {
    Manager first = running.getFirst();
    JoinToken token =
        JoinToken.parse(TestManager.cluster(first).getRootCa().getJoinTokens().getManager());
    NodeIdentity identity = enroll(first.advertised(), token);
    certificates(name).save(identity);
    return new TlsCredentials(identity, certificates(name), clock);
  }

  /** The first handshakes of a busy machine take long. */
  private NodeIdentity enroll(String address, JoinToken token) throws Exception {
    for (int attempt = 1; true; attempt++) {
      try {
        return new Enrollment(clock).join(address, token, NodeSpec.Availability.DRAIN);
      } catch (IdentityException e) {
        if (e.reason() != IdentityException.Reason.UNREACHABLE || attempt == ATTEMPTS_MAX) {
          throw e;
        }
      }
    }
  }

  /** On a free port, advertised as it is. */
  public ManagerSettings settings(String name) throws IOException {
    int port = freePort();
    return settings(name, port, "127.0.0.1:" + port);
  }

  /** On a port, advertised in another way. */
  public ManagerSettings settings(String name, int port, String advertise) {
    return TestManager.settings(directory.resolve(name), port, advertise, clock);
  }

  /** A port where nobody listens. */
  public static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private CertificateDirectory certificates(String name) {
    return TestManager.certificates(directory.resolve(name));
  }

  /** The node of a manager. */
  public static String id(Manager manager) {
    return manager.credentials().identity().nodeId();
  }

  /** How a state has a manager's node. */
  public static Node node(Snapshot snapshot, Manager manager) {
    return snapshot.find(Kind.NODE, id(manager)).orElseThrow();
  }

  /** Waits until a manager's own state is as wanted. */
  public static void await(Manager seen, Predicate<Snapshot> wanted) {
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
