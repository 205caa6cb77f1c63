package dev.hanse.kernel.network;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * An IPv4 or IPv6 address with a prefix length. Host bits may be set: {@code 10.0.0.1/24} is an
 * interface's address.
 *
 * @param address the address
 * @param length 0 to 32 or 128
 */
public record Prefix(InetAddress address, int length) {
  public Prefix {
    if (length < 0 || length > address.getAddress().length * Byte.SIZE) {
      throw new IllegalArgumentException(
          "prefix length of " + address.getHostAddress() + "/" + length);
    }
  }

  /**
   * Reads {@code 10.0.0.0/24}; without a length the whole address counts. No name is looked up.
   *
   * @throws IllegalArgumentException if it is not an address literal with a fitting length
   */
  public static Prefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return host(InetAddress.ofLiteral(text));
    }
    return new Prefix(
        InetAddress.ofLiteral(text.substring(0, slash)),
        Integer.parseInt(text.substring(slash + 1)));
  }

  /** One address alone: /32 or /128. */
  public static Prefix host(InetAddress address) {
    return new Prefix(address, address.getAddress().length * Byte.SIZE);
  }

  /** Everything: 0.0.0.0/0. */
  public static Prefix everyIpv4() {
    return parse("0.0.0.0/0");
  }

  /** Everything: ::/0. */
  public static Prefix everyIpv6() {
    return parse("::/0");
  }

  /** Whether it is IPv4; else it is IPv6. */
  public boolean isIpv4() {
    return address instanceof Inet4Address;
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + length;
  }
}
