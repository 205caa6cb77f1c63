package dev.hanse.docker.protocol;

import com.google.protobuf.ByteString;
import dev.hanse.web.Exchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Output of containers on the wire: raw where there is a terminal, else in frames of eight bytes'
 * head (stream, 0, 0, 0, length big-endian) and content (Engine API, "Stream format").
 */
public final class LogStreams {
  /** Content type of {@link #write} with frames, since API 1.42. */
  public static final String MULTIPLEXED = "application/vnd.docker.multiplexed-stream";

  /** Content type without frames, and of everything before API 1.42. */
  public static final String RAW = "application/vnd.docker.raw-stream";

  private static final DateTimeFormatter FIXED =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private LogStreams() {}

  /** What a frame carries. */
  public enum Kind {
    STDIN(0),
    STDOUT(1),
    STDERR(2),
    /** A message of the daemon that ends the stream with an error. */
    SYSTEM_ERROR(3);

    private final int number;

    Kind(int number) {
      this.number = number;
    }
  }

  /** The content type that this client expects. */
  public static String contentType(Exchange exchange, boolean raw) {
    return !raw && ApiVersion.of(exchange).atLeast(1, 42) ? MULTIPLEXED : RAW;
  }

  /** Writes a prefix and data as one frame, or raw. */
  public static void write(OutputStream out, boolean raw, Kind kind, String prefix, ByteString data)
      throws IOException {
    byte[] before = prefix.getBytes(StandardCharsets.UTF_8);
    if (!raw) {
      out.write(head(kind, before.length + data.size()));
    }
    out.write(before);
    data.writeTo(out);
  }

  /** Writes a message that clients show as the stream's error. */
  public static void writeError(OutputStream out, String message) throws IOException {
    write(out, false, Kind.SYSTEM_ERROR, message, ByteString.EMPTY);
  }

  private static byte[] head(Kind kind, int length) {
    return ByteBuffer.allocate(8).put((byte) kind.number).put(new byte[3]).putInt(length).array();
  }

  /** A time with all nine decimals, as {@code --timestamps} shows. */
  public static String fixed(Instant time) {
    return FIXED.format(time);
  }

  /** Attributes as {@code --details} shows: KEY=VALUE,… with both escaped. */
  public static String details(Map<String, String> attributes) {
    return new TreeMap<>(attributes)
        .entrySet().stream()
            .map(entry -> escape(entry.getKey()) + "=" + escape(entry.getValue()))
            .collect(Collectors.joining(","));
  }

  private static String escape(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
