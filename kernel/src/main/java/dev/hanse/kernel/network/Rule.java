package dev.hanse.kernel.network;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A routing rule: which table decides for which packets.
 *
 * @param ipv6 whether it is for IPv6; else it is for IPv4
 * @param priority rules are asked in ascending order; the kernel's own are 0, 32766 and 32767
 * @param mark the firewall mark that the packet must have
 * @param mask which bits of the mark count
 * @param source the network that the packet must come from
 * @param table the table to look into
 */
public record Rule(
    boolean ipv6, int priority, OptionalInt mark, int mask, Optional<Prefix> source, int table) {
  private static final int WHOLE_MASK = 0xffffffff;

  /** Packets with that firewall mark, all bits of which count, use that table. */
  public static Rule ofMark(int priority, int mark, int table) {
    return ofMark(priority, mark, WHOLE_MASK, table);
  }

  /** Packets whose firewall mark equals {@code mark} in the bits of {@code mask} use that table. */
  public static Rule ofMark(int priority, int mark, int mask, int table) {
    return new Rule(false, priority, OptionalInt.of(mark), mask, Optional.empty(), table);
  }

  /** Packets from that network use that table. */
  public static Rule ofSource(int priority, Prefix source, int table) {
    return new Rule(
        !source.isIpv4(), priority, OptionalInt.empty(), WHOLE_MASK, Optional.of(source), table);
  }

  /** The same rule for IPv6. */
  public Rule forIpv6() {
    return new Rule(true, priority, mark, mask, source, table);
  }
}
