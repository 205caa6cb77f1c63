package dev.hanse.agent.log;

import dev.hanse.bounds.BulkWork;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.text.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs of all containers on this node, by container id. What is open is what a container writes
 * to at the moment; every other log is read from disk when asked for.
 */
public final class LogStore implements AutoCloseable {
  private static final Duration WRITER_IDLE_MAX = Duration.ofSeconds(5);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(5);

  /** What was written just before somebody asks is waited for, but not for ever. */
  private static final Duration ARRIVAL_MAX = Duration.ofSeconds(1);

  private static final Form CONTAINER_ID = Form.of("[A-Za-z0-9][A-Za-z0-9_.-]*", 128);

  private static final Logger LOG = LoggerFactory.getLogger(LogStore.class);

  private final Path directory;
  private final ConcurrentMap<String, ContainerLog> open = new ConcurrentHashMap<>();

  /**
   * Threads that write to the disk. As many as there are logs with something to write, so that none
   * waits for another's disk; they end when there is nothing to do.
   */
  private final ThreadPoolExecutor writers =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          WRITER_IDLE_MAX.toMillis(),
          TimeUnit.MILLISECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("log-writer-", 0).factory());

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
                present == null || present.isEnding() ? new ContainerLog(path, options) : present));
  }

  /** Where a log is written: each has one thread there at most. */
  public Executor writers() {
    return writers;
  }

  /** Waits until everything is on disk, but not for ever; nothing can be written afterwards. */
  @Override
  public void close() {
    writers.shutdown();
    try {
      if (!writers.awaitTermination(CLOSE_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("some container logs were not written to the end: the disk does not answer");
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  /** Is a container writing to its log? */
  public boolean isOpen(String containerId) {
    return open.containsKey(containerId);
  }

  /** The container has ended: writes what is left, ends followers. */
  public void finish(String containerId, ContainerLog log, Instant now) throws IOException {
    try {
      log.finish(now);
    } finally {
      // Only then: who reads meanwhile waits for it. Another may be open by now.
      open.remove(containerId, log);
    }
  }

  /** A reader of a container's log; of an empty one when it has none. To be closed. */
  public LogReader read(String containerId, LogQuery query)
      throws IOException, InterruptedException {
    ContainerLog live = open.get(containerId);
    if (live != null && !query.follow()) {
      live.awaitArrival(ARRIVAL_MAX);
    }
    ContainerLog log = live == null ? finished(containerId) : live;
    return BulkWork.call(() -> log.read(query));
  }

  /** Bytes that a container's log takes on disk. */
  public long size(String containerId) throws IOException {
    return finished(containerId).size();
  }

  /** Deletes a container's log; nothing happens when it has none. */
  public void remove(String containerId) throws IOException {
    ContainerLog live = open.get(containerId);
    if (live == null) {
      finished(containerId).delete();
    } else {
      live.awaitArrival(ARRIVAL_MAX); // For those who follow it.
      live.delete();
      open.remove(containerId, live);
    }
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

  /** Where a container's log is, if it has one. */
  public Optional<Path> place(String containerId) {
    return Optional.of(path(containerId)).filter(Files::isDirectory);
  }

  private Path path(String containerId) {
    if (!CONTAINER_ID.fits(containerId)) {
      throw new IllegalArgumentException("not a container id: " + containerId);
    }
    return directory.resolve(containerId);
  }
}
