package dev.hanse.control.members;

import java.util.Map;
import java.util.Set;

/**
 * The managers that keep the log, as their leader sees them.
 *
 * @param self node id of the leader
 * @param addresses of the members, "HOST:PORT" by node id, the leader's own included
 * @param reachable the members that answer, by node id; the leader always does
 */
public record Group(String self, Map<String, String> addresses, Set<String> reachable) {
  /** Copies the collections. */
  public Group {
    addresses = Map.copyOf(addresses);
    reachable = Set.copyOf(reachable);
  }

  boolean has(String nodeId) {
    return addresses.containsKey(nodeId);
  }

  boolean reaches(String nodeId) {
    return nodeId.equals(self) || reachable.contains(nodeId);
  }

  /** Would a majority of those that stay answer? */
  boolean survivesWithout(String nodeId) {
    long staying = addresses.keySet().stream().filter(id -> !id.equals(nodeId)).count();
    long answering =
        addresses.keySet().stream().filter(id -> !id.equals(nodeId) && reaches(id)).count();
    return Quorum.reached(answering, staying);
  }
}
