package dev.hanse.manager.log;

import dev.hanse.bounds.MemoryShare;
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

  /** What a line takes besides its bytes: objects for the message, its context, time and data. */
  private static final int LINE_OVERHEAD_BYTES = 256;

  private record Batch(List<LogMessage> lines, long bytes) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Batch> batches = new ArrayDeque<>();
  private final MemoryShare.Claim memory;
  private long bytes;
  private boolean ended;
  private boolean abandoned;
  private boolean cut;

  /**
   * An empty buffer.
   *
   * @param share of the heap for all buffers: when it is full, the reader that has taken nothing
   *     for longest is cut
   */
  LineBuffer(MemoryShare share) {
    memory = share.yielding(() -> abandon(true));
  }

  /** Adds lines, waiting for room; false if nobody reads any more. */
  boolean put(List<LogMessage> lines) throws InterruptedException {
    long size =
        lines.stream().mapToLong(line -> line.getSerializedSize() + LINE_OVERHEAD_BYTES).sum();
    awaitRoom();
    // Without the lock: room may be made by cutting other buffers.
    if (!memory.grow(size)) {
      abandon(true);
    }
    lock.lockInterruptibly();
    try {
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

  private void awaitRoom() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (bytes >= BYTES_MAX && !abandoned) {
        changed.await();
      }
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
      memory.shrink(batch.bytes());
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
    abandon(false);
  }

  /** Whether lines were lost since the reader was too slow. */
  boolean isCut() {
    lock.lock();
    try {
      return cut;
    } finally {
      lock.unlock();
    }
  }

  private void abandon(boolean tooSlow) {
    lock.lock();
    try {
      cut |= tooSlow && !abandoned;
      abandoned = true;
      batches.clear();
      memory.close();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
