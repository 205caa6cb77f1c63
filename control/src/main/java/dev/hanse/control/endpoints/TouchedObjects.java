package dev.hanse.control.endpoints;

import dev.hanse.model.Node;
import dev.hanse.model.StoreAction;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The objects that endpoint tables are made of and that changed since a state: their ids only. It
 * leaves out what changed in a way that no table shows. Not thread-safe.
 */
public final class TouchedObjects {
  final Set<String> networks = new TreeSet<>();
  final Set<String> nodes = new TreeSet<>();
  final Set<String> services = new TreeSet<>();
  final Set<String> tasks = new TreeSet<>();

  /** Nothing changed. */
  public TouchedObjects() {}

  /** All objects of a state, as if they had just come. */
  static TouchedObjects all(Snapshot snapshot) {
    TouchedObjects all = new TouchedObjects();
    all.addAll(snapshot);
    return all;
  }

  /** Adds all objects of a state. */
  void addAll(Snapshot snapshot) {
    snapshot.all(Kind.NETWORK).forEach(network -> networks.add(network.getId()));
    snapshot.all(Kind.NODE).forEach(node -> nodes.add(node.getId()));
    snapshot.all(Kind.SERVICE).forEach(service -> services.add(service.getId()));
    snapshot.all(Kind.TASK).forEach(task -> tasks.add(task.getId()));
  }

  /** Whether no table can differ. */
  public boolean isEmpty() {
    return networks.isEmpty() && nodes.isEmpty() && services.isEmpty() && tasks.isEmpty();
  }

  /** Adds what an action on the way from {@code before} to {@code after} touches. */
  public void add(Snapshot before, Snapshot after, StoreAction action) {
    switch (action.getTargetCase()) {
      case NETWORK -> networks.add(action.getNetwork().getId());
      case SERVICE -> services.add(action.getService().getId());
      case NODE -> {
        String id = action.getNode().getId();
        if (differs(before.find(Kind.NODE, id), after.find(Kind.NODE, id))) {
          nodes.add(id);
        }
      }
      case TASK -> {
        String id = action.getTask().getId();
        if (isAttached(before.find(Kind.TASK, id)) || isAttached(after.find(Kind.TASK, id))) {
          tasks.add(id);
        }
      }
      case CLUSTER, SECRET, CONFIG, RESOURCE, EXTENSION, VOLUME, TARGET_NOT_SET -> {}
    }
  }

  /** Heartbeats and reports of a node change only its status; tables need its address. */
  private static boolean differs(Optional<Node> before, Optional<Node> after) {
    return !before.map(Node::getAttachmentsList).equals(after.map(Node::getAttachmentsList))
        || !before.map(TouchedObjects::address).equals(after.map(TouchedObjects::address));
  }

  private static String address(Node node) {
    return node.getStatus().getAddr();
  }

  private static boolean isAttached(Optional<Task> task) {
    return task.map(Task::getNetworksList).filter(found -> !found.isEmpty()).isPresent();
  }
}
