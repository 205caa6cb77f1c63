package dev.hanse.kernel.netlink;

import dev.hanse.kernel.network.Neighbour;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Changes of neighbours: struct ndmsg and NDA attributes of linux/neighbour.h. */
public final class Neighbours {
  static final int NEW = 28;
  static final int DELETE = 29;
  static final int GET = 30;
  static final int FIXED_BYTES = 12;
  static final int CREATE_NEW = 0x600;
  static final int CREATE_OR_REPLACE = 0x500;
  static final int NDA_DST = 1;
  static final int NDA_LLADDR = 2;
  static final int STATE_PERMANENT = 0x80;

  private static final int STATE_REACHABLE = 2;
  private static final int NDA_IFINDEX = 8;

  private Neighbours() {}

  /** Adds; fails with EEXIST if the address has an entry. */
  public static Change add(Neighbour neighbour) {
    return change("add", NEW, CREATE_NEW, neighbour);
  }

  /** Adds, or replaces the entry of the address. */
  public static Change replace(Neighbour neighbour) {
    return change("replace", NEW, CREATE_OR_REPLACE, neighbour);
  }

  /** Removes; fails with ENOENT if there is none. */
  public static Change delete(Neighbour neighbour) {
    return change("delete", DELETE, 0, neighbour);
  }

  private static Change change(String verb, int type, int flags, Neighbour neighbour) {
    return new Change(
        verb
            + " neighbour "
            + neighbour.address().getHostAddress()
            + " of link "
            + neighbour.index(),
        (change, requests) -> {
          MessageWriter writer = requests.begin(change, type, flags);
          writeFixed(
              writer,
              Family.of(neighbour.address()),
              neighbour.index(),
              neighbour.permanent() ? STATE_PERMANENT : STATE_REACHABLE,
              0);
          writer
              .attribute(NDA_DST, neighbour.address())
              .attribute(NDA_LLADDR, neighbour.mac().octets())
              .end();
        });
  }

  static void writeFixed(MessageWriter writer, int family, int index, int state, int flags) {
    writer.u8(family).u8(0).u16(0).u32(index).u16(state).u8(flags).u8(0);
  }

  static void writeListRequest(MessageWriter writer, int index) {
    writeFixed(writer, Family.UNSPECIFIED, 0, 0, 0);
    writer.attributeU32(NDA_IFINDEX, index);
  }

  /** Entries without an Ethernet address (being asked for, failed) are left out. */
  static Optional<Neighbour> decode(Message message) {
    ByteBuffer body = message.body();
    if (message.type() != NEW || (body.get(0) != Family.IPV4 && body.get(0) != Family.IPV6)) {
      return Optional.empty();
    }
    Attributes attributes = message.attributesAfter(FIXED_BYTES);
    return attributes
        .address(NDA_DST)
        .flatMap(
            address ->
                attributes
                    .mac(NDA_LLADDR)
                    .map(
                        mac ->
                            new Neighbour(
                                body.getInt(4),
                                address,
                                mac,
                                (body.getShort(8) & STATE_PERMANENT) != 0)));
  }
}
