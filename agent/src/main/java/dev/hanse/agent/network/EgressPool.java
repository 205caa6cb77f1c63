package dev.hanse.agent.network;

import dev.hanse.agent.network.host.HostSurroundings;
import dev.hanse.agent.network.host.KernelForms;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.Link;
import dev.hanse.network.KernelNames;
import dev.hanse.network.Surroundings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tasks' addresses on the egress bridge; the bridge itself has the first. */
final class EgressPool {
  private static final Logger log = LoggerFactory.getLogger(EgressPool.class);
  private static final List<Ipv4Subnet> CANDIDATES = candidates();

  private Ipv4Subnet bridge;
  private final Set<Ipv4Address> used = new HashSet<>();
  private long last = 1;

  private EgressPool(Ipv4Subnet bridge) {
    this.bridge = bridge;
  }

  static EgressPool of(Ipv4Subnet subnet) {
    return new EgressPool(first(subnet));
  }

  private static Ipv4Subnet first(Ipv4Subnet subnet) {
    Ipv4Subnet network = subnet.network();
    return new Ipv4Subnet(network.address().plus(1), network.prefixLength());
  }

  /** Of 172.18.0.0/16 to 172.31.0.0/16, then of 192.168.0.0/16: the first that meets nothing. */
  static Optional<Ipv4Subnet> free(Surroundings surroundings, Collection<Ipv4Subnet> taken) {
    return CANDIDATES.stream()
        .filter(candidate -> !surroundings.overlaps(candidate))
        .filter(candidate -> taken.stream().noneMatch(candidate::overlaps))
        .findFirst();
  }

  /** From the last on: networks of the swarm that find no other place begin with the first. */
  private static List<Ipv4Subnet> candidates() {
    List<Ipv4Subnet> candidates = new ArrayList<>();
    for (int second = 18; second <= 31; second++) {
      candidates.add(Ipv4Subnet.of("172." + second + ".0.0/16"));
    }
    for (int third = 240; third >= 0; third -= 16) {
      candidates.add(Ipv4Subnet.of("192.168." + third + ".0/20"));
    }
    return List.copyOf(candidates);
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
    Optional<Link> bridge = host.link(KernelNames.EGRESS_BRIDGE);
    for (Address address : host.addresses()) {
      Optional<Ipv4Subnet> subnet = KernelForms.ipv4(address.prefix());
      if (bridge.isPresent() && bridge.get().index() == address.index() && subnet.isPresent()) {
        return subnet.get().network();
      }
    }
    return free(HostSurroundings.read(host), List.of())
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "172.18.0.0/16 to 172.31.0.0/16 and 192.168.0.0/16 are all in use on this host;"
                        + " configure a subnet for the egress bridge"));
  }

  /**
   * Moves the bridge to a subnet that meets nothing, unless it does so now or a task has an
   * address.
   *
   * @param taken what it must not meet besides the host's surroundings
   */
  void avoid(Surroundings surroundings, Collection<Ipv4Subnet> taken) {
    boolean meets =
        surroundings.hiddenBy(bridge).isPresent() || taken.stream().anyMatch(bridge::overlaps);
    if (meets && used.isEmpty()) {
      free(surroundings, taken)
          .ifPresent(
              free -> {
                log.info(
                    "the egress bridge of the containers moves from {} to {}",
                    bridge.network(),
                    free);
                bridge = first(free);
                last = 1;
              });
    }
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
