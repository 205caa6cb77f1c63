package dev.hanse.kernel.netlink;

import dev.hanse.kernel.network.Prefix;
import dev.hanse.kernel.network.Route;
import dev.hanse.kernel.network.Scope;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Changes of routes: struct rtmsg and RTA attributes of linux/rtnetlink.h. */
public final class Routes {
  static final int GET = 26;

  private static final int NEW = 24;
  private static final int DELETE = 25;
  private static final int FIXED_BYTES = 12;
  private static final int CREATE_NEW = 0x600;
  private static final int CREATE_OR_REPLACE = 0x500;
  private static final int RTA_DST = 1;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_PRIORITY = 6;
  private static final int RTA_PREFSRC = 7;
  private static final int RTA_TABLE = 15;
  private static final int RTNH_F_ONLINK = 4;

  /** A table above 255 only fits into the attribute; the fixed part then says "unspecified". */
  private static final int TABLE_BYTE_MAX = 255;

  /** Copies that the kernel keeps of routes per destination are not configuration. */
  private static final int RTM_F_CLONED = 0x200;

  private Routes() {}

  /** Adds; fails with EEXIST if the table has a route to that destination of that metric. */
  public static Change add(Route route) {
    return change("add", NEW, CREATE_NEW, route);
  }

  /** Adds, or replaces the table's route to that destination of that metric. */
  public static Change replace(Route route) {
    return change("replace", NEW, CREATE_OR_REPLACE, route);
  }

  /** Removes; fails with ESRCH if there is none. */
  public static Change delete(Route route) {
    return change("delete", DELETE, 0, route);
  }

  private static Change change(String verb, int type, int flags, Route route) {
    return new Change(
        verb + " route to " + route.destination() + " in table " + route.table(),
        (change, requests) -> {
          MessageWriter writer = requests.begin(change, type, flags);
          writeFixed(writer, route);
          if (route.destination().length() > 0) {
            writer.attribute(RTA_DST, route.destination().address());
          }
          route.gateway().ifPresent(gateway -> writer.attribute(RTA_GATEWAY, gateway));
          route.device().ifPresent(device -> writer.attributeU32(RTA_OIF, device));
          route.source().ifPresent(source -> writer.attribute(RTA_PREFSRC, source));
          route.metric().ifPresent(metric -> writer.attributeU32(RTA_PRIORITY, metric));
          writer.attributeU32(RTA_TABLE, route.table());
          writer.end();
        });
  }

  private static void writeFixed(MessageWriter writer, Route route) {
    Prefix destination = route.destination();
    writer
        .u8(Family.of(destination.address()))
        .u8(destination.length())
        .u8(0)
        .u8(0)
        .u8(route.table() > TABLE_BYTE_MAX ? 0 : route.table())
        .u8(route.protocol())
        .u8(route.scope().number())
        .u8(route.kind().number())
        .u32(route.onlink() ? RTNH_F_ONLINK : 0);
  }

  static void writeListRequest(MessageWriter writer) {
    writer.u8(Family.UNSPECIFIED).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u32(0);
  }

  static Optional<Route> decode(Message message) {
    ByteBuffer body = message.body();
    if (message.type() != NEW || (body.getInt(8) & RTM_F_CLONED) != 0) {
      return Optional.empty();
    }
    Attributes attributes = message.attributesAfter(FIXED_BYTES);
    Optional<InetAddress> destination = attributes.address(RTA_DST);
    return Optional.of(
        new Route(
            destination
                .map(address -> new Prefix(address, Byte.toUnsignedInt(body.get(1))))
                .orElseGet(() -> Family.everything(body.get(0))),
            Route.Kind.of(Byte.toUnsignedInt(body.get(7))),
            attributes.address(RTA_GATEWAY),
            attributes.u32(RTA_OIF),
            attributes.u32(RTA_TABLE).orElse(Byte.toUnsignedInt(body.get(4))),
            Scope.of(Byte.toUnsignedInt(body.get(6))),
            (body.getInt(8) & RTNH_F_ONLINK) != 0,
            attributes.address(RTA_PREFSRC),
            attributes.u32(RTA_PRIORITY),
            Byte.toUnsignedInt(body.get(5))));
  }
}
