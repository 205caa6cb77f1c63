package dev.hanse.docker.engine;

import com.google.protobuf.ByteString;
import dev.hanse.docker.http.Exchange;
import dev.hanse.runtime.containers.OutputListener.Stream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Output of processes on the wire: the bytes as they are where there is a terminal, else in frames
 * of eight bytes' head (stream, 0, 0, 0, length) and content (API: ContainerAttach).
 */
final class RawStream {
  private static final String RAW = "application/vnd.docker.raw-stream";
  private static final String MULTIPLEXED = "application/vnd.docker.multiplexed-stream";
  private static final int HEADER_BYTES = 8;

  private RawStream() {}

  /** The content type: since 1.42 it says whether there are frames. */
  static String contentType(boolean framed, Exchange exchange) {
    return framed && exchange.version().atLeast(1, 42) ? MULTIPLEXED : RAW;
  }

  /** Writes a piece of output, with a head if framed. */
  static void write(OutputStream client, boolean framed, Stream stream, ByteString bytes)
      throws IOException {
    if (framed) {
      client.write(header(stream, bytes.size()));
    }
    bytes.writeTo(client);
  }

  private static byte[] header(Stream stream, int length) {
    byte number =
        switch (stream) {
          case STDOUT -> 1;
          case STDERR -> 2;
        };
    return ByteBuffer.allocate(HEADER_BYTES).put(number).put(new byte[3]).putInt(length).array();
  }
}
