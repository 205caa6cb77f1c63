package dev.hanse.agent.network;

import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.gossip.GossipView;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Where the swarm's nodes gossip from, as this node has heard. Of the loop's thread alone. */
final class NodeAddresses {
  private GossipView view = GossipView.EMPTY;
  private Set<Ipv4Address> known = Set.of();

  /** Takes what gossip says; costs nothing when that is the same as before. */
  @SuppressWarnings("ReferenceEquality") // a view that says something new is another one
  void listen(GossipView heard) {
    if (heard != view) {
      view = heard;
      known =
          heard.nodes().values().stream()
              .map(node -> address(node.address()))
              .flatMap(Optional::stream)
              .collect(Collectors.toUnmodifiableSet());
    }
  }

  private static Optional<Ipv4Address> address(String endpoint) {
    int port = endpoint.lastIndexOf(':');
    return port < 0 ? Optional.empty() : Ipv4Address.parse(endpoint.substring(0, port));
  }

  /** IPv4 addresses of all nodes that were heard of. */
  Set<Ipv4Address> known() {
    return known;
  }
}
