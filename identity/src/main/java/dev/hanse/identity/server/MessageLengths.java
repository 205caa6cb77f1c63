package dev.hanse.identity.server;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads in the bytes of HTTP/2 how long the gRPC messages are that a client announces (gRPC over
 * HTTP/2, "Length-Prefixed-Message"), before anybody keeps a byte of them.
 */
final class MessageLengths {
  private static final int HEAD_BYTES = 5;

  /** Streams in the middle of a message; more than calls can be open. */
  private static final int UNFINISHED_MAX = 4_096;

  private static final int RST_STREAM = 3;
  private static final int PADDED = 8;

  private final int bytesMax;
  private final Map<Integer, Message> unfinished = new HashMap<>();
  private int stream;
  private boolean data;
  private boolean ends;
  private Optional<String> excess = Optional.empty();

  private static final class Message {
    private int headBytes;
    private int announced;
    private int missing;

    private boolean isComplete() {
      return headBytes == 0 && missing == 0;
    }
  }

  /** For a client whose messages may be so long. */
  MessageLengths(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** The next frame begins. */
  void frame(int type, int flags, int ofStream) {
    endStream();
    stream = ofStream;
    data = type == FrameGuard.DATA;
    ends = type == RST_STREAM || (data && (flags & FrameGuard.END_STREAM) != 0);
    if (data && (flags & PADDED) != 0) {
      excess = Optional.of("padded frames");
    }
  }

  /** Bytes of that frame. */
  void content(ByteBuf bytes, int from, int to) {
    if (!data || excess.isPresent()) {
      return;
    }
    Message message = unfinished.computeIfAbsent(stream, _ -> new Message());
    int at = from;
    while (at < to && excess.isEmpty()) {
      if (message.missing > 0) {
        int taken = Math.min(message.missing, to - at);
        message.missing -= taken;
        at += taken;
      } else {
        head(message, bytes.getByte(at++));
      }
    }
    if (message.isComplete()) {
      unfinished.remove(stream);
    } else if (unfinished.size() > UNFINISHED_MAX) {
      excess = Optional.of("too many unfinished messages");
    }
  }

  /** What the client may not; empty as long as it does nothing such. */
  Optional<String> excess() {
    return excess;
  }

  private void head(Message message, byte next) {
    if (message.headBytes > 0) { // The first says whether it is compressed.
      message.announced = message.announced << 8 | (next & 0xff);
    }
    message.headBytes++;
    if (message.headBytes == HEAD_BYTES) {
      if (Integer.compareUnsigned(message.announced, bytesMax) > 0) {
        excess = Optional.of("a message longer than " + bytesMax + " bytes");
      } else {
        message.missing = message.announced;
      }
      message.announced = 0;
      message.headBytes = 0;
    }
  }

  private void endStream() {
    if (ends) {
      unfinished.remove(stream);
      ends = false;
    }
  }
}
