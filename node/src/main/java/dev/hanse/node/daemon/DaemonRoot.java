package dev.hanse.node.daemon;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.file.DirectoryHandle;
import dev.hanse.kernel.file.DirectoryLock;
import dev.hanse.kernel.file.EntryName;
import dev.hanse.kernel.file.FileTree;
import dev.hanse.kernel.file.Mounts;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A directory that a daemon keeps its things in, as somebody who removes them sees it: the path may
 * be mistyped, a link, or have an administrator's disks mounted below. What is in it belongs to the
 * daemon if it has the daemon's mark and a name that the daemon gives.
 */
public final class DaemonRoot {
  private static final Set<String> EXEC_PARTS =
      Set.of(
          DirectoryLock.FILE,
          "containerd",
          "docker.sock",
          "io",
          "mounts",
          "networks",
          "calls",
          "task-files",
          "task-memory",
          "volume-parts");

  private static final Set<String> DATA_PARTS =
      Set.of(
          DirectoryLock.FILE,
          "containerd",
          "engine-id",
          "local-networks",
          "logs",
          "managers",
          "swarm",
          "tasks",
          "volumes");

  /**
   * Where containerd mounts snapshots for a moment; all else in a data root has no mounts of us.
   */
  private static final Set<String> DATA_MOUNTS = Set.of("containerd");

  private final Path given;

  /** Where that leads. */
  private final Path path;

  private final Set<String> parts;
  private final Set<String> withMounts;

  /** The one by which earlier versions' exec roots are known; elsewhere there is none. */
  private final Set<String> marks;

  private DaemonRoot(Path given, Set<String> parts, Set<String> withMounts, Set<String> marks)
      throws IOException {
    this.given = given;
    this.path = Files.isDirectory(given) ? given.toRealPath() : given;
    this.parts = parts;
    this.withMounts = withMounts;
    this.marks = marks;
  }

  /** With what need not survive a reboot. */
  public static DaemonRoot exec(Path given) throws IOException {
    return new DaemonRoot(given, EXEC_PARTS, EXEC_PARTS, Set.of("networks"));
  }

  /** With what must survive it. */
  public static DaemonRoot data(Path given) throws IOException {
    return new DaemonRoot(given, DATA_PARTS, DATA_MOUNTS, Set.of());
  }

  /** Both roots, kept for one process. */
  public record Locks(List<DirectoryLock> held) implements AutoCloseable {
    @Override
    public void close() {
      held.forEach(DirectoryLock::close);
    }
  }

  /** Another process has a root. */
  public static final class InUseException extends IOException {
    private static final long serialVersionUID = 1;

    private InUseException(String message) {
      super(message);
    }
  }

  /**
   * Keeps two existing roots for this process; daemons can share neither.
   *
   * @throws InUseException if another process has one of them; the message is which, and where
   */
  public static Locks lock(Path dataRoot, Path execRoot) throws IOException {
    List<DirectoryLock> held = new ArrayList<>();
    try {
      held.add(lock(dataRoot));
      if (!Files.isSameFile(dataRoot, execRoot)) {
        held.add(lock(execRoot));
      }
      return new Locks(held);
    } catch (IOException | RuntimeException fault) {
      held.forEach(DirectoryLock::close);
      throw fault;
    }
  }

  private static DirectoryLock lock(Path root) throws IOException {
    try {
      return DirectoryLock.acquire(root);
    } catch (KernelException fault) {
      if (fault.errno().equals(Errno.EAGAIN)) {
        throw new InUseException(DirectoryLock.holder(root) + " uses " + root);
      }
      throw fault;
    }
  }

  /** Has a daemon been here? */
  public boolean isMarked() {
    return Files.isRegularFile(path.resolve(DirectoryLock.FILE), LinkOption.NOFOLLOW_LINKS)
        || marks.stream()
            .anyMatch(mark -> Files.isDirectory(path.resolve(mark), LinkOption.NOFOLLOW_LINKS));
  }

  /**
   * Refuses a directory in which things of other programs have the names of ours, such as {@code
   * /run} with the host's containerd.
   */
  public void requireOwn() throws IOException {
    if (isMarked() || !Files.isDirectory(path)) {
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      for (Path entry : entries) {
        if (isPart(entry)) {
          throw new IOException(
              "no daemon has used %s as a root, so %s is somebody else's: nothing was removed"
                  .formatted(given, entry));
        }
      }
    }
  }

  /** Whether what is mounted there was mounted by a daemon, and not by the administrator. */
  public boolean makesMounts(Path target) {
    if (!isMarked() || !target.startsWith(path)) {
      return false;
    }
    Path below = path.relativize(target);
    return withMounts.contains(below.getName(0).toString())
        && (withMounts.equals(parts) || below.getNameCount() > 1);
  }

  /**
   * Removes what the daemon makes, the lock last. What is mounted below stays, with all that is in
   * it; so does the directory itself where it is a link's target or a mount, or others use it.
   *
   * @throws IOException if something of the daemon's could not be removed; the lock is there then
   */
  public void remove(Consumer<String> progress) throws IOException {
    if (!isMarked()) {
      return;
    }
    List<Path> others = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    try (DirectoryHandle root = DirectoryHandle.open(path);
        DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      for (Path entry : entries) {
        if (!isPart(entry)) {
          others.add(entry);
        } else if (!entry.endsWith(DirectoryLock.FILE)) {
          try {
            FileTree.remove(root, EntryName.of(entry.getFileName().toString()));
          } catch (KernelException fault) {
            failed.add(String.valueOf(fault.getMessage()));
          }
        }
      }
    }
    if (!failed.isEmpty()) {
      throw new IOException(String.join("; ", failed));
    }
    Files.deleteIfExists(path.resolve(DirectoryLock.FILE));
    if (!others.isEmpty()) {
      progress.accept("left, since the daemon did not make it: " + others);
    } else if (Files.isSymbolicLink(given) || Mounts.isMounted(path)) {
      progress.accept("emptied " + given);
    } else {
      Files.deleteIfExists(path);
      progress.accept("removed " + given);
    }
  }

  /** Also a record that was not finished, or was set aside. */
  private boolean isPart(Path entry) {
    String name = String.valueOf(entry.getFileName());
    for (String ending : List.of(".tmp", ".broken", ".new")) {
      if (name.endsWith(ending)) {
        return parts.contains(name.substring(0, name.length() - ending.length()));
      }
    }
    return parts.contains(name);
  }
}
