package dev.hanse.agent.log;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/**
 * The form of an entry in a file: length of data (4 bytes), flags (1), seconds (8), nanoseconds
 * (4), data, length of data again (4), all big-endian. The length stands at both ends so that the
 * last lines are found by walking backwards.
 */
final class LogRecord {
  static final int HEADER_BYTES = 17;
  static final int OVERHEAD_BYTES = HEADER_BYTES + 4;

  private static final int FLAG_STDERR = 1;
  private static final int FLAG_PARTIAL = 2;

  private LogRecord() {}

  /** An entry where it stands in a file; the next one begins at {@code end}. */
  record Located(LogEntry entry, long start, long end) {}

  static int size(LogEntry entry) {
    return OVERHEAD_BYTES + entry.data().size();
  }

  static void write(LogEntry entry, ByteBuffer target) {
    int flags =
        (entry.source() == LogSource.STDERR ? FLAG_STDERR : 0)
            | (entry.partial() ? FLAG_PARTIAL : 0);
    Instant timestamp = entry.timestamp();
    target.putInt(entry.data().size());
    target.put((byte) flags);
    target.putLong(timestamp.getEpochSecond());
    target.putInt(timestamp.getNano());
    entry.data().copyTo(target);
    target.putInt(entry.data().size());
  }

  /** The entry that begins at a position; empty when no whole valid record stands there. */
  static Optional<Located> read(LogWindow file, long position) throws IOException {
    Optional<Located> record = valid(file, position);
    if (record.isEmpty()) {
      file.forget();
    }
    return record;
  }

  private static Optional<Located> valid(LogWindow file, long position) throws IOException {
    Optional<ByteBuffer> header = file.bytes(position, HEADER_BYTES);
    if (header.isEmpty()) {
      return Optional.empty();
    }
    int length = header.get().getInt();
    int flags = header.get().get();
    long seconds = header.get().getLong();
    int nanoseconds = header.get().getInt();
    if (!isLength(length) || nanoseconds < 0 || nanoseconds > 999_999_999) {
      return Optional.empty();
    }
    Optional<ByteBuffer> body = file.bytes(position + HEADER_BYTES, length + 4);
    if (body.isEmpty() || body.get().getInt(length) != length) {
      return Optional.empty();
    }
    LogEntry entry =
        new LogEntry(
            Instant.ofEpochSecond(seconds, nanoseconds),
            (flags & FLAG_STDERR) != 0 ? LogSource.STDERR : LogSource.STDOUT,
            ByteString.copyFrom(body.get().limit(length)),
            (flags & FLAG_PARTIAL) != 0);
    return Optional.of(new Located(entry, position, position + OVERHEAD_BYTES + length));
  }

  /** The entry that ends at a position. */
  static Optional<Located> readBefore(LogWindow file, long end) throws IOException {
    if (end < OVERHEAD_BYTES) {
      return Optional.empty();
    }
    Optional<ByteBuffer> trailer = file.bytesBefore(end, 4);
    if (trailer.isEmpty()) {
      return Optional.empty();
    }
    int length = trailer.get().getInt();
    if (!isLength(length) || end - OVERHEAD_BYTES - length < 0) {
      return Optional.empty();
    }
    return read(file, end - OVERHEAD_BYTES - length).filter(located -> located.end() == end);
  }

  private static boolean isLength(int length) {
    return length >= 0 && length <= LineSplitter.LINE_BYTES_MAX;
  }
}
