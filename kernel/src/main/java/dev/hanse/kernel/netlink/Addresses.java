package dev.hanse.kernel.netlink;

import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.Prefix;
import dev.hanse.kernel.network.Scope;
import java.util.Optional;

/** Changes of addresses: struct ifaddrmsg and IFA attributes of linux/if_addr.h. */
public final class Addresses {
  static final int GET = 22;

  private static final int NEW = 20;
  private static final int DELETE = 21;
  private static final int FIXED_BYTES = 8;
  private static final int CREATE_NEW = 0x600;
  private static final int CREATE_OR_REPLACE = 0x500;
  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;

  /** No duplicate address detection: an IPv6 address is usable at once. */
  private static final int IFA_F_NODAD = 2;

  private Addresses() {}

  /** Adds; fails with EEXIST if the interface has it already. */
  public static Change add(Address address) {
    return change("add", NEW, CREATE_NEW, address);
  }

  /** Adds, or does nothing if the interface has it already. */
  public static Change replace(Address address) {
    return change("replace", NEW, CREATE_OR_REPLACE, address);
  }

  /** Removes; fails with EADDRNOTAVAIL if the interface does not have it. */
  public static Change delete(Address address) {
    return change("delete", DELETE, 0, address);
  }

  private static Change change(String verb, int type, int flags, Address address) {
    return new Change(
        verb + " address " + address.prefix() + " of link " + address.index(),
        (change, requests) -> {
          MessageWriter writer = requests.begin(change, type, flags);
          Prefix prefix = address.prefix();
          writer
              .u8(Family.of(prefix.address()))
              .u8(prefix.length())
              .u8(prefix.isIpv4() ? 0 : IFA_F_NODAD)
              .u8(address.scope().number())
              .u32(address.index())
              .attribute(IFA_LOCAL, prefix.address())
              .attribute(IFA_ADDRESS, prefix.address())
              .end();
        });
  }

  static void writeListRequest(MessageWriter writer) {
    writer.u8(Family.UNSPECIFIED).u8(0).u8(0).u8(0).u32(0);
  }

  static Optional<Address> decode(Message message) {
    if (message.type() != NEW) {
      return Optional.empty();
    }
    Attributes attributes = message.attributesAfter(FIXED_BYTES);
    int length = Byte.toUnsignedInt(message.body().get(1));
    int scope = Byte.toUnsignedInt(message.body().get(3));
    int index = message.body().getInt(4);
    // IPv6 has no local attribute; on a point-to-point link the address attribute is the other end.
    return attributes
        .address(IFA_LOCAL)
        .or(() -> attributes.address(IFA_ADDRESS))
        .map(found -> new Address(index, new Prefix(found, length), Scope.of(scope)));
  }
}
