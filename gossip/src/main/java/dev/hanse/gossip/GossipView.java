package dev.hanse.gossip;

import java.util.Map;
import java.util.Optional;

/**
 * What one node thinks of all nodes at a moment; immutable.
 *
 * @param nodes by node id, this node itself included; a node that is not in it was not heard of
 */
public record GossipView(Map<String, NodeLiveness> nodes) {
  /** Nobody was heard of; also the view of a node in no swarm. */
  public static final GossipView EMPTY = new GossipView(Map.of());

  /** Copies the map. */
  public GossipView {
    nodes = Map.copyOf(nodes);
  }

  /** What is known of a node; empty when it was not heard of. */
  public Optional<NodeLiveness> of(String nodeId) {
    return Optional.ofNullable(nodes.get(nodeId));
  }

  /** Its state; empty when it was not heard of. */
  public Optional<MemberState> state(String nodeId) {
    return of(nodeId).map(NodeLiveness::state);
  }
}
