package dev.hanse.agent.network;

import dev.hanse.kernel.netlink.Address;
import dev.hanse.kernel.netlink.Link;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.network.Ipv4Address;
import dev.hanse.network.Ipv4Subnet;
import dev.hanse.network.Names;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** The tasks' addresses on the egress bridge; the bridge itself has the first. */
final class EgressPool {
  private final Ipv4Subnet bridge;
  private final Set<Ipv4Address> used = new HashSet<>();
  private long last = 1;

  private EgressPool(Ipv4Subnet bridge) {
    this.bridge = bridge;
  }

  static EgressPool of(Ipv4Subnet subnet) {
    Ipv4Subnet network = subnet.network();
    return new EgressPool(new Ipv4Subnet(network.address().plus(1), network.prefixLength()));
  }

  /** The first of 172.18.0.0/16 to 172.31.0.0/16 that meets none of the given subnets. */
  static Optional<Ipv4Subnet> free(Collection<Ipv4Subnet> taken) {
    List<Ipv4Subnet> candidates =
        IntStream.rangeClosed(18, 31)
            .mapToObj(second -> Ipv4Subnet.of("172." + second + ".0.0/16"))
            .toList();
    return candidates.stream()
        .filter(candidate -> taken.stream().noneMatch(candidate::overlaps))
        .findFirst();
  }

  /** The bridge's address with prefix length. */
  Ipv4Subnet bridge() {
    return bridge;
  }

  /** The subnet that the bridge has already, or was configured, or is free on this host. */
  static Ipv4Subnet subnet(NetworkSettings settings, Netlink host) {
    if (settings.egress().isPresent()) {
      return settings.egress().get();
    }
    Optional<Link> bridge = host.link(Names.EGRESS_BRIDGE);
    List<Ipv4Subnet> taken = new ArrayList<>();
    for (Address address : host.addresses()) {
      Optional<Ipv4Subnet> subnet = KernelForms.ipv4(address.prefix());
      if (bridge.isPresent() && bridge.get().index() == address.index() && subnet.isPresent()) {
        return subnet.get().network();
      }
      subnet.ifPresent(taken::add);
    }
    host.routes().stream()
        .filter(route -> route.destination().length() > 0)
        .flatMap(route -> KernelForms.ipv4(route.destination()).stream())
        .forEach(taken::add);
    return free(taken)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "172.18.0.0/16 to 172.31.0.0/16 are all in use on this host; configure a"
                        + " subnet for the egress bridge"));
  }

  /** An address that was not used for as long as possible; empty when all are in use. */
  Optional<Ipv4Address> take() {
    Ipv4Address first = bridge.network().address();
    long usable = bridge.size() - 2;
    for (long tried = 0; tried < usable; tried++) {
      last = last >= usable ? 2 : last + 1;
      Ipv4Address address = first.plus((int) last);
      if (last <= usable && used.add(address)) {
        return Optional.of(address);
      }
    }
    return Optional.empty();
  }

  /** Takes that very address: it is in use already. */
  void adopt(Ipv4Address address) {
    used.add(address);
  }

  void release(Ipv4Address address) {
    used.remove(address);
  }
}
