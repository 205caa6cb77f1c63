package dev.hanse.endpoints;

import dev.hanse.text.Digits;
import java.util.Optional;

/**
 * An address together with the length of its network prefix, such as {@code 10.0.0.5/24}. Host bits
 * are kept.
 *
 * @param address the address
 * @param prefixLength 0 to 32
 */
public record Ipv4Subnet(Ipv4Address address, int prefixLength) {

  /** Checks the prefix length. */
  public Ipv4Subnet {
    if (prefixLength < 0 || prefixLength > 32) {
      throw new IllegalArgumentException("prefix length " + prefixLength);
    }
  }

  /** Reads the CIDR form; an address alone means a prefix of 32. */
  public static Optional<Ipv4Subnet> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return Ipv4Address.parse(text).map(address -> new Ipv4Subnet(address, 32));
    }
    String length = text.substring(slash + 1);
    if (!Digits.are(length, 2) || Integer.parseInt(length) > 32) {
      return Optional.empty();
    }
    return Ipv4Address.parse(text.substring(0, slash))
        .map(address -> new Ipv4Subnet(address, Integer.parseInt(length)));
  }

  /**
   * As {@link #parse}, for text that is known to be good.
   *
   * @throws IllegalArgumentException when it is not in CIDR form
   */
  public static Ipv4Subnet of(String text) {
    return parse(text).orElseThrow(() -> new IllegalArgumentException("not a subnet: " + text));
  }

  /** The subnet itself: host bits cleared. */
  public Ipv4Subnet network() {
    return new Ipv4Subnet(new Ipv4Address(address.bits() & mask()), prefixLength);
  }

  /** Is that address within this subnet? */
  public boolean contains(Ipv4Address other) {
    return (other.bits() & mask()) == (address.bits() & mask());
  }

  /** Have the two subnets an address in common? */
  public boolean overlaps(Ipv4Subnet other) {
    return prefixLength <= other.prefixLength ? contains(other.address) : other.contains(address);
  }

  /** How many addresses it has, network and broadcast address included. */
  public long size() {
    return 1L << (32 - prefixLength);
  }

  private int mask() {
    return prefixLength == 0 ? 0 : -1 << (32 - prefixLength);
  }

  @Override
  public String toString() {
    return address + "/" + prefixLength;
  }
}
