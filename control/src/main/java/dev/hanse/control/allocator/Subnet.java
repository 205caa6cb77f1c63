package dev.hanse.control.allocator;

import dev.hanse.text.Digits;
import java.util.Map;
import java.util.Optional;

/**
 * An IPv4 subnet.
 *
 * @param base its first address as a number; host bits are zero
 * @param prefix its prefix length, 0 to 32 bits
 */
public record Subnet(long base, int prefix) {
  private static final int ADDRESS_LENGTH_MAX = 15;
  private static final int BITS = 32;

  /** Of RFC 6890, what no host can have as an ordinary address, and what it is for. */
  private static final Map<Subnet, String> RESERVED =
      Map.of(
          new Subnet(0, 8), "this host",
          new Subnet(127L << 24, 8), "loopback",
          new Subnet(169L << 24 | 254L << 16, 16), "link-local addresses",
          new Subnet(224L << 24, 4), "multicast",
          new Subnet(240L << 24, 4), "future use and broadcast");

  /** Clears the host bits. */
  public Subnet {
    if (prefix < 0 || prefix > BITS) {
      throw new IllegalArgumentException("prefix length " + prefix);
    }
    base = base & mask(prefix);
  }

  /** Reads "10.0.1.0/24"; host bits may be set and are dropped. */
  public static Optional<Subnet> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !Digits.are(text.substring(slash + 1), 2)) {
      return Optional.empty();
    }
    int prefix = Integer.parseInt(text.substring(slash + 1));
    return prefix > BITS
        ? Optional.empty()
        : parseAddress(text.substring(0, slash)).map(address -> new Subnet(address, prefix));
  }

  /** Reads "10.0.1.7". */
  public static Optional<Long> parseAddress(String text) {
    String[] octets = text.length() > ADDRESS_LENGTH_MAX ? new String[0] : text.split("\\.", -1);
    if (octets.length != 4) {
      return Optional.empty();
    }
    long address = 0;
    for (String octet : octets) {
      if (!Digits.are(octet, 3) || Integer.parseInt(octet) > 255) {
        return Optional.empty();
      }
      address = address << 8 | Integer.parseInt(octet);
    }
    return Optional.of(address);
  }

  /** Reads the address of "10.0.1.7/24" or "10.0.1.7". */
  public static Optional<Long> parseAddressOf(String text) {
    int slash = text.indexOf('/');
    return parseAddress(slash < 0 ? text : text.substring(0, slash));
  }

  /** Writes "10.0.1.7". */
  public static String format(long address) {
    return (address >> 24 & 255)
        + "."
        + (address >> 16 & 255)
        + "."
        + (address >> 8 & 255)
        + "."
        + (address & 255);
  }

  /** How many addresses it spans, the first and the last included. */
  public long size() {
    return 1L << (BITS - prefix);
  }

  /** The last address, the broadcast address. */
  public long last() {
    return base + size() - 1;
  }

  /** Whether an address lies in it. */
  public boolean contains(long address) {
    return address >= base && address <= last();
  }

  /** Whether it shares an address with another. */
  public boolean overlaps(Subnet other) {
    return base <= other.last() && other.base <= last();
  }

  /** What it cannot be used for networks because of; empty if it can. */
  public Optional<String> reserved() {
    return RESERVED.entrySet().stream()
        .filter(entry -> overlaps(entry.getKey()))
        .map(entry -> entry.getKey() + " is reserved for " + entry.getValue())
        .sorted()
        .findFirst();
  }

  /** An address of it with its prefix length: "10.0.1.7/24". */
  public String cidr(long address) {
    return format(address) + "/" + prefix;
  }

  /** "10.0.1.0/24". */
  @Override
  public String toString() {
    return cidr(base);
  }

  private static long mask(int prefix) {
    return prefix == 0 ? 0 : 0xffff_ffffL << (BITS - prefix) & 0xffff_ffffL;
  }
}
