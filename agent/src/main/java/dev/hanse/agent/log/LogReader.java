package dev.hanse.agent.log;

import dev.hanse.bounds.BulkWork;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.NavigableSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one log from a place to its end, and on while it grows. For one thread. A file that is
 * rotated away while it is read stays readable to its end because it is held open.
 */
public final class LogReader implements AutoCloseable {
  private final LogFiles files;
  private final ContainerLog log;
  private final LogQuery query;

  /** What does not follow ends here, however fast the log grows; empty if it follows. */
  private final Optional<LogPosition> end;

  private long number;
  private long position;
  private volatile @Nullable LogWindow file;
  private volatile boolean closed;

  LogReader(LogFiles files, ContainerLog log, LogQuery query) throws IOException {
    this.files = files;
    this.log = log;
    this.query = query;
    this.end = query.follow() ? Optional.empty() : Optional.of(files.end());
    if (query.tail().isPresent()) {
      seekTail(query.tail().getAsLong());
    }
  }

  /**
   * The next entry that the query wants. With {@code follow} this waits; empty when the log has
   * ended, or {@code until} is passed, or the reader was closed.
   */
  public Optional<LogEntry> next() throws IOException, InterruptedException {
    try {
      return nextOpen();
    } catch (ClosedChannelException ended) {
      if (closed) {
        return Optional.empty();
      }
      throw ended;
    }
  }

  /** The next entry that the query wants, if it is there; never waits. */
  public Optional<LogEntry> nextPresent() throws IOException {
    try {
      return nextWanted().filter(found -> !query.isPast(found));
    } catch (ClosedChannelException ended) {
      if (closed) {
        return Optional.empty();
      }
      throw ended;
    }
  }

  /** Where the next entry is read. */
  public LogPosition position() {
    return new LogPosition(number, position);
  }

  /** Has the next entry be read from there, before the first was read. */
  public void begin(LogPosition from) {
    number = from.file();
    position = from.offset();
  }

  private Optional<LogEntry> nextOpen() throws IOException, InterruptedException {
    while (!closed) {
      // Much may have to be passed over to come to it.
      Optional<LogEntry> entry = BulkWork.call(this::nextWanted);
      if (entry.isPresent()) {
        return entry.filter(found -> !query.isPast(found));
      }
      if (!query.follow()) {
        return Optional.empty();
      }
      // Finished is asked before the last look, so that nothing written in between is missed.
      if (log.isFinished()) {
        return BulkWork.call(this::nextWanted).filter(found -> !query.isPast(found));
      }
      log.awaitMore(number, position, () -> closed);
    }
    return Optional.empty();
  }

  private Optional<LogEntry> nextWanted() throws IOException {
    Optional<LogEntry> entry = nextStored();
    while (entry.isPresent() && !query.wants(entry.get()) && !query.isPast(entry.get())) {
      entry = nextStored();
    }
    return entry;
  }

  private Optional<LogEntry> nextStored() throws IOException {
    while (!closed) {
      if (file == null && !openFrom(files.numbers().tailSet(number, true))) {
        return Optional.empty();
      }
      if (isAtEnd()) {
        return Optional.empty();
      }
      Optional<LogRecord.Located> record = LogRecord.read(openFile(), position);
      if (record.isPresent()) {
        position = record.get().end();
        return Optional.of(record.get().entry());
      }
      if (!moveOn()) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private boolean isAtEnd() {
    return end.filter(
            last -> number > last.file() || (number == last.file() && position >= last.offset()))
        .isPresent();
  }

  /** To the next file, if this one is complete: a newer exists and nothing came in between. */
  private boolean moveOn() throws IOException {
    NavigableSet<Long> newer = files.numbers().tailSet(number, false);
    if (newer.isEmpty() || LogRecord.read(openFile(), position).isPresent()) {
      return !newer.isEmpty();
    }
    openFile().close();
    file = null;
    position = 0;
    return openFrom(newer);
  }

  private LogWindow openFile() {
    if (file == null) {
      throw new IllegalStateException("no file is open");
    }
    return file;
  }

  private boolean openFrom(NavigableSet<Long> candidates) throws IOException {
    for (long candidate : candidates) {
      Optional<FileChannel> opened = files.openForReading(candidate);
      if (opened.isPresent()) {
        // A crash of the host may have taken what a place was told for.
        position = candidate == number ? Math.min(position, opened.get().size()) : 0;
        number = candidate;
        file = new LogWindow(opened.get());
        return true;
      }
    }
    return false;
  }

  /** Walks backwards over whole lines; the pieces of a long line count as one. */
  private void seekTail(long lines) throws IOException {
    NavigableSet<Long> numbers = files.numbers();
    if (end.isPresent()) {
      numbers = numbers.headSet(end.get().file(), true);
    }
    long wanted = lines;
    boolean inLine = false;
    for (long candidate : numbers.descendingSet()) {
      Optional<FileChannel> opened = files.openForReading(candidate);
      if (opened.isEmpty()) {
        return;
      }
      try (LogWindow channel = new LogWindow(opened.get())) {
        number = candidate;
        long size =
            end.filter(last -> last.file() == candidate)
                .map(LogPosition::offset)
                .orElse(channel.size());
        position = LogFiles.validEnd(channel, size);
        Optional<LogRecord.Located> record = LogRecord.readBefore(channel, position);
        while (record.isPresent()) {
          LogEntry entry = record.get().entry();
          if (query.sources().contains(entry.source())) {
            boolean ofSameLine = inLine && entry.partial();
            if (!ofSameLine && wanted == 0) {
              return;
            }
            wanted -= ofSameLine ? 0 : 1;
            inLine = true;
          }
          position = record.get().start();
          record = LogRecord.readBefore(channel, position);
        }
      }
    }
  }

  /** May be called from any thread; a waiting {@link #next()} ends soon. */
  @Override
  public void close() throws IOException {
    closed = true;
    log.wakeReaders();
    LogWindow open = file;
    if (open != null) {
      open.close();
    }
  }
}
