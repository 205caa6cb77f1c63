package dev.hanse.kernel.netlink;

import dev.hanse.kernel.network.Link;
import dev.hanse.kernel.network.NewLink;
import dev.hanse.kernel.network.Vxlan;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;

/** Interfaces as messages: struct ifinfomsg and the IFLA attributes of linux/if_link.h. */
final class LinkCodec {
  static final int NEW = 16;
  static final int DELETE = 17;
  static final int GET = 18;
  static final int SET = 19;

  static final int IFF_UP = 1;
  static final int FIXED_BYTES = 16;
  static final int IFLA_ADDRESS = 1;
  static final int IFLA_IFNAME = 3;
  static final int IFLA_MTU = 4;
  static final int IFLA_LINK = 5;
  static final int IFLA_MASTER = 10;
  static final int IFLA_PROTINFO = 12;
  static final int IFLA_LINKINFO = 18;
  static final int IFLA_IFALIAS = 20;
  static final int IFLA_NET_NS_FD = 28;
  private static final int IFLA_EXT_MASK = 29;
  private static final int EXT_MASK_SKIP_STATISTICS = 8;

  private static final int INFO_KIND = 1;
  private static final int INFO_DATA = 2;
  private static final int VETH_INFO_PEER = 1;
  private static final int VXLAN_ID = 1;
  private static final int VXLAN_LOCAL = 4;
  private static final int VXLAN_TTL = 5;
  private static final int VXLAN_LEARNING = 7;
  private static final int VXLAN_PROXY = 11;
  private static final int VXLAN_PORT = 15;
  private static final int VXLAN_LOCAL6 = 17;
  private static final int VXLAN_DF = 29;

  private LinkCodec() {}

  static void writeListRequest(MessageWriter writer) {
    writeFixed(writer, Family.UNSPECIFIED, 0, 0, 0);
    writer.attributeU32(IFLA_EXT_MASK, EXT_MASK_SKIP_STATISTICS);
  }

  static void writeFindRequest(MessageWriter writer, String name) {
    writeListRequest(writer);
    writer.attribute(IFLA_IFNAME, name);
  }

  static void writeFixed(MessageWriter writer, int family, int index, int flags, int change) {
    writer.u8(family).u8(0).u16(0).u32(index).u32(flags).u32(change);
  }

  static void writeNew(MessageWriter writer, NewLink link, Requests requests) {
    int flags = link.up() ? IFF_UP : 0;
    writeFixed(writer, Family.UNSPECIFIED, 0, flags, flags);
    writer.attribute(IFLA_IFNAME, link.name());
    link.mac().ifPresent(mac -> writer.attribute(IFLA_ADDRESS, mac.octets()));
    link.mtu().ifPresent(mtu -> writer.attributeU32(IFLA_MTU, mtu));
    link.master().ifPresent(master -> writer.attributeU32(IFLA_MASTER, master));
    link.namespace()
        .ifPresent(
            namespace -> writer.attributeU32(IFLA_NET_NS_FD, requests.descriptor(namespace)));
    switch (link.kind()) {
      case NewLink.Kind.Bridge() -> writeKind(writer, "bridge", () -> {});
      case NewLink.Kind.Dummy() -> writeKind(writer, "dummy", () -> {});
      case NewLink.Kind.VethPeer() -> {}
      case NewLink.Kind.Veth(NewLink peer) ->
          writeKind(
              writer,
              "veth",
              () -> writer.nested(VETH_INFO_PEER, () -> writeNew(writer, peer, requests)));
      case NewLink.Kind.Tunnel(Vxlan vxlan) ->
          writeKind(writer, "vxlan", () -> writeVxlan(writer, vxlan));
    }
  }

  private static void writeKind(MessageWriter writer, String kind, Runnable data) {
    writer.nested(
        IFLA_LINKINFO,
        () -> {
          writer.attribute(INFO_KIND, kind);
          writer.nested(INFO_DATA, data);
        });
  }

  private static void writeVxlan(MessageWriter writer, Vxlan vxlan) {
    writer.attributeU32(VXLAN_ID, vxlan.id());
    writer.attributeNetworkU16(VXLAN_PORT, vxlan.port());
    vxlan
        .local()
        .ifPresent(
            local ->
                writer.attribute(
                    local instanceof Inet4Address ? VXLAN_LOCAL : VXLAN_LOCAL6, local));
    writer.attributeU8(VXLAN_LEARNING, vxlan.learning() ? 1 : 0);
    writer.attributeU8(VXLAN_PROXY, vxlan.proxy() ? 1 : 0);
    vxlan.ttl().ifPresent(ttl -> writer.attributeU8(VXLAN_TTL, ttl));
    if (vxlan.dontFragment() != Vxlan.DontFragment.UNSET) {
      writer.attributeU8(VXLAN_DF, vxlan.dontFragment().number());
    }
  }

  static Optional<Link> decode(Message message) {
    if (message.type() != NEW) {
      return Optional.empty();
    }
    Attributes attributes = message.attributesAfter(FIXED_BYTES);
    ByteBuffer body = message.body();
    Optional<Attributes> information = attributes.nested(IFLA_LINKINFO);
    Optional<String> kind = information.flatMap(found -> found.text(INFO_KIND));
    Optional<Attributes> data = information.flatMap(found -> found.nested(INFO_DATA));
    return Optional.of(
        new Link(
            body.getInt(4),
            attributes.text(IFLA_IFNAME).orElse(""),
            kind,
            attributes.mac(IFLA_ADDRESS),
            attributes.u32(IFLA_MTU).orElse(0),
            attributes.u32(IFLA_MASTER),
            (body.getInt(8) & IFF_UP) != 0,
            attributes.text(IFLA_IFALIAS),
            kind.equals(Optional.of("veth")) ? attributes.u32(IFLA_LINK) : OptionalInt.empty(),
            kind.equals(Optional.of("vxlan"))
                ? data.map(LinkCodec::decodeVxlan)
                : Optional.empty()));
  }

  private static Vxlan decodeVxlan(Attributes data) {
    int ttl = data.u8(VXLAN_TTL).orElse(0);
    return new Vxlan(
        data.u32(VXLAN_ID).orElse(0),
        data.networkU16(VXLAN_PORT).orElse(0),
        data.address(VXLAN_LOCAL)
            .or(() -> data.address(VXLAN_LOCAL6))
            .filter(local -> !local.isAnyLocalAddress()),
        data.u8(VXLAN_LEARNING).orElse(0) == 1,
        data.u8(VXLAN_PROXY).orElse(0) == 1,
        ttl == 0 ? OptionalInt.empty() : OptionalInt.of(ttl),
        Vxlan.DontFragment.of(data.u8(VXLAN_DF).orElse(0)));
  }
}
