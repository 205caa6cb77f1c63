package dev.hanse.agent;

import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.agent.workload.Workload;
import dev.hanse.agent.workload.WorkloadForm;
import dev.hanse.kernel.file.DurableFile;
import dev.hanse.kernel.file.DurableRecord;
import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The assigned workloads with their last status and what they were made of on disk, a file for
 * each, so that a daemon that starts without a manager goes on with what it had. Secrets and
 * configs are never among it.
 *
 * <p>Files are records with a checksum and not waited for: what a power cut may lose, the manager
 * sends again, and the containers are gone then anyway. A broken one is set aside until its
 * workload is forgotten. An earlier version kept the swarm's tasks themselves: such a file is read
 * until the workload's next record takes its place. Beside one it is the newer: that version ran
 * again after this one.
 */
final class TaskRecords {
  private static final Logger LOG = LoggerFactory.getLogger(TaskRecords.class);

  /**
   * A task is part of an entry of the managers' log, which has 2 MiB at most, and a record says no
   * text of it more than eight times.
   */
  static final int BYTES_MAX = 16 << 20;

  private static final String SUFFIX = ".workload";

  /** Of the files of an earlier version. */
  private static final String TASK_SUFFIX = ".task";

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
  Collection<Workload> load() throws IOException {
    DurableFile.removeUnfinished(directory);
    Map<String, Workload> workloads = new TreeMap<>();
    load(TASK_SUFFIX, SwarmWorkloads::ofTaskRecord, workloads);
    load(SUFFIX, WorkloadForm::read, workloads);
    return workloads.values();
  }

  private void load(
      String suffix, DurableRecord.Reader<Workload> form, Map<String, Workload> workloads)
      throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + suffix)) {
      for (Path file : files) {
        try {
          DurableRecord.read(file, BYTES_MAX, content -> checked(form.read(content), file, suffix))
              .ifPresent(workload -> workloads.putIfAbsent(workload.id(), workload));
        } catch (IOException unreadable) {
          LOG.warn("ignoring the unreadable task record {}: {}", file, unreadable.getMessage());
        }
      }
    }
  }

  private Workload checked(Workload workload, Path file, String suffix) throws IOException {
    if (!path(workload.id(), suffix).equals(file)) {
      throw new IOException("it is of the task \"" + workload.id() + "\"");
    }
    return workload;
  }

  /**
   * Puts a workload's record in place.
   *
   * @throws IOException if the disk does not take it, or it is longer than what {@link #load} reads
   */
  void save(Workload workload) throws IOException {
    byte[] content = WorkloadForm.write(workload);
    if (content.length > BYTES_MAX) {
      throw new IOException("it has " + content.length + " bytes, at most " + BYTES_MAX);
    }
    DurableRecord.writeUntilBoot(path(workload.id(), SUFFIX), content);
    Files.deleteIfExists(path(workload.id(), TASK_SUFFIX));
  }

  void delete(String taskId) throws IOException {
    for (String suffix : List.of(SUFFIX, TASK_SUFFIX)) {
      Files.deleteIfExists(path(taskId, suffix));
      Files.deleteIfExists(DurableFile.broken(path(taskId, suffix)));
    }
  }

  /**
   * Says whether there can be a record of a task, without touching the disk.
   *
   * @throws java.nio.file.InvalidPathException if no file can have its id as a name
   */
  void requireName(String taskId) {
    Path unused = path(taskId, SUFFIX);
  }

  private Path path(String taskId, String suffix) {
    return directory.resolve(taskId + suffix);
  }
}
