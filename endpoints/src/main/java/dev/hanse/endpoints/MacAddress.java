package dev.hanse.endpoints;

import java.util.HexFormat;
import java.util.Optional;

/**
 * An Ethernet hardware address.
 *
 * @param bits the 48 bits, first byte most significant
 */
public record MacAddress(long bits) implements Comparable<MacAddress> {

  /** Reads six hexadecimal bytes with colons; empty when it is anything else or a group address. */
  public static Optional<MacAddress> parse(String text) {
    if (text.length() != 17) {
      return Optional.empty();
    }
    long bits = 0;
    for (int at = 0; at < text.length(); at++) {
      char one = text.charAt(at);
      boolean separator = at % 3 == 2;
      if (separator ? one != ':' : !HexFormat.isHexDigit(one)) {
        return Optional.empty();
      }
      bits = separator ? bits : bits << 4 | HexFormat.fromHexDigit(one);
    }
    boolean group = (bits >>> 40 & 1) == 1;
    return group ? Optional.empty() : Optional.of(new MacAddress(bits));
  }

  /**
   * As {@link #parse}, for text that is known to be good.
   *
   * @throws IllegalArgumentException when it is not a hardware address
   */
  public static MacAddress of(String text) {
    return parse(text)
        .orElseThrow(() -> new IllegalArgumentException("not a hardware address: " + text));
  }

  /** That of a link which has no other: two bytes that mean "made locally", then the address. */
  public static MacAddress ofAddress(Ipv4Address address) {
    return new MacAddress(0x0242L << 32 | (address.bits() & 0xffff_ffffL));
  }

  @Override
  public int compareTo(MacAddress other) {
    return Long.compare(bits, other.bits);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(17);
    for (int shift = 40; shift >= 0; shift -= 8) {
      if (shift < 40) {
        text.append(':');
      }
      int octet = (int) (bits >>> shift & 255);
      text.append(Character.forDigit(octet >>> 4, 16)).append(Character.forDigit(octet & 15, 16));
    }
    return text.toString();
  }
}
