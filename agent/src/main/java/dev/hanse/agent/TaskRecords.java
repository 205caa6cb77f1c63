package dev.hanse.agent;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hanse.bounds.BoundedFile;
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
 * <p>Files are replaced by renaming and not synced: what a power cut may lose, the manager sends
 * again, and the containers are gone then anyway.
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

  /** All readable records; damaged ones are deleted with a warning. */
  List<Task> load() throws IOException {
    List<Task> tasks = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : files) {
        try {
          tasks.add(Task.parseFrom(BoundedFile.bytes(file, BYTES_MAX)));
        } catch (InvalidProtocolBufferException damaged) {
          LOG.warn("dropping the damaged record {}: {}", file, damaged.getMessage());
          Files.deleteIfExists(file);
        } catch (IOException unreadable) {
          LOG.warn("passing over the record {}: {}", file, unreadable.getMessage());
        }
      }
    }
    return tasks;
  }

  void save(Task task) throws IOException {
    OwnFiles.replace(path(task.getId()), task.toByteArray());
  }

  void delete(String taskId) throws IOException {
    Files.deleteIfExists(path(taskId));
  }

  private Path path(String taskId) {
    return directory.resolve(taskId + SUFFIX);
  }
}
