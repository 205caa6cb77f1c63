package dev.hanse.node;

import dev.hanse.agent.network.NetworkLoop;
import dev.hanse.health.Health;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.file.DirectoryLock;
import dev.hanse.kernel.file.Mount;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.runtime.ContainerRuntime;
import dev.hanse.runtime.containerd.ContainerdProcess;
import dev.hanse.web.HttpListener;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Removes what a daemon that does not run any more has left: found by what it is, so that it does
 * not matter how the daemon ended. One part that fails does not keep the others.
 */
final class Cleaning {
  private static final Path CONTROL_GROUPS = Path.of("/sys/fs/cgroup");
  private static final String CONTROL_GROUP = "hanse";

  /** What the daemon makes in its exec root. */
  private static final Set<String> EXEC_PARTS =
      Set.of(
          "containerd",
          "docker.sock",
          "io",
          "mounts",
          "networks",
          "task-files",
          "task-memory",
          "volume-parts");

  /** What it makes in its data root. */
  private static final Set<String> DATA_PARTS =
      Set.of(
          "containerd",
          "engine-id",
          "local-networks",
          "lock",
          "logs",
          "managers",
          "swarm",
          "tasks",
          "volumes");

  private final DaemonSettings settings;
  private final Consumer<String> progress;
  private final List<String> faults = new ArrayList<>();
  private List<String> containers = List.of();

