package dev.hanse.agent.network.host;

import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.network.Link;
import dev.hanse.kernel.network.Route;
import dev.hanse.network.KernelNames;
import dev.hanse.network.Surroundings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads what a host reaches besides our links: its addresses, and the routes of all tables. */
public final class HostSurroundings {
  private HostSurroundings() {}

  /** What that host reaches now. */
  public static Surroundings read(Netlink host) {
    Set<Integer> ours =
        host.links().stream()
            .filter(link -> KernelNames.isOurs(link.name()))
            .map(Link::index)
            .collect(Collectors.toSet());
    List<Ipv4Subnet> own =
        host.addresses().stream()
            .filter(address -> !ours.contains(address.index()))
            .flatMap(address -> KernelForms.ipv4(address.prefix()).stream())
            .toList();
    List<Ipv4Subnet> routed = new ArrayList<>();
    for (Route route : host.routes()) {
      boolean foreign =
          route.table() != Route.TABLE_LOCAL
              && route.device().stream().noneMatch(ours::contains)
              && leadsSomewhere(route.kind());
      if (foreign) {
        KernelForms.ipv4(route.destination()).ifPresent(routed::add);
      }
    }
    return new Surroundings(own, routed);
  }

  /** Somebody who drops packets has a reason for it, too. */
  private static boolean leadsSomewhere(Route.Kind kind) {
    return switch (kind) {
      case UNICAST, BLACKHOLE, UNREACHABLE, PROHIBIT -> true;
      case UNSPECIFIED, LOCAL, BROADCAST, ANYCAST, MULTICAST, THROW -> false;
    };
  }
}
