package dev.hanse.node;

import dev.hanse.agent.network.NetworkLoop;
import dev.hanse.health.Health;
import dev.hanse.kernel.file.AdvisoryLock;
import dev.hanse.kernel.file.Mount;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.node.daemon.Daemon;
import dev.hanse.node.daemon.DaemonRoot;
import dev.hanse.node.settings.DaemonSettings;
import dev.hanse.runtime.ContainerRuntime;
import dev.hanse.runtime.containerd.ContainerdProcess;
import dev.hanse.web.HttpListener;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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

  /** Of a file's mode, inode(7). */
  private static final int FILE_TYPE = 0170000;

  private static final int SOCKET = 0140000;

  private final DaemonRoot execRoot;
  private final DaemonRoot dataRoot;
  private final DaemonSettings settings;
  private final Consumer<String> progress;
  private final List<String> faults = new ArrayList<>();
  private List<String> containers = List.of();

  /**
   * Of the daemon with these settings.
   *
   * @param progress told what was removed
   */
  Cleaning(DaemonSettings settings, Consumer<String> progress) throws IOException {
    this.settings = settings;
    this.execRoot = DaemonRoot.exec(settings.execRoot());
    this.dataRoot = DaemonRoot.data(settings.dataRoot());
    this.progress = progress;
  }

  /** A part of the work. */
  @FunctionalInterface
  private interface Part {
    void run() throws IOException, InterruptedException;
  }

  /**
   * Removes everything, and keeps a daemon from starting meanwhile. The roots go last, and only if
   * nothing of what they describe is left: by them the next run finds it.
   *
   * @param data the data root too
   * @return what could not be removed, one sentence each
   * @throws IOException if the daemon runs, or a root is not the daemon's; nothing was removed then
   */
  List<String> run(boolean data) throws IOException, InterruptedException {
    execRoot.requireOwn();
    dataRoot.requireOwn();
    if (!dataRoot.isMarked()) {
      if (execRoot.isMarked()) {
        throw new IOException(
            "%s is not the data root of the daemon that used %s (a file \"lock\" would be in it):"
                    .formatted(settings.dataRoot(), settings.execRoot())
                + " nothing was removed");
      }
      progress.accept(
          "nothing to remove: no daemon has used %s and %s"
              .formatted(settings.dataRoot(), settings.execRoot()));
      return List.of();
    }
    try (DaemonRoot.Locks _ = lock();
        AdvisoryLock _ = Daemon.lockNetwork()) {
      refuseIfAnswered(settings.execRoot().resolve("docker.sock"));
      if (part("containers", () -> removeContainers(data))) {
        part("mounts", this::removeMounts);
      }
      part("networks", this::removeNetworks);
      part("control groups", this::removeControlGroups);
      part("sockets", this::removeSockets);
      if (faults.isEmpty()) {
        part("exec root", () -> execRoot.remove(progress));
      }
      if (data && faults.isEmpty()) {
        part("data root", () -> dataRoot.remove(progress));
      }
    }
    return List.copyOf(faults);
  }

  private boolean part(String name, Part part) throws InterruptedException {
    try {
      part.run();
      return true;
    } catch (IOException | RuntimeException fault) {
      faults.add(name + ": " + Main.describe(fault));
      return false;
    }
  }

  private DaemonRoot.Locks lock() throws IOException {
    // One that was removed is made again while the rest is, and goes then.
    OwnFiles.directory(settings.execRoot(), OwnFiles.PASSAGE);
    try {
      return DaemonRoot.lock(settings.dataRoot(), settings.execRoot());
    } catch (DaemonRoot.InUseException fault) {
      throw new IOException(running(String.valueOf(fault.getMessage())), fault);
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

  private void removeMounts() throws IOException {
    List<Path> left = new ArrayList<>();
    for (Mount mount : Mounts.list()) {
      if (execRoot.makesMounts(mount.target()) || dataRoot.makesMounts(mount.target())) {
        left.add(mount.target());
      }
    }
    left.sort(Comparator.comparingInt(Path::getNameCount).reversed());
    left.forEach(Mounts::unmountTree);
    say(left.size(), "mounts");
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
      if (endpoint instanceof HttpListener.Endpoint.UnixSocket socket
          && isSocket(socket.path())
          && !answers(socket.path())) {
        Files.deleteIfExists(socket.path());
      }
    }
  }

  /** Nothing else is removed, whatever path was typed. */
  private static boolean isSocket(Path path) throws IOException {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && ((Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & FILE_TYPE)
            == SOCKET;
  }

  private void say(int count, String what) {
    Optional.of(count)
        .filter(some -> some > 0)
        .ifPresent(some -> progress.accept("removed " + some + " " + what));
  }
}
