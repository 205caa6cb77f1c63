package dev.hanse.agent.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/**
 * A log's file read in pieces of many records, since a call of the kernel for each would cost far
 * more than the records. The file may grow meanwhile. For one thread, but for {@link #close()}.
 */
final class LogWindow implements AutoCloseable {
  private static final int BYTES = 32 << 10;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final FileChannel file;
  private ByteBuffer piece = NOTHING;

  /** Where the piece begins in the file. */
  private long start;

  LogWindow(FileChannel file) {
    this.file = file;
  }

  long size() throws IOException {
    return file.size();
  }

  /** Those bytes, to be read before the next call; empty when the file has not all of them. */
  Optional<ByteBuffer> bytes(long position, int count) throws IOException {
    if (!holds(position, count)) {
      load(position, Math.max(count, BYTES));
    }
    return held(position, count);
  }

  /** The bytes before a place; what stands before them is likely to be wanted next. */
  Optional<ByteBuffer> bytesBefore(long end, int count) throws IOException {
    if (!holds(end - count, count)) {
      long from = Math.max(0, end - Math.max(count, BYTES));
      load(from, (int) (end - from));
    }
    return held(end - count, count);
  }

  /** What was read is not to be believed: the next look is at the file. */
  void forget() {
    piece = NOTHING;
  }

  private boolean holds(long position, int count) {
    return position >= start && position + count <= start + piece.limit();
  }

  private Optional<ByteBuffer> held(long position, int count) {
    return holds(position, count)
        ? Optional.of(piece.slice((int) (position - start), count))
        : Optional.empty();
  }

  private void load(long position, int count) throws IOException {
    ByteBuffer loaded = ByteBuffer.allocate(count);
    boolean more = true;
    while (more && loaded.hasRemaining()) {
      more = file.read(loaded, position + loaded.position()) >= 0;
    }
    piece = loaded.flip();
    start = position;
  }

  /** May be called from any thread. */
  @Override
  public void close() throws IOException {
    file.close();
  }
}
