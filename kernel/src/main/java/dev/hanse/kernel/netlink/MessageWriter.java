package dev.hanse.kernel.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Encodes netlink messages (netlink(7)) one after the other into one bounded buffer: a 16-byte
 * header, a fixed part that depends on the type, then attributes: length, type, value, padding to a
 * multiple of 4. Numbers are in the machine's order unless said otherwise.
 */
final class MessageWriter {
  static final int BYTES_MAX = 32 * 1024;
  static final int HEADER_BYTES = 16;

  private static final int ALIGNMENT = 4;
  private static final int LENGTH_OFFSET = 0;

  private final ByteBuffer buffer = ByteBuffer.allocate(BYTES_MAX).order(ByteOrder.nativeOrder());
  private int messageStart;

  /** Starts a message; its fixed part and attributes follow, then {@link #end}. */
  MessageWriter begin(int type, int flags, int sequence) {
    messageStart = buffer.position();
    buffer.putInt(0).putShort((short) type).putShort((short) flags).putInt(sequence).putInt(0);
    return this;
  }

  /** Completes the message by writing its length into its header. */
  void end() {
    buffer.putInt(messageStart + LENGTH_OFFSET, buffer.position() - messageStart);
  }

  MessageWriter u8(int value) {
    buffer.put((byte) value);
    return this;
  }

  MessageWriter u16(int value) {
    buffer.putShort((short) value);
    return this;
  }

  MessageWriter u32(int value) {
    buffer.putInt(value);
    return this;
  }

  MessageWriter attribute(int type, byte[] value) {
    int length = ALIGNMENT + value.length;
    buffer.putShort((short) length).putShort((short) type).put(value);
    pad(length);
    return this;
  }

  MessageWriter attribute(int type, InetAddress address) {
    return attribute(type, address.getAddress());
  }

  /** A text with the terminating zero byte that the kernel expects. */
  MessageWriter attribute(int type, String text) {
    return attribute(type, (text + "\0").getBytes(StandardCharsets.UTF_8));
  }

  MessageWriter attributeU8(int type, int value) {
    return attribute(type, new byte[] {(byte) value});
  }

  MessageWriter attributeU32(int type, int value) {
    buffer.putShort((short) 8).putShort((short) type).putInt(value);
    return this;
  }

  /** A 16-bit number in network order, such as a port. */
  MessageWriter attributeNetworkU16(int type, int value) {
    return attribute(type, new byte[] {(byte) (value >> 8), (byte) value});
  }

  /** An attribute that contains attributes, which {@code content} writes. */
  MessageWriter nested(int type, Runnable content) {
    int start = buffer.position();
    buffer.putShort((short) 0).putShort((short) type);
    content.run();
    buffer.putShort(start, (short) (buffer.position() - start));
    return this;
  }

  private void pad(int length) {
    for (int i = length; i % ALIGNMENT != 0; i++) {
      buffer.put((byte) 0);
    }
  }

  /** Bytes written so far. */
  int length() {
    return buffer.position();
  }

  byte[] toBytes() {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }
}
