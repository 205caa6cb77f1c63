package dev.hanse.network;

import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.model.ForeignSubnet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a host reaches, and not by links of ours: it loses that when a bridge of ours with an
 * address takes the same addresses, since the bridge's route is as narrow or narrower.
 *
 * @param own subnets that the host has an address in
 * @param routed subnets that it has a route to, without default routes
 */
public record Surroundings(List<Ipv4Subnet> own, List<Ipv4Subnet> routed) {
  /** Where nothing is known, nothing is in the way. */
  public static final Surroundings UNKNOWN = new Surroundings(List.of(), List.of());

  /** A route to more than this is meant for everything that nothing else is known of, in bits. */
  private static final int DEFAULT_ROUTE_PREFIX_MAX = 7;

  private static final Ipv4Subnet LOOPBACK = Ipv4Subnet.of("127.0.0.0/8");

  /** The narrow ones are the ones that are left out when there are too many. */
  private static final Comparator<Ipv4Subnet> ORDER =
      Comparator.comparingInt(Ipv4Subnet::prefixLength)
          .thenComparingLong(subnet -> Integer.toUnsignedLong(subnet.address().bits()));

  /** Puts them in order, each once. */
  public Surroundings {
    own = ordered(own, Set.of());
    routed = ordered(routed, own);
  }

  private static List<Ipv4Subnet> ordered(
      Collection<Ipv4Subnet> subnets, Collection<Ipv4Subnet> without) {
    Set<Ipv4Subnet> ordered = new TreeSet<>(ORDER);
    for (Ipv4Subnet subnet : subnets) {
      if (subnet.prefixLength() > DEFAULT_ROUTE_PREFIX_MAX && !LOOPBACK.overlaps(subnet)) {
        ordered.add(subnet.network());
      }
    }
    ordered.removeAll(without);
    return List.copyOf(ordered);
  }

  /**
   * What a bridge with an address would hide from the host, in words; empty if it does no harm. A
   * part of what only a route is known to may be taken: it was chosen by somebody who knows.
   */
  public Optional<String> hiddenBy(Ipv4Subnet bridge) {
    for (Ipv4Subnet subnet : own) {
      if (subnet.overlaps(bridge)) {
        return Optional.of(
            "subnet %s conflicts with %s, which this host is on"
                .formatted(bridge.network(), subnet));
      }
    }
    for (Ipv4Subnet subnet : routed) {
      if (subnet.overlaps(bridge) && subnet.prefixLength() >= bridge.prefixLength()) {
        return Optional.of(
            "subnet %s conflicts with %s, which this host has a route to"
                .formatted(bridge.network(), subnet));
      }
    }
    return Optional.empty();
  }

  /** Whether a subnet has anything in common with it at all. */
  public boolean overlaps(Ipv4Subnet subnet) {
    return own.stream().anyMatch(subnet::overlaps) || routed.stream().anyMatch(subnet::overlaps);
  }

  /** As the managers are told, the most important first. */
  public List<ForeignSubnet> toMessages() {
    List<ForeignSubnet> messages = new ArrayList<>();
    own.forEach(subnet -> messages.add(message(subnet).build()));
    routed.forEach(subnet -> messages.add(message(subnet).setRouted(true).build()));
    return messages;
  }

  private static ForeignSubnet.Builder message(Ipv4Subnet subnet) {
    return ForeignSubnet.newBuilder().setSubnet(subnet.toString());
  }
}
