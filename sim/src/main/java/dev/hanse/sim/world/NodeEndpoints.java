package dev.hanse.sim.world;

import dev.hanse.model.EndpointsChange;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.network.EndpointTable;
import dev.hanse.sim.check.Violation;
import java.util.Map;
import java.util.TreeMap;

/** The endpoint tables as a node has them. */
final class NodeEndpoints {
  private final World world;
  private final Map<String, EndpointsChange> rows = new TreeMap<>();
  private EndpointTable table = EndpointTable.empty();

  NodeEndpoints(World world) {
    this.world = world;
  }

  void receive(EndpointsMessage message) {
    if (message.getType() == EndpointsMessage.Type.COMPLETE) {
      rows.clear();
    }
    EndpointTable.Applied applied = table.apply(message);
    Violation.unless(
        applied.refused().isEmpty(), "a node cannot use what it is told: %s", applied.refused());
    table = applied.table();
    for (EndpointsChange change : message.getChangesList()) {
      if (world.sabotaged(Sabotage.LOSE_ENDPOINTS) && world.random().nextInt(10) == 0) {
        continue;
      }
      switch (change.getAction()) {
        case PUT -> rows.put(key(change), change);
        case REMOVE -> rows.remove(key(change));
        case UNRECOGNIZED -> throw new IllegalStateException("unknown action");
      }
    }
  }

  Map<String, EndpointsChange> rows() {
    return rows;
  }

  /** The same as the node's network planner has it. */
  EndpointTable table() {
    return table;
  }

  static String key(EndpointsChange change) {
    return switch (change.getRowCase()) {
      case NETWORK -> "network " + change.getNetwork().getNetwork().getId();
      case PEER -> "peer " + change.getPeer().getNetworkId() + " " + change.getPeer().getNodeId();
      case SERVICE ->
          "service "
              + change.getService().getNetworkId()
              + " "
              + change.getService().getServiceId();
      case ENDPOINT ->
          "endpoint "
              + change.getEndpoint().getNetworkId()
              + " "
              + change.getEndpoint().getTaskId();
      case ROW_NOT_SET -> throw new IllegalStateException("a change without a row");
    };
  }
}
