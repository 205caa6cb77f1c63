package dev.hanse.docker.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * A body that is sent while it is made: in parts, or with its length known if it turns out short.
 * Only what is being sent is in memory.
 */
final class LongBody extends OutputStream {
  private static final int PART_BYTES = 32 << 10;

  private final Sender sender;
  private final ByteArrayOutputStream part = new ByteArrayOutputStream(1024);
  private boolean begun;

  /** Where it goes. */
  interface Sender {
    /** The whole body; nothing was sent before. */
    void whole(byte[] body) throws IOException;

    /** The first part; others follow. */
    void first(ByteBuffer part) throws IOException;

    /** A further part. */
    void next(boolean last, ByteBuffer part) throws IOException;
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
      if (begun) {
        sender.next(false, full);
      } else {
        begun = true;
        sender.first(full);
      }
    }
  }

  /** Sends the rest; not to be called when making the body has failed. */
  void end() throws IOException {
    if (begun) {
      sender.next(true, ByteBuffer.wrap(part.toByteArray()));
    } else {
      sender.whole(part.toByteArray());
    }
  }
}
