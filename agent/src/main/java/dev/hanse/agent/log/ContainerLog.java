package dev.hanse.agent.log;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The log of one container. Bytes of both outputs come in from any thread, lines go to disk at once
 * (no buffer that a crash could lose), and readers that follow are woken.
 *
 * <p>One of the few classes with a lock: it guards the file being written and nothing is called
 * with it held but the disk. How much is on its way has another, so that who asks for that does not
 * wait for the disk.
 */
public final class ContainerLog {
  private final LogFiles files;
  private final LogOptions options;
  private final LineSplitter standardOutput = new LineSplitter(LogSource.STDOUT);
  private final LineSplitter standardError = new LineSplitter(LogSource.STDERR);
  private @Nullable FileChannel current;
  private long currentNumber;
  private long currentEnd;
  private boolean finished;

  /** Guards how much is on its way, which is asked while the disk is at work. */
  private final Object arrival = new Object();

  private long announcedBytes;
  private long arrivedBytes;
  private boolean endAnnounced;
  private boolean endArrived;

  ContainerLog(Path directory, LogOptions options) {
    this.files = new LogFiles(directory);
    this.options = options;
  }

  /**
   * Appends what the container wrote.
   *
   * @throws IOException when the disk refuses; the bytes are lost then
   */
  public void append(LogSource source, ByteString bytes, Instant now) throws IOException {
    try {
      appendNow(source, bytes, now);
    } finally {
      synchronized (arrival) {
        arrivedBytes += bytes.size();
        arrival.notifyAll();
      }
    }
  }

  private synchronized void appendNow(LogSource source, ByteString bytes, Instant now)
      throws IOException {
    write(splitter(source).accept(bytes, now));
  }

  /** So many bytes are on their way to {@link #append}. */
  public void announce(int bytes) {
    synchronized (arrival) {
      announcedBytes += bytes;
    }
  }

  /** What is on its way is the last; {@link #finish} follows it. */
  public void announceEnd() {
    synchronized (arrival) {
      endAnnounced = true;
    }
  }

  /** Has it ended, or is its end on its way? Never waits for the disk. */
  boolean isEnding() {
    synchronized (arrival) {
      return endAnnounced || endArrived;
    }
  }

  /** Waits until what is announced by now has arrived, its end included, but not longer. */
  void awaitArrival(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (arrival) {
      long wanted = announcedBytes;
      long left = end - System.nanoTime();
      try {
        while ((arrivedBytes < wanted || (endAnnounced && !endArrived)) && left > 0) {
          TimeUnit.NANOSECONDS.timedWait(arrival, left);
          left = end - System.nanoTime();
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The container has ended: what stands without line feed is written, followers end. */
  public synchronized void finish(Instant now) throws IOException {
    if (finished) {
      return;
    }
    try {
      for (LogSource source : LogSource.values()) {
        write(splitter(source).finish(now).stream().toList());
      }
    } finally {
      finished = true;
      synchronized (arrival) {
        endArrived = true;
        arrival.notifyAll();
      }
      notifyAll();
      closeFile();
    }
  }

  /** Does nobody write any more? */
  public synchronized boolean isFinished() {
    return finished;
  }

  /** A reader; to be closed. */
  public LogReader read(LogQuery query) throws IOException {
    return new LogReader(files, this, query);
  }

  private LineSplitter splitter(LogSource source) {
    return switch (source) {
      case STDOUT -> standardOutput;
      case STDERR -> standardError;
    };
  }

  private void write(List<LogEntry> entries) throws IOException {
    if (!options.kept() || entries.isEmpty() || finished) {
      return;
    }
    ByteBuffer buffer = ByteBuffer.allocate(entries.stream().mapToInt(LogRecord::size).sum());
    entries.forEach(entry -> LogRecord.write(entry, buffer));
    buffer.flip();
    FileChannel file = fileWithRoom();
    while (buffer.hasRemaining()) {
      currentEnd += file.write(buffer, currentEnd);
    }
    notifyAll();
  }

  private FileChannel fileWithRoom() throws IOException {
    FileChannel file = current;
    if (file == null) {
      TreeSet<Long> numbers = files.numbers();
      file = begin(numbers.isEmpty() ? 1 : numbers.last());
    }
    if (currentEnd >= options.fileBytesMax()) {
      closeFile();
      file = begin(currentNumber + 1);
      for (long old : files.numbers().headSet(currentNumber - options.files(), true)) {
        files.delete(old);
      }
    }
    return file;
  }

  private FileChannel begin(long number) throws IOException {
    FileChannel file = files.openForWriting(number);
    currentEnd = LogFiles.validEnd(new LogWindow(file), file.size());
    file.truncate(currentEnd);
    current = file;
    currentNumber = number;
    return file;
  }

  private void closeFile() throws IOException {
    FileChannel file = current;
    current = null;
    if (file != null) {
      file.close();
    }
  }

  /**
   * Waits until a file has more than the given bytes, or a newer one exists, or all is over, or the
   * reader has left.
   */
  synchronized void awaitMore(long number, long position, BooleanSupplier left)
      throws InterruptedException {
    while (!finished && !left.getAsBoolean() && !hasMore(number, position)) {
      wait();
    }
  }

  private boolean hasMore(long number, long position) {
    return currentNumber > number || (currentNumber == number && currentEnd > position);
  }

  synchronized void wakeReaders() {
    notifyAll();
  }

  /** Bytes on disk. */
  public long size() throws IOException {
    long total = 0;
    for (long number : files.numbers()) {
      try (FileChannel file = files.openForReading(number).orElse(null)) {
        total += file == null ? 0 : file.size();
      }
    }
    return total;
  }

  synchronized void delete() throws IOException {
    finish(Instant.EPOCH);
    for (long number : files.numbers()) {
      files.delete(number);
    }
    Files.deleteIfExists(files.directory());
  }
}
