package dev.hanse.kernel.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A received netlink message.
 *
 * @param body what follows the header, from position 0 to the limit
 */
record Message(int type, int flags, int sequence, ByteBuffer body) {
  static final int ERROR = 2;
  static final int DONE = 3;

  /** The dump was disturbed by a change and may be inconsistent. */
  static final int FLAG_DUMP_INTERRUPTED = 0x10;

  private static final int ALIGNMENT = 4;

  /**
   * Splits a datagram.
   *
   * @throws IllegalArgumentException if a length does not fit
   */
  static List<Message> split(ByteBuffer datagram) {
    List<Message> messages = new ArrayList<>();
    int position = 0;
    while (datagram.limit() - position >= MessageWriter.HEADER_BYTES) {
      int length = datagram.getInt(position);
      if (length < MessageWriter.HEADER_BYTES || length > datagram.limit() - position) {
        throw new IllegalArgumentException("netlink message of length " + length + " does not fit");
      }
      messages.add(
          new Message(
              Short.toUnsignedInt(datagram.getShort(position + 4)),
              Short.toUnsignedInt(datagram.getShort(position + 6)),
              datagram.getInt(position + 8),
              datagram
                  .slice(position + MessageWriter.HEADER_BYTES, length - MessageWriter.HEADER_BYTES)
                  .order(ByteOrder.nativeOrder())));
      position += (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    return messages;
  }

  /** The attributes that follow a fixed part of that many bytes. */
  Attributes attributesAfter(int fixedBytes) {
    if (body.limit() < fixedBytes) {
      throw new IllegalArgumentException("netlink message " + type + " is too short");
    }
    return Attributes.decode(body.duplicate().order(body.order()).position(fixedBytes));
  }
}
