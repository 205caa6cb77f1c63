package dev.hanse.kernel.network;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A route.
 *
 * @param destination where to; everything for the default route
 * @param kind what happens to packets
 * @param gateway the next hop
 * @param device the interface to leave by
 * @param table the routing table, 254 is the main one
 * @param scope how far the destination is; found by the kernel's usual rule if made by {@link #to}
 * @param onlink whether the gateway is reachable on the device though no route says so
 * @param source the preferred source address
 * @param metric the lower, the more preferred
 * @param protocol who made it: 2 the kernel, 3 at boot, 4 an administrator
 */
public record Route(
    Prefix destination,
    Kind kind,
    Optional<InetAddress> gateway,
    OptionalInt device,
    int table,
    Scope scope,
    boolean onlink,
    Optional<InetAddress> source,
    OptionalInt metric,
    int protocol) {
  /** What happens to packets (rtnetlink(7)). */
  public enum Kind {
    UNSPECIFIED(0),
    /** They are sent on. */
    UNICAST(1),
    /** They are for this host. */
    LOCAL(2),
    BROADCAST(3),
    ANYCAST(4),
    MULTICAST(5),
    /** They are dropped without a word. */
    BLACKHOLE(6),
    /** They are dropped, and the sender is told so. */
    UNREACHABLE(7),
    PROHIBIT(8),
    /** The search goes on in another table. */
    THROW(9);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    /** The kernel's number of it. */
    public int number() {
      return number;
    }

    /** The kind of that number, UNSPECIFIED if there is none. */
    public static Kind of(int number) {
      for (Kind kind : values()) {
        if (kind.number == number) {
          return kind;
        }
      }
      return UNSPECIFIED;
    }
  }

  public static final int TABLE_MAIN = 254;
  public static final int TABLE_LOCAL = 255;
  private static final int PROTOCOL_STATIC = 4;

  /** A unicast route of the main table; says nothing yet of a gateway or device. */
  public static Route to(Prefix destination) {
    return new Route(
        destination,
        Kind.UNICAST,
        Optional.empty(),
        OptionalInt.empty(),
        TABLE_MAIN,
        destination.isIpv4() ? Scope.LINK : Scope.GLOBAL,
        false,
        Optional.empty(),
        OptionalInt.empty(),
        PROTOCOL_STATIC);
  }

  /** By a gateway; the scope becomes global. */
  public Route via(InetAddress wanted) {
    return new Route(
        destination,
        kind,
        Optional.of(wanted),
        device,
        table,
        Scope.GLOBAL,
        onlink,
        source,
        metric,
        protocol);
  }

  public Route by(int index) {
    return new Route(
        destination,
        kind,
        gateway,
        OptionalInt.of(index),
        table,
        scope,
        onlink,
        source,
        metric,
        protocol);
  }

  public Route withKind(Kind wanted) {
    return new Route(
        destination, wanted, gateway, device, table, scope, onlink, source, metric, protocol);
  }

  public Route withTable(int wanted) {
    return new Route(
        destination, kind, gateway, device, wanted, scope, onlink, source, metric, protocol);
  }

  public Route withScope(Scope wanted) {
    return new Route(
        destination, kind, gateway, device, table, wanted, onlink, source, metric, protocol);
  }

  public Route withOnlink() {
    return new Route(
        destination, kind, gateway, device, table, scope, true, source, metric, protocol);
  }

  public Route withSource(InetAddress wanted) {
    return new Route(
        destination,
        kind,
        gateway,
        device,
        table,
        scope,
        onlink,
        Optional.of(wanted),
        metric,
        protocol);
  }

  public Route withMetric(int wanted) {
    return new Route(
        destination,
        kind,
        gateway,
        device,
        table,
        scope,
        onlink,
        source,
        OptionalInt.of(wanted),
        protocol);
  }
}
