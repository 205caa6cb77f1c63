package dev.hanse.control.endpoints;

import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Node;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The endpoint tables of all nodes at one state: computed once for each network and shared by its
 * nodes. Immutable but for the tables that are filled in on demand; one thread owns it.
 */
public final class EndpointProjection {
  private final Snapshot snapshot;
  private final Map<String, NetworkTable> tables = new HashMap<>();
  private final Map<String, NetworkTable> former;

  private EndpointProjection(Snapshot snapshot, Map<String, NetworkTable> former) {
    this.snapshot = snapshot;
    this.former = former;
  }

  /** The state without networks. */
  public static EndpointProjection empty() {
    return new EndpointProjection(Snapshot.empty(), Map.of());
  }

  /** The projection of a later state; it shares with this one what did not change. */
  public EndpointProjection next(Snapshot later) {
    Map<String, NetworkTable> known = new HashMap<>(former);
    known.putAll(tables);
    known.keySet().removeIf(id -> later.find(Kind.NETWORK, id).isEmpty());
    return new EndpointProjection(later, known);
  }

  /** The table of one node: the networks of its live tasks and the ingress network. */
  public EndpointTable table(String nodeId) {
    Map<String, NetworkTable> networks = new HashMap<>();
    for (Task task : snapshot.tasksOfNode(nodeId)) {
      if (isPresent(task)) {
        for (NetworkAttachment attachment : task.getNetworksList()) {
          add(networks, attachment.getNetwork().getId());
        }
      }
    }
    snapshot
        .find(Kind.NODE, nodeId)
        .ifPresent(
            (Node node) -> {
              for (NetworkAttachment attachment : node.getAttachmentsList()) {
                add(networks, attachment.getNetwork().getId());
              }
            });
    return new EndpointTable(networks);
  }

  private void add(Map<String, NetworkTable> networks, String networkId) {
    if (networks.containsKey(networkId)) {
      return;
    }
    Optional<Network> network =
        snapshot.find(Kind.NETWORK, networkId).filter(EndpointRows::isOverlay);
    network.ifPresent(found -> networks.put(networkId, table(found)));
  }

  private NetworkTable table(Network network) {
    return tables.computeIfAbsent(
        network.getId(),
        id ->
            NetworkTable.of(
                EndpointRows.of(snapshot, network), former.getOrDefault(id, NetworkTable.EMPTY)));
  }

  /** Whether a task stands in the tables: from its assignment until it has ended. */
  static boolean isPresent(Task task) {
    int state = task.getStatus().getStateValue();
    return state >= TaskState.ASSIGNED_VALUE
        && state <= TaskState.RUNNING_VALUE
        && !task.getNodeId().isEmpty();
  }
}
