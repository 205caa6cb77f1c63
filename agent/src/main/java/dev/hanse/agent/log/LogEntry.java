package dev.hanse.agent.log;

import com.google.protobuf.ByteString;
import java.time.Instant;

/**
 * A line, or a piece of one.
 *
 * @param timestamp when the node read it; the pieces of one line share it
 * @param source the output it came from
 * @param data the bytes without the line feed
 * @param partial true when no line feed followed: the line was longer than {@link
 *     LineSplitter#LINE_BYTES_MAX}, or the output ended
 */
public record LogEntry(Instant timestamp, LogSource source, ByteString data, boolean partial) {

  /** The bytes as the container wrote them: with the line feed, if there was one. */
  public ByteString written() {
    return partial ? data : data.concat(LINE_FEED);
  }

  private static final ByteString LINE_FEED = ByteString.copyFromUtf8("\n");
}