  /**
   * Of the daemon with these settings.
   *
   * @param progress told what was removed
   */
  Cleaning(DaemonSettings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /** A part of the work. */
  @FunctionalInterface
  private interface Part {
    void run() throws IOException, InterruptedException;
  }

  /**
   * Removes everything, and keeps a daemon from starting meanwhile.
   *
   * @param data the data root too
   * @return what could not be removed, one sentence each
   * @throws IOException if the daemon runs; nothing was removed then
   */
  List<String> run(boolean data) throws IOException, InterruptedException {
    boolean hasData = Files.isDirectory(settings.dataRoot());
    try (AutoCloseable lock = hasData ? lock() : () -> {}) {
      refuseIfAnswered(settings.execRoot().resolve("docker.sock"));
      part("containers", () -> removeContainers(data));
      part("networks", this::removeNetworks);
      part("mounts", this::removeMounts);
      part("control groups", this::removeControlGroups);
      part("sockets", this::removeSockets);
      part("exec root", () -> removeParts(settings.execRoot(), EXEC_PARTS));
      if (data) {
        part("data root", () -> removeParts(settings.dataRoot(), DATA_PARTS));
      }
    } catch (IOException | InterruptedException | RuntimeException fault) {
      throw fault;
    } catch (Exception impossible) {
      throw new IllegalStateException("a lock is always given back", impossible);
    }
    return List.copyOf(faults);
  }

  private void part(String name, Part part) throws InterruptedException {
    try {
      part.run();
    } catch (IOException | RuntimeException fault) {
      faults.add(name + ": " + Main.describe(fault));
    }
  }

  private DirectoryLock lock() throws IOException {
    try {
      return DirectoryLock.acquire(settings.dataRoot());
    } catch (KernelException fault) {
      if (fault.errno().equals(Errno.EAGAIN)) {
        String process = Files.readString(settings.dataRoot().resolve("lock")).strip();
        throw new IOException(running("process " + process), fault);
      }
      throw fault;
    }
  }

  private static void refuseIfAnswered(Path socket) throws IOException {
    if (answers(socket)) {
      throw new IOException(running("it answers at " + socket));
    }
  }

  private static String running(String which) {
    return "the daemon runs (" + which + "): stop it first; nothing was removed";
  }

  private static boolean answers(Path socket) {
    if (!Files.exists(socket)) {
      return false;
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException nobody) {
      return false;
    }
  }

  private void removeContainers(boolean data) throws IOException, InterruptedException {
    ContainerdProcess containerd;
    try (ContainerRuntime runtime = ContainerRuntime.open(Daemon.runtimeSettings(settings))) {
      containerd = runtime.containerd();
      containers = runtime.removeAllContainers();
      say(containers.size(), "containers");
      if (data && containerd.process().isEmpty()) {
        runtime.removeNamespace(); // Of one of our own the files are removed.
      }
    }
    // Not before the runtime is closed, which would bring it up again.
    if (containerd.stop()) {
      progress.accept("stopped containerd");
    }
  }

  private void removeNetworks() throws IOException, InterruptedException {
    NetworkLoop networks = NetworkLoop.start(Daemon.networkSettings(settings, new Health()));
    try {
      networks.keepOnly(Set.of());
    } finally {
      networks.closeAndRemove();
    }
    progress.accept("removed networks and packet rules");
  }

  private void removeMounts() {
    List<Path> left =
        Mounts.list().stream()
            .map(Mount::target)
            .filter(
                target ->
                    target.startsWith(settings.execRoot())
                        || target.startsWith(settings.dataRoot()))
            .sorted(Comparator.comparingInt(Path::getNameCount).reversed())
            .toList();
    left.stream().filter(target -> !isOwn(target)).forEach(Mounts::unmountTree);
    say(left.size(), "mounts");
  }

  /** A disk of the administrator's. */
  private boolean isOwn(Path target) {
    return target.equals(settings.execRoot()) || target.equals(settings.dataRoot());
  }

  /** Of the containers, and the one that they are in if no other daemon has containers there. */
  private void removeControlGroups() throws IOException {
    List<Path> parents = new ArrayList<>(List.of(CONTROL_GROUPS.resolve(CONTROL_GROUP)));
    try (DirectoryStream<Path> hierarchies = Files.newDirectoryStream(CONTROL_GROUPS)) {
      hierarchies.forEach(hierarchy -> parents.add(hierarchy.resolve(CONTROL_GROUP)));
    }
    for (Path parent : parents) {
      if (Files.isDirectory(parent)) {
        for (String container : containers) {
          Files.deleteIfExists(parent.resolve(container));
        }
        deleteIfUnused(parent);
      }
    }
  }

  private static void deleteIfUnused(Path group) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(group)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry)) {
          return;
        }
      }
    }
    Files.deleteIfExists(group);
  }

  private void removeSockets() throws IOException {
    for (HttpListener.Endpoint endpoint : settings.endpoints()) {
      if (endpoint instanceof HttpListener.Endpoint.UnixSocket socket && !answers(socket.path())) {
        Files.deleteIfExists(socket.path());
      }
    }
  }

  /** Only what the daemon makes: a path that was mistyped is not swept away. */
  private void removeParts(Path root, Set<String> parts) throws IOException {
    if (!Files.isDirectory(root)) {
      return;
    }
    List<Path> others = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
      for (Path entry : entries) {
        if (parts.contains(withoutEnding(entry))) {
          Directories.deleteTree(entry);
        } else {
          others.add(entry);
        }
      }
    }
    if (others.isEmpty()) {
      delete(root);
      progress.accept("removed " + root);
    } else {
      progress.accept("left, since the daemon did not make it: " + others);
    }
  }

  /** A record that was not finished, or was set aside. */
  private static String withoutEnding(Path entry) {
    String name = String.valueOf(entry.getFileName());
    for (String ending : List.of(".tmp", ".broken", ".new")) {
      if (name.endsWith(ending)) {
        return name.substring(0, name.length() - ending.length());
      }
    }
    return name;
  }

  private static void delete(Path root) throws IOException {
    try {
      Files.deleteIfExists(root);
    } catch (DirectoryNotEmptyException filled) {
      throw new IOException(root + " was filled meanwhile", filled);
    }
  }

  private void say(int count, String what) {
    Optional.of(count)
        .filter(some -> some > 0)
        .ifPresent(some -> progress.accept("removed " + some + " " + what));
  }
}
