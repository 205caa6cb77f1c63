package dev.hanse.control.endpoints;

import dev.hanse.endpoints.PersistentMap;
import java.util.Set;

/**
 * Which nodes take part in which networks, and for how many reasons: a task there that is attached,
 * or the node's own attachment. Immutable.
 */
record Participation(PersistentMap<PersistentMap<Integer>> reasons) {
  private static final Participation NONE = new Participation(PersistentMap.empty());

  static Participation none() {
    return NONE;
  }

  boolean takesPart(String nodeId, String networkId) {
    return reasons.find(nodeId).flatMap(networks -> networks.find(networkId)).isPresent();
  }

  /** Sorted. */
  Set<String> networksOf(String nodeId) {
    return reasons.find(nodeId).map(PersistentMap::keySet).orElse(Set.of());
  }

  Participation with(String nodeId, Set<String> networkIds) {
    return changed(nodeId, networkIds, 1);
  }

  Participation without(String nodeId, Set<String> networkIds) {
    return changed(nodeId, networkIds, -1);
  }

  private Participation changed(String nodeId, Set<String> networkIds, int difference) {
    if (networkIds.isEmpty()) {
      return this;
    }
    PersistentMap<Integer> networks = reasons.find(nodeId).orElse(PersistentMap.empty());
    for (String id : networkIds) {
      int count = networks.find(id).orElse(0) + difference;
      networks = count == 0 ? networks.without(id) : networks.with(id, count);
    }
    return new Participation(
        networks.isEmpty() ? reasons.without(nodeId) : reasons.with(nodeId, networks));
  }
}
