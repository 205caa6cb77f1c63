package dev.hanse.control.scheduler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Why a node cannot take a task; in the order in which the questions are asked. */
public enum Veto {
  NOT_READY,
  UNHEALTHY,
  RESOURCES,
  PLUGIN,
  CONSTRAINTS,
  PLATFORM,
  OVERLAY,
  FOREIGN_SUBNET,
  HOST_PORT,
  MAX_REPLICAS;

  private String explain(int nodes) {
    String onNodes = nodes == 1 ? " on 1 node" : " on " + nodes + " nodes";
    return switch (this) {
      case NOT_READY -> (nodes == 1 ? "1 node" : nodes + " nodes") + " not available for new tasks";
      case UNHEALTHY -> nodes == 1 ? "1 node is unhealthy" : nodes + " nodes are unhealthy";
      case RESOURCES -> "insufficient resources" + onNodes;
      case PLUGIN -> "missing plugin" + onNodes;
      case CONSTRAINTS -> "scheduling constraints not satisfied" + onNodes;
      case PLATFORM -> "unsupported platform" + onNodes;
      case OVERLAY -> "overlay networks and published ports not supported" + onNodes;
      case FOREIGN_SUBNET -> "subnet of a network in use outside of the swarm" + onNodes;
      case HOST_PORT -> "host-mode port already in use" + onNodes;
      case MAX_REPLICAS -> "max replicas per node limit exceed";
    };
  }

  /** The text for the user, in Docker's words: the most frequent reason first. */
  public static String explain(List<Veto> vetoes) {
    Map<Veto, Integer> counts = new EnumMap<>(Veto.class);
    vetoes.forEach(veto -> counts.merge(veto, 1, Integer::sum));
    if (counts.isEmpty()) {
      return "no suitable node";
    }
    List<Map.Entry<Veto, Integer>> sorted = new ArrayList<>(counts.entrySet());
    sorted.sort(Comparator.comparing((Map.Entry<Veto, Integer> entry) -> -entry.getValue()));
    List<String> texts =
        sorted.stream().map(entry -> entry.getKey().explain(entry.getValue())).toList();
    return "no suitable node (" + String.join("; ", texts) + ")";
  }
}
