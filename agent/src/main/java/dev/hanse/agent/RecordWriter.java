package dev.hanse.agent;

import dev.hanse.agent.workload.Workload;
import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the tasks' records on disk as they are wanted, on a thread of its own, so that a slow disk
 * holds nobody up. What is wanted otherwise before it was written is written once.
 */
final class RecordWriter implements Turn<String>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RecordWriter.class);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(5);

  private final TaskRecords records;
  private final OwnerThread thread;

  /** Ids of {@link #wanted}, each once: no more than there are tasks. */
  private final BlockingQueue<String> due = new LinkedBlockingQueue<>();

  /** By id, empty for none; guarded by this. */
  private final Map<String, Optional<Workload>> wanted = new HashMap<>();

  /** Guarded by this. */
  private Optional<String> writing = Optional.empty();

  RecordWriter(Health health, TaskRecords records) {
    this.records = records;
    this.thread = OwnerThread.named(health, "task records").of(this).start();
  }

  /**
   * The task's record is to be this. Never blocks.
   *
   * @throws java.nio.file.InvalidPathException if no file can have its id as a name
   */
  void save(Workload workload) {
    want(workload.id(), Optional.of(workload));
  }

  /** The task is to have no record. Never blocks. */
  void delete(String taskId) {
    want(taskId, Optional.empty());
  }

  private synchronized void want(String taskId, Optional<Workload> record) {
    records.requireName(taskId);
    if (wanted.put(taskId, record) == null) {
      due.add(taskId);
    }
  }

  /** Waits until the task's record is as it was wanted, or could not be. */
  synchronized void awaitWritten(String taskId) throws InterruptedException {
    while (wanted.containsKey(taskId) || writing.equals(Optional.of(taskId))) {
      wait();
    }
  }

  @Override
  public String await() throws InterruptedException {
    return due.take();
  }

  @Override
  public void perform(String taskId) {
    Optional<Workload> record;
    synchronized (this) {
      record = wanted.getOrDefault(taskId, Optional.empty());
      wanted.remove(taskId);
      writing = Optional.of(taskId);
    }
    try {
      if (record.isPresent()) {
        records.save(record.get());
      } else {
        records.delete(taskId);
      }
    } catch (IOException refused) {
      // The work goes on: the record only matters if the daemon starts without a manager.
      LOG.warn("could not write the record of task {}: {}", taskId, refused.getMessage());
    } finally {
      synchronized (this) {
        writing = Optional.empty();
        notifyAll();
      }
    }
  }

  /** Waits until everything is written, but not for ever. */
  @Override
  public void close() {
    if (!awaitAll()) {
      LOG.warn("some task records were not written: the disk does not answer");
    }
    thread.interruptAndEnd();
  }

  private synchronized boolean awaitAll() {
    long end = System.nanoTime() + CLOSE_WAIT_MAX.toNanos();
    long left = end - System.nanoTime();
    try {
      while (!(wanted.isEmpty() && writing.isEmpty()) && left > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
        left = end - System.nanoTime();
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
    return wanted.isEmpty() && writing.isEmpty();
  }
}
