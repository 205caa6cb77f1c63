package dev.hanse.node.daemon;

import dev.hanse.agent.Agent;
import dev.hanse.agent.AgentSettings;
import dev.hanse.agent.NodeWorkload;
import dev.hanse.agent.network.NetworkLoop;
import dev.hanse.agent.network.NetworkSettings;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.docker.DockerApi;
import dev.hanse.docker.DockerSettings;
import dev.hanse.docker.engine.Engine;
import dev.hanse.docker.events.EventHub;
import dev.hanse.health.Health;
import dev.hanse.health.UncaughtFaults;
import dev.hanse.kernel.file.AdvisoryLock;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.model.Task;
import dev.hanse.node.membership.SwarmMember;
import dev.hanse.node.settings.ContainerdChoice;
import dev.hanse.node.settings.DaemonSettings;
import dev.hanse.runtime.ContainerRuntime;
import dev.hanse.runtime.RuntimeSettings;
import dev.hanse.web.HttpListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running node: its parts, wired by hand, started in the order of {@link #start} and stopped in
 * the opposite order. Stopping leaves the containers running.
 */
public final class Daemon implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
  private static final Path DEFAULT_DATA_ROOT = Path.of("/var/lib/hanse");
  private static final String NAMESPACE = "hanse";
  private static final Duration ALIVE_WITHIN = Duration.ofSeconds(10);

  /** What earlier versions left open, and what a containerd that still runs has there. */
  private static final List<String> PARTS_OF_EXEC_ROOT =
      List.of("containerd", "io", "networks", "task-files");

  /** For programs of any user, as in Docker, unless it is below the exec root. */
  private static final int PROCESS_ID_FILE = 0644;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /** One for all that runs in this process. */
  private final Health health = new Health();

  private Daemon() {}

  /**
   * Starts all parts; when one cannot start, those before it are stopped again.
   *
   * @throws IOException with a message that says what is in the way and what to do
   */
  public static Daemon start(DaemonSettings settings) throws IOException, InterruptedException {
    Daemon daemon = new Daemon();
    try {
      daemon.startParts(settings);
      return daemon;
    } catch (IOException | InterruptedException | RuntimeException fault) {
      daemon.close();
      throw fault;
    }
  }

  private void startParts(DaemonSettings settings) throws IOException, InterruptedException {
    started(UncaughtFaults.install(health));
    // Nothing below is for the host's other users; the API's socket may be below the exec root.
    OwnFiles.directory(settings.dataRoot(), OwnFiles.GROUP_PASSAGE);
    OwnFiles.directory(settings.execRoot(), OwnFiles.PASSAGE);
    for (String part : PARTS_OF_EXEC_ROOT) {
      OwnFiles.close(settings.execRoot().resolve(part), OwnFiles.OWNER);
    }
    OwnFiles.directory(callsDirectory(settings), OwnFiles.OWNER);
    started(DaemonRoot.lock(settings.dataRoot(), settings.execRoot()));
    started(lockNetwork());
    started(DataDisk.watch(health, settings.dataRoot()));
    started(OpenFiles.watch(health));
    if (settings.pidFile().isPresent()) {
      started(writePidFile(settings.pidFile().get(), settings.execRoot()));
    }
    // containerd takes a while to come up, and the first native calls take a while to prepare.
    NetworkSettings network = networkSettings(settings, health);
    Meanwhile<NetworkLoop> networksStarting =
        started(Meanwhile.start("networks' start", () -> NetworkLoop.start(network)));
    ContainerRuntime runtime =
        started(ContainerRuntime.open(runtimeSettings(settings).withHealth(health)));
    NetworkLoop networks = networksStarting.await();
    Agent agent = started(Agent.start(agentSettings(settings, health), runtime, networks));
    EventHub events = new EventHub();
    Engine engine = started(new Engine(runtime, agent, events, health));
    SwarmMember member = started(new SwarmMember(settings, agent, networks, health));
    member.resume();
    DockerApi api =
        started(
            DockerApi.start(
                apiSettings(settings, health), member, engine, () -> tasksOf(agent), events));
    agent.answerAt(api.managersDoor());
    member.onManager(api::follow);
    LOG.info("hanse {} answers on {}", Version.PROGRAM, settings.endpoints());
  }

  /**
   * Whether a new start of this process would make nothing better: no vital thread is lost, and
   * virtual threads get to run. What is wrong with the node itself does not count here: containerd
   * does not come back because this process is killed.
   */
  public boolean isAlive() {
    return isAlive(health);
  }

  public static boolean isAlive(Health health) {
    return !health.report().needsNewProcess() && virtualThreadsRun();
  }

  /**
   * The API, the sessions and the tasks' steps are nothing else. Bounded by {@link #ALIVE_WITHIN}.
   */
  private static boolean virtualThreadsRun() {
    CountDownLatch ran = new CountDownLatch(1);
    Thread.ofVirtual().name("alive").start(ran::countDown);
    try {
      return ran.await(ALIVE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Links, packet rules and ports are the namespace's: two daemons would undo each other's. */
  public static AdvisoryLock lockNetwork() throws IOException {
    return NetworkNamespace.current()
        .lock()
        .orElseThrow(
            () ->
                new IOException(
                    "another daemon of Hanse has the networks of this host: there is one for each"
                        + " network namespace. 'hanse lab up' makes hosts on one machine"));
  }

  private <T extends AutoCloseable> T started(T part) {
    parts.push(part);
    return part;
  }

  private static AutoCloseable writePidFile(Path file, Path execRoot) throws IOException {
    OwnFiles.write(
        file,
        (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII),
        file.toAbsolutePath().startsWith(execRoot) ? OwnFiles.OWNER_FILE : PROCESS_ID_FILE);
    return () -> Files.deleteIfExists(file);
  }

  /** What the container runtime is told. */
  public static RuntimeSettings runtimeSettings(DaemonSettings settings) throws IOException {
    RuntimeSettings runtime =
        RuntimeSettings.of(
                settings.dataRoot().resolve("containerd"),
                settings.execRoot(),
                containerdNamespace(settings.dataRoot()))
            .withRegistries(settings.insecureRegistries(), List.of());
    return switch (settings.containerd()) {
      case ContainerdChoice.HostElsePrivate() -> runtime;
      case ContainerdChoice.Private() -> runtime.withPrivateContainerd();
      case ContainerdChoice.Socket(Path socket) -> runtime.withHostSocket(existing(socket));
    };
  }

  private static Path existing(Path socket) throws IOException {
    if (!Files.exists(socket)) {
      throw new IOException(
          "--containerd " + socket + ": no such socket; is that containerd running?");
    }
    return socket;
  }

  /** Several daemons may share one containerd: each has a namespace of its own in it. */
  private static String containerdNamespace(Path dataRoot) {
    if (dataRoot.equals(DEFAULT_DATA_ROOT)) {
      return NAMESPACE;
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(dataRoot.toString().getBytes(StandardCharsets.UTF_8));
      return NAMESPACE + "-" + HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-256", missing);
    }
  }

  /** What the networks are told. */
  public static NetworkSettings networkSettings(DaemonSettings settings, Health health)
      throws IOException {
    List<InetAddress> resolvers =
        settings.resolvers().stream().map(InetAddress::ofLiteral).toList();
    return new NetworkSettings(
        NetworkNamespace.current(),
        settings.execRoot().resolve("networks"),
        Optional.empty(),
        NetworkSettings.DEFAULT_REPAIR_INTERVAL,
        Path.of("/etc/resolv.conf"),
        resolvers,
        apiPorts(settings),
        health);
  }

  private static Set<Integer> apiPorts(DaemonSettings settings) {
    return settings.endpoints().stream()
        .flatMap(
            endpoint ->
                switch (endpoint) {
                  case HttpListener.Endpoint.UnixSocket _ -> Stream.<Integer>empty();
                  case HttpListener.Endpoint.PlainTcp(InetSocketAddress address) ->
                      Stream.of(address.getPort());
                  case HttpListener.Endpoint.MutualTls tls -> Stream.of(tls.address().getPort());
                })
        .collect(Collectors.toUnmodifiableSet());
  }

  private static AgentSettings agentSettings(DaemonSettings settings, Health health) {
    return new AgentSettings(
        settings.dataRoot(),
        settings.execRoot(),
        settings.hostname(),
        Version.PROGRAM,
        Map.of(),
        settings.genericResources(),
        health);
  }

  private static Path callsDirectory(DaemonSettings settings) {
    return settings.execRoot().resolve("calls");
  }

  private static DockerSettings apiSettings(DaemonSettings settings, Health health)
      throws IOException {
    return new DockerSettings(
        settings.endpoints(),
        Version.PROGRAM,
        EngineId.of(settings.dataRoot()),
        settings.hostname(),
        settings.dataRoot(),
        callsDirectory(settings),
        List.of(),
        settings.insecureRegistries(),
        health);
  }

  private static List<Task> tasksOf(Agent agent) {
    return agent.workloads().stream()
        .map(NodeWorkload::workload)
        .flatMap(workload -> SwarmWorkloads.task(workload).stream())
        .toList();
  }

  /** Stops what was started, the last first; a part that fails to stop does not keep the others. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception fault) {
        LOG.warn("stopping {}", part.getClass().getSimpleName(), fault);
      }
    }
  }
}
