package dev.hanse.node;

import dev.hanse.node.daemon.Daemon;
import dev.hanse.node.settings.ContainerdChoice;
import dev.hanse.node.settings.DaemonSettings;
import dev.hanse.node.settings.NodeResources;
import dev.hanse.node.settings.Precedence;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hanse daemon}: the process that runs on every host. */
@Command(
    name = "daemon",
    description = {
      "Runs a node: the Docker Engine API on a socket and, once the node is in a swarm, the agent",
      "and, on managers, the control plane. Ends on SIGTERM, SIGINT or SIGHUP;",
      "containers go on running."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DaemonCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(DaemonCommand.class);
  private static final long HEAP_LOOK_S = 5;

  @Option(
      names = "--data-root",
      description = "State that survives a reboot (default: ${DEFAULT-VALUE})",
      defaultValue = "/var/lib/hanse")
  Path dataRoot = Path.of("/var/lib/hanse");

  @Option(
      names = "--exec-root",
      description = "Sockets, namespaces and pipes (default: ${DEFAULT-VALUE})",
      defaultValue = "/run/hanse")
  Path execRoot = Path.of("/run/hanse");

  @Option(
      names = {"-H", "--host"},
      paramLabel = "ADDRESS",
      description = {
        "Where the Docker Engine API listens, may be repeated: unix:///path,",
        "tcp://address:2376 (with --tls-dir) or tcp://address:2375 (with --insecure-tcp);",
        "default: unix://EXEC-ROOT/docker.sock"
      })
  List<String> hosts = new ArrayList<>();

  @Option(
      names = "--tls-dir",
      description = "Directory with ca.pem, cert.pem and key.pem for tcp:// hosts")
  @Nullable Path tlsDirectory;

  @Option(
      names = "--insecure-tcp",
      description = "Allow tcp:// hosts without TLS: whoever reaches the port is root here")
  boolean insecureTcp;

  @Option(
      names = "--containerd",
      paramLabel = "SOCKET",
      description = {
        "containerd to use, or \"private\" for one of the daemon's own;",
        "default: the host's if it answers, else a private one"
      })
  @Nullable String containerd;

  @Option(
      names = {"-p", "--pidfile"},
      description = "Write the process id here")
  @Nullable Path pidFile;

  @Option(names = "--hostname", description = "Name of this node; default: the host's name")
  @Nullable String hostname;

  @Option(
      names = "--node-address",
      paramLabel = "ADDRESS",
      description = {
        "Address or interface to advertise when swarm init or join name none,",
        "and when the machine no longer has the address named then"
      })
  @Nullable String nodeAddress;

  @Option(
      names = "--dns",
      paramLabel = "ADDRESS",
      description = "DNS server for names outside the cluster; default: the host's")
  List<String> resolvers = new ArrayList<>();

  @Option(
      names = "--insecure-registry",
      paramLabel = "HOST[:PORT]",
      description = "Speak plain HTTP to this registry (loopback ones need no flag)")
  List<String> insecureRegistries = new ArrayList<>();

  @Option(
      names = "--node-generic-resource",
      paramLabel = "KIND=VALUE",
      description = {
        "What this node has besides processors and memory, may be repeated: GPU=UUID1 names one,",
        "SSD=3 counts; services reserve it with --generic-resource GPU=1"
      })
  List<String> genericResources = new ArrayList<>();

  @Option(
      names = "--nice",
      paramLabel = "NUMBER",
      description = {
        "Nice value of the daemon, not of containers, -20 to 19;",
        "default: -10, unless it was started with another than 0"
      })
  @Nullable Integer nice;

  @Option(
      names = "--oom-score-adjust",
      paramLabel = "NUMBER",
      description = {
        "When memory is short: -1000 (never killed) to 1000, not for containers;",
        "default: -500, unless it was started with another than 0"
      })
  @Nullable Integer oomScore;

  @Option(
      names = {"-l", "--log-level"},
      description = "error, warn, info, debug or trace (default: ${DEFAULT-VALUE})",
      defaultValue = "info")
  LogLevel logLevel = LogLevel.INFO;

  /** How much the daemon writes to its standard error. */
  enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Logging.configure(logLevel);
    DaemonSettings settings = settings();
    requireNamed("--data-root", dataRoot);
    requireNamed("--exec-root", execRoot);
    settings.precedence().take();
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    AtomicInteger status = new AtomicInteger(1);
    try (Daemon daemon = Daemon.start(settings);
        ServiceState service = ServiceState.ofProcess(daemon::isAlive)) {
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .name("shutdown")
                  .unstarted(
                      () -> {
                        stop.countDown();
                        if (awaitEnd(stopped)) {
                          // Java's own status after a signal is 128 and more: a failure.
                          Runtime.getRuntime().halt(status.get());
                        }
                      }));
      service.ready();
      HeapKeeper heap = new HeapKeeper(HeapKeeper.used());
      while (!stop.await(HEAP_LOOK_S, TimeUnit.SECONDS)) {
        heap.look();
      }
      LOG.info("told to end; containers go on running");
      status.set(0);
    } finally {
      // Not the end of the main thread: that one then waits in System.exit for the hooks to end.
      stopped.countDown();
    }
    return 0;
  }

  /** An empty one, as of a variable that is not set, would be the working directory. */
  static void requireNamed(String option, Path root) throws IOException {
    if (root.toString().isEmpty()) {
      throw new IOException(option + " is empty: it must name a directory");
    }
  }

  private static boolean awaitEnd(CountDownLatch stopped) {
    try {
      // Bounded, so that a hanging stop does not outlive the patience of whoever sent the signal.
      if (stopped.await(15, TimeUnit.SECONDS)) {
        return true;
      }
      System.err.println("hanse: the stop takes too long, leaving");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  DaemonSettings settings() throws IOException {
    List<String> listeners = new ArrayList<>(hosts);
    if (listeners.isEmpty()) {
      listeners.add("unix://" + execRoot.toAbsolutePath().resolve("docker.sock"));
    }
    return new DaemonSettings(
        dataRoot.toAbsolutePath(),
        execRoot.toAbsolutePath(),
        Listeners.parse(listeners, Optional.ofNullable(tlsDirectory), insecureTcp),
        ContainerdChoice.parse(Optional.ofNullable(containerd)),
        Optional.ofNullable(pidFile).map(Path::toAbsolutePath),
        hostname != null ? hostname : hostOfMachine(),
        Optional.ofNullable(nodeAddress),
        List.copyOf(resolvers),
        List.copyOf(insecureRegistries),
        NodeResources.parse(genericResources),
        new Precedence(optional(nice), optional(oomScore)));
  }

  private static OptionalInt optional(@Nullable Integer number) {
    return number == null ? OptionalInt.empty() : OptionalInt.of(number);
  }

  private static String hostOfMachine() throws UnknownHostException {
    Path name = Path.of("/proc/sys/kernel/hostname");
    try {
      return Files.readString(name).trim();
    } catch (IOException notLinux) {
      return InetAddress.getLocalHost().getHostName();
    }
  }
}
