package dev.hanse.control.query;

import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.Comparator;
import java.util.List;

/**
 * A node that takes part in a network, since a task there runs on it.
 *
 * @param nodeId the node
 * @param address of the node; "" if it is not known
 */
public record NetworkPeer(String nodeId, String address) {
  /** The peers of a network, in the order of their first tasks' ids. */
  public static List<NetworkPeer> of(Snapshot snapshot, String networkId) {
    return snapshot.tasksOfNetwork(networkId).stream()
        .filter(task -> task.getStatus().getState() == TaskState.RUNNING)
        .sorted(Comparator.comparing(Task::getId))
        .map(Task::getNodeId)
        .distinct()
        .map(nodeId -> new NetworkPeer(nodeId, address(snapshot, nodeId)))
        .toList();
  }

  static String address(Snapshot snapshot, String nodeId) {
    return snapshot.find(Kind.NODE, nodeId).map(node -> node.getStatus().getAddr()).orElse("");
  }
}
