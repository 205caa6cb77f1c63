package dev.hanse.agent.dns;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A question as it came in (RFC 1035, section 4). */
final class Query {
  static final int TYPE_A = 1;
  static final int TYPE_PTR = 12;
  static final int HEADER_BYTES = 12;

  private static final int TYPE_OPT = 41;
  private static final int CLASS_IN = 1;
  private static final int UDP_BYTES_DEFAULT = 512;
  private static final int UDP_BYTES_MAX = 4096;
  private static final int NAME_BYTES_MAX = 255;
  private static final int RESPONSE = 0x8000;
  private static final int OPCODE = 0x7800;

  private final int id;
  private final int flags;
  private final String name;
  private final int type;
  private final byte[] question;
  private final int answerBytesMax;
  private final byte[] message;

  private Query(
      int id,
      int flags,
      String name,
      int type,
      byte[] question,
      int answerBytesMax,
      byte[] message) {
    this.id = id;
    this.flags = flags;
    this.name = name;
    this.type = type;
    this.question = question;
    this.answerBytesMax = answerBytesMax;
    this.message = message;
  }

  /** Chosen by the client. */
  int id() {
    return id;
  }

  /** The second 16 bits of the header. */
  int flags() {
    return flags;
  }

  /** Without the last dot. */
  String name() {
    return name;
  }

  /** Of the records asked for. */
  int type() {
    return type;
  }

  /** The question section, to be repeated in the answer; not to be changed. */
  byte[] question() {
    return question;
  }

  /** How large an answer the client takes by UDP. */
  int answerBytesMax() {
    return answerBytesMax;
  }

  /** The whole message; not to be changed. */
  byte[] message() {
    return message;
  }

  /** Empty when it is no standard query with exactly one question of the Internet class. */
  static Optional<Query> parse(byte[] message) {
    ByteBuffer buffer = ByteBuffer.wrap(message);
    if (message.length < HEADER_BYTES + 5) {
      return Optional.empty();
    }
    int id = buffer.getShort() & 0xffff;
    int flags = buffer.getShort() & 0xffff;
    int questions = buffer.getShort() & 0xffff;
    int answers = buffer.getShort() & 0xffff;
    int authorities = buffer.getShort() & 0xffff;
    int additional = buffer.getShort() & 0xffff;
    if ((flags & (RESPONSE | OPCODE)) != 0 || questions != 1 || answers + authorities != 0) {
      return Optional.empty();
    }
    Optional<String> name = name(buffer);
    if (name.isEmpty() || buffer.remaining() < 4) {
      return Optional.empty();
    }
    int type = buffer.getShort() & 0xffff;
    if ((buffer.getShort() & 0xffff) != CLASS_IN) {
      return Optional.empty();
    }
    byte[] question = new byte[buffer.position() - HEADER_BYTES];
    System.arraycopy(message, HEADER_BYTES, question, 0, question.length);
    int sizeMax = additional > 0 ? extendedSize(buffer) : UDP_BYTES_DEFAULT;
    return Optional.of(new Query(id, flags, name.get(), type, question, sizeMax, message));
  }

  private static Optional<String> name(ByteBuffer buffer) {
    StringBuilder name = new StringBuilder();
    while (buffer.hasRemaining()) {
      int length = buffer.get() & 0xff;
      if (length == 0) {
        return Optional.of(name.toString());
      }
      // 63 is the longest label; a query's own name has no reason to be compressed.
      if (length > 63
          || length > buffer.remaining()
          || name.length() + length + 1 > NAME_BYTES_MAX) {
        return Optional.empty();
      }
      byte[] label = new byte[length];
      buffer.get(label);
      name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.ISO_8859_1));
    }
    return Optional.empty();
  }

  /** The size in an OPT record (RFC 6891) that follows the question at once. */
  private static int extendedSize(ByteBuffer buffer) {
    if (buffer.remaining() < 5 || buffer.get() != 0 || (buffer.getShort() & 0xffff) != TYPE_OPT) {
      return UDP_BYTES_DEFAULT;
    }
    int size = buffer.getShort() & 0xffff;
    return Math.clamp(size, UDP_BYTES_DEFAULT, UDP_BYTES_MAX);
  }
}
