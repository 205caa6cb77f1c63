package dev.hanse.control.endpoints;

import dev.hanse.control.Containment;
import dev.hanse.control.PassFault;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Node;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
  private final List<PassFault> faults = new ArrayList<>();

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
    return tables.computeIfAbsent(network.getId(), id -> computed(network));
  }

  /** What throws keeps the rows that it had: the nodes' other networks must not wait for it. */
  private NetworkTable computed(Network network) {
    NetworkTable before = former.getOrDefault(network.getId(), NetworkTable.EMPTY);
    try {
      return NetworkTable.of(EndpointRows.of(snapshot, network), before);
    } catch (RuntimeException | Error e) {
      Containment.check(e);
      faults.add(new PassFault("network " + network.getId(), e));
      return before;
    }
  }

  /** The networks whose tables could not be brought up to date, as far as they were asked for. */
  public List<PassFault> faults() {
    return List.copyOf(faults);
  }

  /** Whether a task stands in the tables: from its assignment until it has ended. */
  static boolean isPresent(Task task) {
    int state = task.getStatus().getStateValue();
    return state >= TaskState.ASSIGNED_VALUE
        && state <= TaskState.RUNNING_VALUE
        && !task.getNodeId().isEmpty();
  }
}
