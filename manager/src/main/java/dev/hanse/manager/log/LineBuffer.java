package dev.hanse.manager.log;

import dev.hanse.model.LogMessage;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lines between the nodes that send them and the one reader, bounded in bytes: a slow reader makes
 * the senders wait.
 */
final class LineBuffer {
  private static final int BYTES_MAX = 1024 * 1024;

  private record Batch(List<LogMessage> lines, int bytes) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Batch> batches = new ArrayDeque<>();
  private int bytes;
  private boolean ended;
  private boolean abandoned;

  /** Adds lines, waiting for room; false if nobody reads any more. */
  boolean put(List<LogMessage> lines) throws InterruptedException {
    int size = lines.stream().mapToInt(LogMessage::getSerializedSize).sum();
    lock.lockInterruptibly();
    try {
      while (bytes >= BYTES_MAX && !abandoned) {
        changed.await();
      }
      if (!abandoned && !lines.isEmpty()) {
        batches.add(new Batch(lines, size));
        bytes += size;
        changed.signalAll();
      }
      return !abandoned;
    } finally {
      lock.unlock();
    }
  }

  /** Takes lines, waiting for some; empty after the end. */
  Optional<List<LogMessage>> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (batches.isEmpty() && !ended && !abandoned) {
        changed.await();
      }
      Batch batch = batches.poll();
      if (batch == null) {
        return Optional.empty();
      }
      bytes -= batch.bytes();
      changed.signalAll();
      return Optional.of(batch.lines());
    } finally {
      lock.unlock();
    }
  }

  /** No more lines will come. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody reads any more. */
  void abandon() {
    lock.lock();
    try {
      abandoned = true;
      batches.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
