package dev.hanse.agent.mount;

import com.google.protobuf.ByteString;
import dev.hanse.kernel.file.Mounts;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Files made for tasks that live in memory only: secrets, configs, /etc/hosts, /etc/hostname. One
 * tmpfs holds them for all tasks, a directory per task; each file is mounted by itself into its
 * container. It stays when the daemon ends, so that adopted containers keep theirs.
 */
public final class TaskFiles {
  // Only what is used takes memory: 500 kB each for a few thousand secrets.
  private static final long BYTES_MAX = 2L << 30;
  private static final Set<Mounts.Flag> FLAGS =
      Set.of(Mounts.Flag.NO_SET_USER_ID, Mounts.Flag.NO_DEVICES, Mounts.Flag.NO_EXECUTION);

  private final Path directory;

  private TaskFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * Files below a directory; if that is not in memory already, a tmpfs is mounted there.
   *
   * @throws IOException when the directory is refused
   * @throws dev.hanse.kernel.KernelException when the mount is
   */
  public static TaskFiles in(Path directory) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    FileStore store = Files.getFileStore(directory);
    if (!store.type().equals("tmpfs")) {
      Mounts.tmpfs(directory, BYTES_MAX, 0700, FLAGS);
    }
    return new TaskFiles(directory);
  }

  /**
   * Writes a file of a task.
   *
   * @param name unique within the task; no path
   * @param owner user and group, numbers
   * @param mode permission bits
   * @return where it is on the host
   */
  public Path write(String taskId, String name, ByteString content, Owner owner, int mode)
      throws IOException {
    Path file = taskDirectory(taskId).resolve(name);
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(file, content.toByteArray());
    Files.setAttribute(file, "unix:uid", owner.user());
    Files.setAttribute(file, "unix:gid", owner.group());
    Files.setAttribute(file, "unix:mode", mode & 07777);
    return file;
  }

  /** Who a file belongs to. */
  public record Owner(int user, int group) {
    /** User and group 0. */
    public static final Owner ROOT = new Owner(0, 0);
  }

  /** Deletes a task's files; nothing happens when it has none. */
  public void remove(String taskId) throws IOException {
    Path path = directory.resolve(taskId);
    if (!Files.isDirectory(path)) {
      return;
    }
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(path);
  }

  /** Deletes the files of all other tasks. */
  public void keepOnly(Set<String> taskIds) throws IOException {
    List<String> present;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      present =
          StreamSupport.stream(entries.spliterator(), false)
              .map(entry -> String.valueOf(entry.getFileName()))
              .toList();
    }
    for (String taskId : present) {
      if (!taskIds.contains(taskId)) {
        remove(taskId);
      }
    }
  }

  private Path taskDirectory(String taskId) throws IOException {
    if (!taskId.matches("[A-Za-z0-9]{1,64}")) {
      throw new IOException("not a task id: " + taskId);
    }
    Path path = directory.resolve(taskId);
    Files.createDirectories(path);
    return path;
  }
}
