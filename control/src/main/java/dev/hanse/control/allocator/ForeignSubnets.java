package dev.hanse.control.allocator;

import dev.hanse.model.ForeignSubnet;
import dev.hanse.model.Node;
import dev.hanse.model.NodeDescription;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the nodes' hosts reach besides the swarm's networks. A network that takes such addresses
 * hides what has them, for a bridge that the host itself is on from the host too.
 *
 * <p>What is only known from a route may be a provider's or a company's whole range, in which a
 * narrower network does no harm if somebody has chosen it.
 */
public final class ForeignSubnets {
  /** More of a node are not kept. */
  public static final int OF_NODE_MAX = 256;

  /** By subnet and whether it is only routed: networks of nodes are mostly the same. */
  private final Map<Place, String> places = new LinkedHashMap<>();

  private record Place(Subnet subnet, boolean routed) {
    /** Whether a network with that subnet would hide it. */
    boolean isHiddenBy(Subnet wanted) {
      return subnet.overlaps(wanted) && !(routed && subnet.prefix() < wanted.prefix());
    }
  }

  private ForeignSubnets() {}

  /** Of all nodes, also of those that are down: they come back. */
  public static ForeignSubnets of(Snapshot snapshot) {
    ForeignSubnets all = new ForeignSubnets();
    for (Node node : snapshot.all(Kind.NODE)) {
      all.add(node);
    }
    return all;
  }

  /** Of one node. */
  public static ForeignSubnets of(Node node) {
    ForeignSubnets own = new ForeignSubnets();
    own.add(node);
    return own;
  }

  /** A description with no more of them than are kept. */
  public static NodeDescription bounded(NodeDescription description) {
    if (description.getForeignSubnetsCount() <= OF_NODE_MAX) {
      return description;
    }
    List<ForeignSubnet> first = description.getForeignSubnetsList().subList(0, OF_NODE_MAX);
    return description.toBuilder().clearForeignSubnets().addAllForeignSubnets(first).build();
  }

  private void add(Node node) {
    String hostname = node.getDescription().getHostname();
    String name = hostname.isEmpty() ? node.getId() : hostname;
    for (ForeignSubnet foreign : node.getDescription().getForeignSubnetsList()) {
      Subnet.parse(foreign.getSubnet())
          .ifPresent(subnet -> places.putIfAbsent(new Place(subnet, foreign.getRouted()), name));
    }
  }

  /** Those that a chosen subnet must not hide, in words; empty if it hides none. */
  public Optional<String> conflict(Subnet wanted) {
    return places.entrySet().stream()
        .filter(entry -> entry.getKey().isHiddenBy(wanted))
        .findFirst()
        .map(
            entry ->
                "subnet %s conflicts with %s, which node %s %s outside of the swarm"
                    .formatted(
                        wanted,
                        entry.getKey().subnet(),
                        entry.getValue(),
                        entry.getKey().routed() ? "has a route to" : "is on"));
  }

  /** All: to be kept away from while there is other room. */
  List<Subnet> all() {
    return places.keySet().stream().map(Place::subnet).toList();
  }

  /**
   * Those that a network of a size must not meet in any case.
   *
   * @param size its prefix length
   */
  List<Subnet> forbidden(int size) {
    List<Subnet> forbidden = new ArrayList<>();
    for (Place place : places.keySet()) {
      if (!place.routed() || place.subnet().prefix() >= size) {
        forbidden.add(place.subnet());
      }
    }
    return forbidden;
  }
}
