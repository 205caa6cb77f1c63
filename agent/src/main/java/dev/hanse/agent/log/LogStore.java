package dev.hanse.agent.log;

import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.text.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/**
 * The logs of all containers on this node, by container id. What is open is what a container writes
 * to at the moment; every other log is read from disk when asked for.
 */
public final class LogStore {
  private static final Form CONTAINER_ID = Form.of("[A-Za-z0-9][A-Za-z0-9_.-]*", 128);

  private final Path directory;
  private final ConcurrentMap<String, ContainerLog> open = new ConcurrentHashMap<>();

  private LogStore(Path directory) {
    this.directory = directory;
  }

  /** Logs below a directory, which is made if it does not exist. */
  public static LogStore in(Path directory) throws IOException {
    OwnFiles.directory(directory);
    return new LogStore(directory);
  }

  /** The log that a container is about to write to, or goes on writing to. */
  public ContainerLog open(String containerId, LogOptions options) {
    Path path = path(containerId);
    return Objects.requireNonNull(
        open.compute(
            containerId,
            (id, present) ->
                present == null || present.isFinished()
                    ? new ContainerLog(path, options)
                    : present));
  }

  /** Is a container writing to its log? */
  public boolean isOpen(String containerId) {
    return open.containsKey(containerId);
  }

  /** The container has ended: writes what is left, ends followers. */
  public void finish(String containerId, Instant now) throws IOException {
    ContainerLog log = open.remove(containerId);
    if (log != null) {
      log.finish(now);
    }
  }

  /** A reader of a container's log; of an empty one when it has none. To be closed. */
  public LogReader read(String containerId, LogQuery query) throws IOException {
    ContainerLog live = open.get(containerId);
    return (live == null ? finished(containerId) : live).read(query);
  }

  /** Bytes that a container's log takes on disk. */
  public long size(String containerId) throws IOException {
    return finished(containerId).size();
  }

  /** Deletes a container's log; nothing happens when it has none. */
  public void remove(String containerId) throws IOException {
    ContainerLog live = open.remove(containerId);
    (live == null ? finished(containerId) : live).delete();
  }

  /** The containers that have logs here. */
  public List<String> present() throws IOException {
    try (Stream<Path> logs = Files.list(directory)) {
      return logs.map(log -> String.valueOf(log.getFileName())).toList();
    }
  }

  private ContainerLog finished(String containerId) throws IOException {
    ContainerLog log = new ContainerLog(path(containerId), LogOptions.STANDARD);
    log.finish(Instant.EPOCH);
    return log;
  }

  private Path path(String containerId) {
    if (!CONTAINER_ID.fits(containerId)) {
      throw new IllegalArgumentException("not a container id: " + containerId);
    }
    return directory.resolve(containerId);
  }
}
