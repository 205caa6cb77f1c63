package dev.hanse.kernel.netlink;

import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.network.MacAddress;
import dev.hanse.kernel.network.NewLink;
import java.util.function.Consumer;

/** Changes of interfaces. Those that exist are named by their index. */
public final class Links {
  private static final int CREATE_NEW = 0x600;

  private Links() {}

  /** Makes an interface; fails with EEXIST if the name is taken. */
  public static Change add(NewLink link) {
    return new Change(
        "add link " + link.name(),
        (change, requests) -> {
          MessageWriter writer = requests.begin(change, LinkCodec.NEW, CREATE_NEW);
          LinkCodec.writeNew(writer, link, requests);
          writer.end();
          // The kernel takes no alias in the message that makes the interface.
          link.alias().ifPresent(alias -> writeAlias(change, requests, link.name(), alias));
        });
  }

  private static void writeAlias(Change change, Requests requests, String name, String alias) {
    MessageWriter writer = requests.begin(change, LinkCodec.SET, 0);
    LinkCodec.writeFixed(writer, Family.UNSPECIFIED, 0, 0, 0);
    writer.attribute(LinkCodec.IFLA_IFNAME, name).attribute(LinkCodec.IFLA_IFALIAS, alias);
    writer.end();
  }

  /** Removes an interface; of a veth both ends go. */
  public static Change delete(int index) {
    return of("delete link " + index, LinkCodec.DELETE, index, 0, 0);
  }

  /** Switches it on. */
  public static Change up(int index) {
    return of(
        "set link " + index + " up", LinkCodec.SET, index, LinkCodec.IFF_UP, LinkCodec.IFF_UP);
  }

  /** Switches it off. */
  public static Change down(int index) {
    return of("set link " + index + " down", LinkCodec.SET, index, 0, LinkCodec.IFF_UP);
  }

  /** Renames it; older kernels want it to be down. */
  public static Change rename(int index, String name) {
    String checked = NewLink.requireName(name);
    return set(index, "name " + name, writer -> writer.attribute(LinkCodec.IFLA_IFNAME, checked));
  }

  public static Change mac(int index, MacAddress mac) {
    return set(
        index, "MAC " + mac, writer -> writer.attribute(LinkCodec.IFLA_ADDRESS, mac.octets()));
  }

  /** Sets the largest packet, bytes. */
  public static Change mtu(int index, int mtu) {
    return set(index, "MTU " + mtu, writer -> writer.attributeU32(LinkCodec.IFLA_MTU, mtu));
  }

  /** Makes it a port of a bridge. */
  public static Change master(int index, int bridge) {
    return set(
        index, "master " + bridge, writer -> writer.attributeU32(LinkCodec.IFLA_MASTER, bridge));
  }

  /** Takes it out of its bridge. */
  public static Change noMaster(int index) {
    return set(index, "no master", writer -> writer.attributeU32(LinkCodec.IFLA_MASTER, 0));
  }

  /** Puts a free text on it, to recognise it by; an empty text takes it away. */
  public static Change alias(int index, String text) {
    return set(index, "alias", writer -> writer.attribute(LinkCodec.IFLA_IFALIAS, text));
  }

  /** Moves it into another namespace, where it keeps its name and is down. */
  public static Change move(int index, NetworkNamespace namespace) {
    return new Change(
        "move link " + index + " to " + namespace.path(),
        (change, requests) -> {
          MessageWriter writer = requests.begin(change, LinkCodec.SET, 0);
          LinkCodec.writeFixed(writer, Family.UNSPECIFIED, index, 0, 0);
          writer.attributeU32(LinkCodec.IFLA_NET_NS_FD, requests.descriptor(namespace));
          writer.end();
        });
  }

  private static Change set(int index, String what, Consumer<MessageWriter> attributes) {
    return new Change(
        "set link " + index + " " + what,
        (change, requests) -> {
          MessageWriter writer = requests.begin(change, LinkCodec.SET, 0);
          LinkCodec.writeFixed(writer, Family.UNSPECIFIED, index, 0, 0);
          attributes.accept(writer);
          writer.end();
        });
  }

  private static Change of(String operation, int type, int index, int flags, int mask) {
    return new Change(
        operation,
        (change, requests) -> {
          MessageWriter writer = requests.begin(change, type, 0);
          LinkCodec.writeFixed(writer, Family.UNSPECIFIED, index, flags, mask);
          writer.end();
        });
  }
}
