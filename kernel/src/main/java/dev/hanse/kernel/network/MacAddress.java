package dev.hanse.kernel.network;

import java.util.HexFormat;

/**
 * An Ethernet address.
 *
 * @param bits the 48 bits, first octet highest
 */
public record MacAddress(long bits) {
  /** 00:00:00:00:00:00, in a VXLAN's forwarding entries the destination of flooded frames. */
  public static final MacAddress ZERO = new MacAddress(0);

  private static final int OCTETS = 6;
  private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

  public MacAddress {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException("more than 48 bits: " + Long.toHexString(bits));
    }
  }

  /**
   * Reads {@code 02:42:0a:00:00:01}.
   *
   * @throws IllegalArgumentException if it is not six octets in that form
   */
  public static MacAddress parse(String text) {
    byte[] octets = COLONS.parseHex(text);
    if (octets.length != OCTETS) {
      throw new IllegalArgumentException("not an Ethernet address: " + text);
    }
    return ofOctets(octets);
  }

  /** Of its six octets. */
  public static MacAddress ofOctets(byte[] octets) {
    long bits = 0;
    for (byte octet : octets) {
      bits = (bits << 8) | (octet & 0xff);
    }
    return new MacAddress(bits);
  }

  /** Its six octets. */
  public byte[] octets() {
    byte[] octets = new byte[OCTETS];
    for (int i = 0; i < OCTETS; i++) {
      octets[i] = (byte) (bits >>> (8 * (OCTETS - 1 - i)));
    }
    return octets;
  }

  @Override
  public String toString() {
    return COLONS.formatHex(octets());
  }
}
