package dev.hanse.endpoints;

import dev.hanse.text.Digits;
import java.util.Optional;

/**
 * An IPv4 address.
 *
 * @param bits in network order, so that 10.0.0.1 is 0x0a000001
 */
public record Ipv4Address(int bits) implements Comparable<Ipv4Address> {

  /** Reads the dotted form of exactly four decimal numbers; empty when it is anything else. */
  public static Optional<Ipv4Address> parse(String text) {
    int bits = 0;
    int from = 0;
    for (int part = 1; part <= 4; part++) {
      int end = part < 4 ? text.indexOf('.', from) : text.length();
      if (end < 0 || !Digits.are(text.substring(from, end), 3)) {
        return Optional.empty();
      }
      int octet = Integer.parseInt(text, from, end, 10);
      if (octet > 255) {
        return Optional.empty();
      }
      bits = bits << 8 | octet;
      from = end + 1;
    }
    return Optional.of(new Ipv4Address(bits));
  }

  /**
   * As {@link #parse}, for text that is known to be good.
   *
   * @throws IllegalArgumentException when it is not an address
   */
  public static Ipv4Address of(String text) {
    return parse(text)
        .orElseThrow(() -> new IllegalArgumentException("not an IPv4 address: " + text));
  }

  /** The address so many places further. */
  public Ipv4Address plus(int distance) {
    return new Ipv4Address(bits + distance);
  }

  /** The four bytes, most significant first. */
  public byte[] bytes() {
    return new byte[] {
      (byte) (bits >>> 24), (byte) (bits >>> 16), (byte) (bits >>> 8), (byte) bits
    };
  }

  @Override
  public int compareTo(Ipv4Address other) {
    return Integer.compareUnsigned(bits, other.bits);
  }

  @Override
  public String toString() {
    return (bits >>> 24)
        + "."
        + (bits >>> 16 & 255)
        + "."
        + (bits >>> 8 & 255)
        + "."
        + (bits & 255);
  }
}
