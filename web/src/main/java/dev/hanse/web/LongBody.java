package dev.hanse.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** A body that is sent in parts while it is made: only what is being sent is in memory. */
final class LongBody extends OutputStream {
  /** A shorter body is sent as a whole. */
  static final int PART_BYTES = 32 << 10;

  /** What is in memory of a long one: the part that is made, the one that is sent, an element. */
  static final int HELD_BYTES = 4 * PART_BYTES;

  private final Sender sender;
  private final ByteArrayOutputStream part = new ByteArrayOutputStream(1024);

  /** Where the parts go; a short body has one, which is the last. */
  @FunctionalInterface
  interface Sender {
    void send(boolean last, ByteBuffer part) throws IOException;
  }

  LongBody(Sender sender) {
    this.sender = sender;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    part.write(bytes, offset, length);
    if (part.size() >= PART_BYTES) {
      ByteBuffer full = ByteBuffer.wrap(part.toByteArray());
      part.reset();
      sender.send(false, full);
    }
  }

  /** Sends the rest; not to be called when making the body has failed. */
  void end() throws IOException {
    sender.send(true, ByteBuffer.wrap(part.toByteArray()));
  }
}
