package dev.hanse.kernel.network;

import dev.hanse.kernel.namespace.NetworkNamespace;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An interface to be made. What is left empty is the kernel's choice.
 *
 * @param name at most 15 bytes, without slash and white space
 * @param kind what it is
 * @param mac its Ethernet address
 * @param mtu largest packet, bytes
 * @param master index of the bridge that it becomes a port of
 * @param alias a free text, to recognise it by
 * @param up whether it is switched on at once
 * @param namespace where it shall be, if not where it is made; a VXLAN sends its outer packets from
 *     where it was made
 */
public record NewLink(
    String name,
    Kind kind,
    Optional<MacAddress> mac,
    OptionalInt mtu,
    OptionalInt master,
    Optional<String> alias,
    boolean up,
    Optional<NetworkNamespace> namespace) {
  /** What an interface is. */
  public sealed interface Kind {
    /** An Ethernet switch. */
    record Bridge() implements Kind {}

    /** One end of a cable; the peer is made with it, and switched on from where it is. */
    record Veth(NewLink peer) implements Kind {}

    /** The other end of a cable. */
    record VethPeer() implements Kind {}

    /** A tunnel. */
    record Tunnel(Vxlan vxlan) implements Kind {}

    /** An interface that swallows what is sent. */
    record Dummy() implements Kind {}
  }

  private static final int NAME_BYTES_MAX = 15;

  public NewLink {
    requireName(name);
    if (namespace.isPresent() && alias.isPresent()) {
      throw new IllegalArgumentException(
          "the alias of " + name + " can only be set from within its namespace");
    }
    if (kind instanceof Kind.Veth(NewLink peer)
        && !(peer.kind instanceof Kind.VethPeer
            && peer.master.isEmpty()
            && peer.alias.isEmpty()
            && !peer.up)) {
      // The kernel configures the peer before the cable is plugged in, and takes nothing more.
      throw new IllegalArgumentException(
          "the peer of " + name + " takes only a name, MAC, MTU and namespace when it is made");
    }
  }

  /** Checks a name as the kernel does. */
  public static String requireName(String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0
        || bytes > NAME_BYTES_MAX
        || name.equals(".")
        || name.equals("..")
        || name.chars().anyMatch(c -> c == '/' || c == ':' || Character.isWhitespace(c))) {
      throw new IllegalArgumentException("not a name for an interface: \"" + name + "\"");
    }
    return name;
  }

  public static NewLink bridge(String name) {
    return of(name, new Kind.Bridge());
  }

  public static NewLink dummy(String name) {
    return of(name, new Kind.Dummy());
  }

  public static NewLink vxlan(String name, Vxlan vxlan) {
    return of(name, new Kind.Tunnel(vxlan));
  }

  /** A cable; the peer comes from {@link #peer}. */
  public static NewLink veth(String name, NewLink peer) {
    return of(name, new Kind.Veth(peer));
  }

  /**
   * The other end for {@link #veth}; may go straight into another namespace. It is down until it is
   * switched on from there.
   */
  public static NewLink peer(String name) {
    return of(name, new Kind.VethPeer());
  }

  private static NewLink of(String name, Kind kind) {
    return new NewLink(
        name,
        kind,
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        false,
        Optional.empty());
  }

  public NewLink withMac(MacAddress wanted) {
    return new NewLink(name, kind, Optional.of(wanted), mtu, master, alias, up, namespace);
  }

  public NewLink withMtu(int wanted) {
    return new NewLink(name, kind, mac, OptionalInt.of(wanted), master, alias, up, namespace);
  }

  public NewLink withMaster(int index) {
    return new NewLink(name, kind, mac, mtu, OptionalInt.of(index), alias, up, namespace);
  }

  public NewLink withAlias(String text) {
    return new NewLink(name, kind, mac, mtu, master, Optional.of(text), up, namespace);
  }

  public NewLink withUp() {
    return new NewLink(name, kind, mac, mtu, master, alias, true, namespace);
  }

  public NewLink in(NetworkNamespace wanted) {
    return new NewLink(name, kind, mac, mtu, master, alias, up, Optional.of(wanted));
  }
}
