package dev.hanse.runtime.containerd;

import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.kernel.process.Priority;
import dev.hanse.kernel.process.Supervisor;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.RuntimeSettings;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containerd that this node uses: the host's if its socket answers, else a private one that is
 * started here in a session of its own, so that it (and every container) outlives the daemon. A
 * private one that still runs is used again.
 */
public final class ContainerdProcess {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerdProcess.class);
  private static final int SOCKET_PATH_MAX = 100;
  private static final long LOG_BYTES_MAX = 8 << 20;
  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final long PROBE_MILLIS = 10;
  private static final Path HOST_DATA = Path.of("/var/lib/containerd");

  private final RuntimeSettings settings;
  private final Optional<Path> hostSocket;
  private volatile @Nullable Process started;
  private final ReentrantLock starting = new ReentrantLock();

  private ContainerdProcess(RuntimeSettings settings, Optional<Path> hostSocket) {
    this.settings = settings;
    this.hostSocket = hostSocket;
  }

  /**
   * Finds or starts a containerd that answers.
   *
   * @throws RuntimeFault NOT_INSTALLED, UNAVAILABLE or INVALID
   */
  public static ContainerdProcess find(RuntimeSettings settings) {
    Optional<Path> host = settings.hostSocket().filter(ContainerdProcess::answers);
    if (host.isPresent()) {
      LOG.info("using the containerd at {}", host.get());
      return new ContainerdProcess(settings, host);
    }
    var own = new ContainerdProcess(settings, Optional.empty());
    own.ensureRunning();
    return own;
  }

  /** Where it listens. */
  public Path socket() {
    return hostSocket.orElseGet(() -> directory().resolve("containerd.sock"));
  }

  /** The disk that its images go to: for the host's, where every distribution has them. */
  public DiskRoom disk() {
    boolean known = hostSocket.isPresent() && Files.isDirectory(HOST_DATA);
    return new DiskRoom(known ? HOST_DATA : settings.dataDirectory());
  }

  /** File with the process id of a private containerd, for who wants to stop it. */
  public static Path processIdFile(RuntimeSettings settings) {
    return settings.execDirectory().resolve("containerd").resolve("containerd.pid");
  }

  /** Process id of the private containerd, if there is one and it runs. */
  public Optional<ProcessHandle> process() {
    if (hostSocket.isPresent()) {
      return Optional.empty();
    }
    try {
      String text = Files.readString(processIdFile(settings)).strip();
      return ProcessHandle.of(Long.parseLong(text)).filter(this::isOurs);
    } catch (IOException | NumberFormatException absent) {
      return Optional.empty();
    }
  }

  /**
   * The number in the file may stand for another process since, or for one that is dead and not yet
   * forgotten by its parent, whose command line is empty.
   */
  private boolean isOurs(ProcessHandle process) {
    try {
      String command = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
      return command.contains(configurationFile().toString());
    } catch (IOException gone) {
      return false;
    }
  }

  /**
   * Ends the private containerd, which does not end the containers.
   *
   * @return whether there was one
   * @throws IOException if it does not end, even killed
   */
  public boolean stop() throws IOException {
    Optional<ProcessHandle> running = process();
    if (running.isEmpty()) {
      return false;
    }
    ProcessHandle containerd = running.get();
    containerd.destroy();
    try {
      if (!ends(containerd)) {
        containerd.destroyForcibly();
        if (!ends(containerd)) {
          throw new IOException("process " + containerd.pid() + " of containerd does not end");
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while containerd ends", interrupted);
    }
    return true;
  }

  private static boolean ends(ProcessHandle process) throws InterruptedException {
    try {
      process.onExit().get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException stays) {
      return !process.isAlive();
    }
  }

  /**
   * Starts the private containerd if it does not answer; waits until it does. The host's is only
   * waited for: it is not ours to start.
   */
  public void ensureRunning() {
    starting.lock();
    try {
      if (answers(socket())) {
        return;
      }
      if (hostSocket.isEmpty()) {
        start();
      }
      awaitAnswer();
    } catch (IOException failure) {
      throw new RuntimeFault(
          RuntimeFault.Kind.UNAVAILABLE,
          "starting containerd in " + directory() + ": " + failure.getMessage(),
          failure);
    } finally {
      starting.unlock();
    }
  }

  private void start() throws IOException {
    Path program = require("containerd");
    require("runc");
    if (socket().toString().length() > SOCKET_PATH_MAX) {
      throw new RuntimeFault(
          RuntimeFault.Kind.INVALID,
          "the exec directory's path is too long for a socket (at most "
              + SOCKET_PATH_MAX
              + " characters with /containerd/containerd.sock): "
              + settings.execDirectory());
    }
    OwnFiles.directory(directory());
    OwnFiles.directory(settings.dataDirectory());
    if (process().isPresent()) {
      // It runs and does not answer yet: another start of this daemon was cut short.
      return;
    }
    Path configuration = configurationFile();
    OwnFiles.write(configuration, configuration());
    Path log = settings.dataDirectory().resolve("containerd.log");
    if (Files.exists(log) && Files.size(log) > LOG_BYTES_MAX) {
      Files.delete(log);
    }
    // Containers inherit its nice value, by way of their shims.
    ProcessBuilder builder =
        new ProcessBuilder(
            Priority.ordinary(
                List.of(
                    require("setsid").toString(),
                    program.toString(),
                    "--config",
                    configuration.toString(),
                    "--log-level",
                    "warn")));
    builder.environment().keySet().removeAll(Supervisor.VARIABLES);
    builder.environment().put("PATH", Programs.searchPath());
    builder.redirectErrorStream(true);
    builder.redirectOutput(OwnFiles.appending(log));
    Process process = builder.start();
    started = process;
    process.getOutputStream().close();
    OwnFiles.write(processIdFile(settings), Long.toString(process.pid()));
    LOG.info("started containerd, process {}, log {}", process.pid(), log);
  }

  /** Asked of a child of this process where there is one: while it execs it has no command line. */
  private boolean isAlive() {
    Process child = started;
    return child != null ? child.isAlive() : process().isPresent();
  }

  private void awaitAnswer() {
    long end = System.nanoTime() + START_TIMEOUT.toNanos();
    while (!answers(socket())) {
      boolean dead = hostSocket.isEmpty() && !isAlive();
      if (dead || System.nanoTime() > end) {
        throw new RuntimeFault(
            RuntimeFault.Kind.UNAVAILABLE,
            "containerd at "
                + socket()
                + (dead ? " ended at its start" : " does not answer")
                + (hostSocket.isPresent()
                    ? ""
                    : "; see " + settings.dataDirectory().resolve("containerd.log")));
      }
      try {
        Thread.sleep(PROBE_MILLIS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new RuntimeFault(RuntimeFault.Kind.UNAVAILABLE, "interrupted", interrupted);
      }
    }
  }

  private Path configurationFile() {
    return directory().resolve("config.toml");
  }

  private Path directory() {
    return settings.execDirectory().resolve("containerd");
  }

  /**
   * Nothing that containers do not need: it starts in a fraction of a second. (The old runtime.v1
   * plugin stays: version 1.6 does not offer its task service without it.)
   */
  private String configuration() {
    return """
        version = 2
        root = "%s"
        state = "%s"
        disabled_plugins = [
          "io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt",
          "io.containerd.internal.v1.restart", "io.containerd.internal.v1.tracing",
          "io.containerd.tracing.processor.v1.otlp", "io.containerd.nri.v1.nri",
          "io.containerd.snapshotter.v1.aufs",
          "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
          "io.containerd.snapshotter.v1.native", "io.containerd.snapshotter.v1.zfs"]

        [grpc]
          address = "%s"
        """
        .formatted(
            settings.dataDirectory().resolve("containerd"), directory().resolve("state"), socket());
  }

  private static Path require(String program) {
    return Programs.find(program)
        .orElseThrow(
            () ->
                new RuntimeFault(
                    RuntimeFault.Kind.NOT_INSTALLED,
                    program
                        + " is not installed; on Debian: apt-get install containerd runc"
                        + " (searched "
                        + Programs.searchPath()
                        + ")"));
  }

  private static boolean answers(Path socket) {
    if (!Files.exists(socket)) {
      return false;
    }
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException refused) {
      return false;
    }
  }
}
