package dev.hanse.agent;

import dev.hanse.kernel.file.DurableFile;
import dev.hanse.kernel.file.DurableRecord;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.model.Task;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The assigned tasks with their last status on disk, a file per task, so that a daemon that starts
 * without a manager goes on with what it had. Secrets and configs are never among it.
 *
 * <p>Files are records with a checksum and not waited for: what a power cut may lose, the manager
 * sends again, and the containers are gone then anyway. A broken one is set aside until its task is
 * forgotten.
 */
final class TaskRecords {
  private static final Logger LOG = LoggerFactory.getLogger(TaskRecords.class);

  /** As much as a message from a manager may have. */
  private static final int BYTES_MAX = 16 << 20;

  private static final String SUFFIX = ".task";

  private final Path directory;

  private TaskRecords(Path directory) {
    this.directory = directory;
  }

  static TaskRecords in(Path directory) throws IOException {
    // Tasks carry their registry's credentials.
    OwnFiles.directory(directory);
    return new TaskRecords(directory);
  }

  /** All readable records; broken ones are set aside with a warning. */
  List<Task> load() throws IOException {
    DurableFile.removeUnfinished(directory);
    List<Task> tasks = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : files) {
        try {
          DurableRecord.read(file, BYTES_MAX, content -> task(file, content)).ifPresent(tasks::add);
        } catch (IOException unreadable) {
          LOG.warn("ignoring the unreadable task record {}: {}", file, unreadable.getMessage());
        }
      }
    }
    return tasks;
  }

  private Task task(Path file, byte[] content) throws IOException {
    Task task = Task.parseFrom(content);
    if (!path(task.getId()).equals(file)) {
      throw new IOException("it is of the task \"" + task.getId() + "\"");
    }
    return task;
  }

  void save(Task task) throws IOException {
    DurableRecord.writeUntilBoot(path(task.getId()), task.toByteArray());
  }

  void delete(String taskId) throws IOException {
    Files.deleteIfExists(path(taskId));
    Files.deleteIfExists(DurableFile.broken(path(taskId)));
  }

  /**
   * Says whether there can be a record of a task, without touching the disk.
   *
   * @throws java.nio.file.InvalidPathException if no file can have its id as a name
   */
  void requireName(String taskId) {
    Path unused = path(taskId);
  }

  private Path path(String taskId) {
    return directory.resolve(taskId + SUFFIX);
  }
}
