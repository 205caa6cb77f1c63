package dev.hanse.docker.engine;

import dev.hanse.runtime.containers.OutputListener;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Carries a process's output from the reader thread, which must never wait, to one client, which
 * may be slow. A client that falls behind by more than {@link #BYTES_MAX} is cut off: other
 * containers' output must not wait for it.
 */
final class OutputQueue implements OutputListener {
  /** Output held for one client, bytes. */
  static final int BYTES_MAX = 32 << 20;

  private static final int FRAME_HEADER_BYTES = 8;

  private record Chunk(Stream stream, byte[] bytes) {}

  private final boolean framed;
  private final Deque<Chunk> chunks = new ArrayDeque<>();
  private long held;
  private boolean ended;
  private boolean overrun;

  /**
   * A queue for one client.
   *
   * @param framed each piece gets Docker's header of stream and length; else the bytes as they are
   */
  OutputQueue(boolean framed) {
    this.framed = framed;
  }

  @Override
  public synchronized void output(Stream stream, ByteBuffer chunk) {
    if (overrun || ended) {
      return;
    }
    byte[] bytes = new byte[chunk.remaining()];
    chunk.get(bytes);
    held += bytes.length;
    if (held > BYTES_MAX) {
      overrun = true;
      chunks.clear();
    } else {
      chunks.add(new Chunk(stream, bytes));
    }
    notifyAll();
  }

  @Override
  public synchronized void ended() {
    ended = true;
    notifyAll();
  }

  /** Writes to the client until the output ends; throws when the client is gone or too slow. */
  void copyTo(OutputStream client) throws IOException, InterruptedException {
    Chunk chunk = next();
    while (chunk != null) {
      write(client, chunk);
      client.flush();
      chunk = next();
    }
  }

  private void write(OutputStream client, Chunk chunk) throws IOException {
    if (framed) {
      client.write(frame(chunk.stream(), chunk.bytes()));
    } else {
      client.write(chunk.bytes());
    }
  }

  /** One piece of output in the multiplexed form of the attach API. */
  static byte[] frame(Stream stream, byte[] bytes) {
    return ByteBuffer.allocate(FRAME_HEADER_BYTES + bytes.length)
        .put((byte) (stream == Stream.STDERR ? 2 : 1))
        .put(new byte[3])
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  private synchronized @Nullable Chunk next() throws IOException, InterruptedException {
    while (chunks.isEmpty() && !ended && !overrun) {
      wait();
    }
    if (overrun) {
      throw new IOException("the client reads too slowly: " + BYTES_MAX + " bytes are waiting");
    }
    Chunk chunk = chunks.poll();
    if (chunk != null) {
      held -= chunk.bytes().length;
    }
    return chunk;
  }
}
