package dev.hanse.agent.mount;

import com.google.protobuf.ByteString;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.text.Form;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files made for tasks that live in memory only: secrets, configs, /etc/hosts, /etc/hostname,
 * /etc/resolv.conf. Each task has a tmpfs of its own, as large as what is assigned to it and {@link
 * #GROWTH_BYTES}: a container may write to some of its files, and then only fills what is its own.
 * Each file is mounted by itself into the container. The tmpfs stays when the daemon ends, so that
 * adopted containers keep theirs.
 */
public final class TaskFiles {
  /** How much a container may add to its files. */
  static final long GROWTH_BYTES = 1 << 20;

  private static final long PAGE_BYTES = 4096;
  private static final Form TASK_ID = Form.of("[A-Za-z0-9]+", 64);
  private static final Set<Mounts.Flag> FLAGS =
      Set.of(Mounts.Flag.NO_SET_USER_ID, Mounts.Flag.NO_DEVICES, Mounts.Flag.NO_EXECUTION);
  private static final Logger LOG = LoggerFactory.getLogger(TaskFiles.class);

  private final Path directory;
  private final SharedTaskFiles former;

  private TaskFiles(Path directory, SharedTaskFiles former) {
    this.directory = directory;
    this.former = former;
  }

  /** Files below the run directory. */
  public static TaskFiles in(Path runDirectory) throws IOException {
    Path directory = runDirectory.resolve("task-memory");
    OwnFiles.directory(directory);
    return new TaskFiles(directory, new SharedTaskFiles(runDirectory.resolve("task-files")));
  }

  /**
   * Writes the files of a task that has no container yet, in place of those of an earlier try.
   *
   * @throws IOException when a file is refused
   * @throws dev.hanse.kernel.KernelException when the mount is
   */
  public void write(String taskId, List<TaskFile> files) throws IOException {
    remove(taskId);
    Path place = place(taskId);
    OwnFiles.directory(place);
    // One for the directory itself: a container cannot make files here, nor large attributes.
    Mounts.tmpfs(place, bytesMax(files), files.size() + 1, OwnFiles.OWNER, FLAGS);
    try {
      for (TaskFile file : files) {
        write(place.resolve(file.name()), file);
      }
    } catch (IOException | RuntimeException fault) {
      remove(taskId);
      throw fault;
    }
  }

  private static long bytesMax(List<TaskFile> files) {
    long bytes = GROWTH_BYTES;
    for (TaskFile file : files) {
      bytes += (file.content().size() + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    }
    return bytes;
  }

  private static void write(Path path, TaskFile file) throws IOException {
    OwnFiles.create(path);
    try (FileChannel channel = OwnFiles.existing(path, StandardOpenOption.WRITE)) {
      writeAll(channel, file.content());
    }
    Files.setAttribute(path, "unix:uid", file.owner().user());
    Files.setAttribute(path, "unix:gid", file.owner().group());
    Files.setAttribute(path, "unix:mode", file.mode() & 07777);
  }

  private static void writeAll(FileChannel channel, ByteString content) throws IOException {
    for (ByteBuffer piece : content.asReadOnlyByteBufferList()) {
      while (piece.hasRemaining()) {
        channel.write(piece);
      }
    }
  }

  /** Where a file of a task is on the host. */
  public Path path(String taskId, String name) throws IOException {
    return place(taskId).resolve(name);
  }

  /**
   * Gives a file that a container sees another content. Nothing happens when the task has no such
   * file (its container was made by an earlier version); that the container has left no room for it
   * is that container's loss alone.
   */
  public void rewrite(String taskId, String name, ByteString content) throws IOException {
    Path file = path(taskId, name);
    if (!Files.exists(file) || hasContent(file, content)) {
      return;
    }
    try (FileChannel channel =
        OwnFiles.existing(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
      writeAll(channel, content);
    } catch (IOException full) {
      LOG.warn("could not write {} of task {}: {}", name, taskId, full.getMessage());
    }
  }

  private static boolean hasContent(Path file, ByteString content) throws IOException {
    // The container may write to it meanwhile, and make it as long as it likes: sparse.
    try (InputStream present = Files.newInputStream(file)) {
      return ByteString.copyFrom(present.readNBytes(content.size() + 1)).equals(content);
    }
  }

  /** Gives back a task's files; nothing happens when it has none. */
  public void remove(String taskId) throws IOException {
    former.remove(taskId);
    Path place = place(taskId);
    if (!Files.isDirectory(place)) {
      return;
    }
    while (isMounted(place)) {
      Mounts.unmount(place);
    }
    try (Stream<Path> files = Files.list(place)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(place);
  }

  /** Another file system than the directory above: no need to read the table of all mounts. */
  private static boolean isMounted(Path place) throws IOException {
    return !Files.getAttribute(place, "unix:dev")
        .equals(Files.getAttribute(place.resolveSibling("."), "unix:dev"));
  }

  /** Gives back the files of all other tasks. */
  public void keepOnly(Set<String> taskIds) throws IOException {
    for (String taskId : present()) {
      if (!taskIds.contains(taskId)) {
        remove(taskId);
      }
    }
  }

  /** The tasks that have files here. */
  public Set<String> present() throws IOException {
    Set<String> present = new TreeSet<>(former.present());
    try (Stream<Path> entries = Files.list(directory)) {
      entries.forEach(entry -> present.add(String.valueOf(entry.getFileName())));
    }
    return present;
  }

  private Path place(String taskId) throws IOException {
    if (!TASK_ID.fits(taskId)) {
      throw new IOException("not a task id: " + taskId);
    }
    return directory.resolve(taskId);
  }
}
