package dev.hanse.agent.log;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of one output into entries. Not for several threads at once; knows no clock.
 *
 * <p>A line longer than {@link #LINE_BYTES_MAX} becomes several partial entries with one timestamp,
 * and so does what is left without a line feed when the output ends: Docker does the same.
 */
final class LineSplitter {
  /** Longest piece of a line that one entry holds, bytes. */
  static final int LINE_BYTES_MAX = 16 * 1024;

  private final LogSource source;
  private ByteString pending = ByteString.EMPTY;
  private @Nullable Instant lineBegan;

  LineSplitter(LogSource source) {
    this.source = source;
  }

  /** Entries that these bytes complete. */
  List<LogEntry> accept(ByteString bytes, Instant now) {
    List<LogEntry> entries = new ArrayList<>();
    ByteString rest = pending.concat(bytes);
    int start = 0;
    while (start < rest.size()) {
      int end = indexOfLineFeed(rest, start, Math.min(rest.size(), start + LINE_BYTES_MAX + 1));
      if (end >= 0) {
        entries.add(new LogEntry(began(now), source, rest.substring(start, end), false));
        lineBegan = null;
        start = end + 1;
      } else if (rest.size() - start > LINE_BYTES_MAX) {
        int cut = start + LINE_BYTES_MAX;
        entries.add(new LogEntry(began(now), source, rest.substring(start, cut), true));
        start = cut;
      } else {
        break;
      }
    }
    pending = rest.substring(start);
    if (!pending.isEmpty()) {
      began(now);
    }
    return entries;
  }

  /** What is left when the output has ended. */
  Optional<LogEntry> finish(Instant now) {
    if (pending.isEmpty()) {
      return Optional.empty();
    }
    LogEntry last = new LogEntry(began(now), source, pending, true);
    pending = ByteString.EMPTY;
    return Optional.of(last);
  }

  private Instant began(Instant now) {
    Instant result = lineBegan == null ? now : lineBegan;
    lineBegan = result;
    return result;
  }

  private static int indexOfLineFeed(ByteString bytes, int from, int to) {
    for (int index = from; index < to; index++) {
      if (bytes.byteAt(index) == '\n') {
        return index;
      }
    }
    return -1;
  }
}
