package dev.hanse.kernel.netlink;

import dev.hanse.kernel.network.MacAddress;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Decoded attributes of a netlink message by their type; of a repeated type the last. */
final class Attributes {
  private static final int HEADER_BYTES = 4;
  private static final int ALIGNMENT = 4;

  /** The upper two bits of a type are flags: nested, network byte order. */
  private static final int TYPE_MASK = 0x3fff;

  private final Map<Integer, ByteBuffer> values = new LinkedHashMap<>();

  private Attributes() {}

  /**
   * Decodes from the buffer's position to its limit.
   *
   * @throws IllegalArgumentException if a length does not fit
   */
  static Attributes decode(ByteBuffer buffer) {
    Attributes attributes = new Attributes();
    int position = buffer.position();
    while (buffer.limit() - position >= HEADER_BYTES) {
      int length = Short.toUnsignedInt(buffer.getShort(position));
      int type = buffer.getShort(position + 2) & TYPE_MASK;
      if (length < HEADER_BYTES || position + length > buffer.limit()) {
        throw new IllegalArgumentException(
            "netlink attribute " + type + " of length " + length + " does not fit");
      }
      attributes.values.put(
          type,
          buffer
              .slice(position + HEADER_BYTES, length - HEADER_BYTES)
              .order(ByteOrder.nativeOrder()));
      position += (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    return attributes;
  }

  Optional<ByteBuffer> value(int type) {
    return Optional.ofNullable(values.get(type))
        .map(found -> found.duplicate().order(found.order()));
  }

  OptionalInt u8(int type) {
    ByteBuffer found = values.get(type);
    return found == null ? OptionalInt.empty() : OptionalInt.of(Byte.toUnsignedInt(found.get(0)));
  }

  OptionalInt u32(int type) {
    ByteBuffer found = values.get(type);
    return found == null ? OptionalInt.empty() : OptionalInt.of(found.getInt(0));
  }

  OptionalInt networkU16(int type) {
    return value(type)
        .map(
            found ->
                OptionalInt.of(Short.toUnsignedInt(found.order(ByteOrder.BIG_ENDIAN).getShort())))
        .orElse(OptionalInt.empty());
  }

  Optional<String> text(int type) {
    return bytes(type)
        .map(
            found -> {
              int end = found.length > 0 && found[found.length - 1] == 0 ? 1 : 0;
              return new String(found, 0, found.length - end, StandardCharsets.UTF_8);
            });
  }

  Optional<InetAddress> address(int type) {
    return bytes(type).map(Family::address);
  }

  /** An Ethernet address; other hardware addresses (of tunnels) count as none. */
  Optional<MacAddress> mac(int type) {
    return bytes(type).filter(found -> found.length == 6).map(MacAddress::ofOctets);
  }

  Optional<Attributes> nested(int type) {
    return value(type).map(Attributes::decode);
  }

  private Optional<byte[]> bytes(int type) {
    return value(type)
        .map(
            found -> {
              byte[] bytes = new byte[found.remaining()];
              found.get(bytes);
              return bytes;
            });
  }
}
