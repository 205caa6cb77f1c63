package dev.hanse.control.endpoints;

import dev.hanse.endpoints.PersistentMap;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes take part in which networks, and for how many reasons: a task there that is attached,
 * or the node's own attachment. Immutable.
 */
record NetworkParticipation(PersistentMap<PersistentMap<Integer>> reasons) {
  private static final NetworkParticipation NONE = new NetworkParticipation(PersistentMap.empty());

  static NetworkParticipation none() {
    return NONE;
  }

  boolean takesPart(String nodeId, String networkId) {
    return reasons.find(nodeId).flatMap(networks -> networks.find(networkId)).isPresent();
  }

  /** Sorted. */
  Set<String> networksOf(String nodeId) {
    return reasons.find(nodeId).map(PersistentMap::keySet).orElse(Set.of());
  }

  /**
   * With reasons that came and went.
   *
   * @param differences how many more there are, by node and network
   */
  NetworkParticipation with(Map<String, Map<String, Integer>> differences) {
    PersistentMap<PersistentMap<Integer>> next = reasons;
    for (Map.Entry<String, Map<String, Integer>> node : differences.entrySet()) {
      PersistentMap<Integer> networks = reasons.find(node.getKey()).orElse(PersistentMap.empty());
      for (Map.Entry<String, Integer> network : node.getValue().entrySet()) {
        int count = networks.find(network.getKey()).orElse(0) + network.getValue();
        networks =
            count == 0
                ? networks.without(network.getKey())
                : networks.with(network.getKey(), count);
      }
      next = networks.isEmpty() ? next.without(node.getKey()) : next.with(node.getKey(), networks);
    }
    return new NetworkParticipation(next);
  }
}
