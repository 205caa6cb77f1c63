package dev.hanse.kernel.netlink;

import dev.hanse.kernel.network.ForwardingEntry;
import dev.hanse.kernel.network.MacAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Changes of forwarding entries: neighbours of the bridge family (bridge(8), section fdb). */
public final class ForwardingEntries {
  private static final int CREATE_OR_APPEND = 0xc00;
  private static final int STATE_REACHABLE = 2;
  private static final int STATE_NO_ARP = 0x40;
  private static final int FLAG_SELF = 2;
  private static final int FLAG_MASTER = 4;
  private static final int NDA_PORT = 6;

  private ForwardingEntries() {}

  /** Adds; fails with EEXIST if the receiver has an entry. */
  public static Change add(ForwardingEntry entry) {
    return change("add", Neighbours.NEW, Neighbours.CREATE_NEW, entry);
  }

  /**
   * Adds one more destination for {@link MacAddress#ZERO} of a VXLAN, which frames are flooded to;
   * fails with EEXIST if it is there.
   */
  public static Change append(ForwardingEntry entry) {
    return change("append", Neighbours.NEW, CREATE_OR_APPEND, entry);
  }

  /** Adds, or replaces the entry of the receiver. */
  public static Change replace(ForwardingEntry entry) {
    return change("replace", Neighbours.NEW, Neighbours.CREATE_OR_REPLACE, entry);
  }

  /** Removes; fails with ENOENT if there is none. */
  public static Change delete(ForwardingEntry entry) {
    return change("delete", Neighbours.DELETE, 0, entry);
  }

  private static Change change(String verb, int type, int flags, ForwardingEntry entry) {
    return new Change(
        verb
            + " forwarding entry "
            + entry.mac()
            + entry.destination().map(to -> " to " + to.getHostAddress()).orElse("")
            + " of link "
            + entry.index(),
        (change, requests) -> {
          MessageWriter writer = requests.begin(change, type, flags);
          Neighbours.writeFixed(
              writer,
              Family.BRIDGE,
              entry.index(),
              entry.permanent() ? Neighbours.STATE_PERMANENT : STATE_REACHABLE | STATE_NO_ARP,
              entry.self() ? FLAG_SELF : FLAG_MASTER);
          writer.attribute(Neighbours.NDA_LLADDR, entry.mac().octets());
          entry.destination().ifPresent(to -> writer.attribute(Neighbours.NDA_DST, to));
          entry.port().ifPresent(port -> writer.attributeNetworkU16(NDA_PORT, port));
          writer.end();
        });
  }

  static void writeListRequest(MessageWriter writer, int index) {
    Neighbours.writeFixed(writer, Family.BRIDGE, index, 0, 0);
  }

  static Optional<ForwardingEntry> decode(Message message) {
    ByteBuffer body = message.body();
    if (message.type() != Neighbours.NEW || body.get(0) != Family.BRIDGE) {
      return Optional.empty();
    }
    Attributes attributes = message.attributesAfter(Neighbours.FIXED_BYTES);
    return attributes
        .mac(Neighbours.NDA_LLADDR)
        .map(
            mac ->
                new ForwardingEntry(
                    body.getInt(4),
                    mac,
                    attributes.address(Neighbours.NDA_DST),
                    attributes.networkU16(NDA_PORT),
                    (body.get(10) & FLAG_SELF) != 0,
                    (body.getShort(8) & Neighbours.STATE_PERMANENT) != 0));
  }
}
