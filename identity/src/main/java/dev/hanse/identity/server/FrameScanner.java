package dev.hanse.identity.server;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;

/** Finds the frames of HTTP/2 (RFC 9113, section 4.1) in a client's bytes, and keeps nothing. */
final class FrameScanner {
  /** Who looks at the frames. */
  interface Frames {
    /** A frame's head is complete. */
    void frame(int type, int flags, int stream, int length);

    /** Bytes of that frame, which come in any number of pieces. */
    default void content(ByteBuf bytes, int from, int to) {}
  }

  private static final int PREFACE_BYTES = 24;
  private static final int HEAD_BYTES = 9;

  private final Frames frames;
  private final byte[] head = new byte[HEAD_BYTES];
  private int headBytes;
  private boolean begun;
  private int skip = PREFACE_BYTES;

  FrameScanner(Frames frames) {
    this.frames = frames;
  }

  /** Looks at the next bytes, which stay as they are. */
  void scan(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end) {
      if (skip > 0) {
        int skipped = Math.min(skip, end - at);
        skip -= skipped;
        if (begun) {
          frames.content(bytes, at, at + skipped);
        }
        at += skipped;
        continue;
      }
      head[headBytes++] = bytes.getByte(at++);
      if (headBytes == HEAD_BYTES) {
        headBytes = 0;
        begun = true;
        skip = (head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | (head[2] & 0xff);
        int stream =
            (head[5] & 0x7f) << 24
                | (head[6] & 0xff) << 16
                | (head[7] & 0xff) << 8
                | (head[8] & 0xff);
        frames.frame(head[3] & 0xff, head[4] & 0xff, stream, skip);
      }
    }
  }
}
