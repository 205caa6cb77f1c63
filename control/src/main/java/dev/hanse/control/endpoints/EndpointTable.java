package dev.hanse.control.endpoints;

import dev.hanse.model.EndpointsChange;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rows that one node holds: those of all networks that it takes part in. Two of them give the
 * difference that brings a node from one to the other.
 */
public final class EndpointTable {
  private static final EndpointTable EMPTY = new EndpointTable(Map.of());

  private final Map<String, NetworkTable> networks;

  EndpointTable(Map<String, NetworkTable> networks) {
    this.networks = new TreeMap<>(networks);
  }

  /** No networks. */
  public static EndpointTable empty() {
    return EMPTY;
  }

  /**
   * The table of one node. For many nodes or many states in a row, {@link EndpointProjection} is
   * the cheaper way.
   */
  public static EndpointTable of(Snapshot snapshot, String nodeId) {
    return EndpointProjection.empty().next(snapshot).table(nodeId);
  }

  /** The ids of the networks that the node takes part in. */
  public List<String> networkIds() {
    return List.copyOf(networks.keySet());
  }

  /** Everything, for a node that knows nothing. */
  public List<EndpointsChange> complete() {
    return since(EMPTY);
  }

  /** What changed from {@code before} to this; empty if nothing did. */
  public List<EndpointsChange> since(EndpointTable before) {
    List<EndpointsChange> changes = new ArrayList<>();
    networks.forEach(
        (id, table) ->
            table.addDifference(before.networks.getOrDefault(id, NetworkTable.EMPTY), changes));
    before.networks.forEach(
        (id, table) -> {
          if (!networks.containsKey(id)) {
            NetworkTable.EMPTY.addDifference(table, changes);
          }
        });
    return changes;
  }
}
