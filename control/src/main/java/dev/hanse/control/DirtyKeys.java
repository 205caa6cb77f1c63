package dev.hanse.control;

import dev.hanse.model.Node;
import dev.hanse.model.StoreAction;
import dev.hanse.model.Task;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * What changed since the last pass: it narrows the work of the next one and never changes its
 * outcome. Collected by the control loop; not thread-safe.
 */
public final class DirtyKeys {
  private final Set<String> services = new TreeSet<>();
  private boolean everything;

  /** A network that wants a subnet, a node that waiting tasks may fit on: no service's change. */
  private boolean allocation;

  /** Nothing changed. */
  public DirtyKeys() {}

  /** As after an election: everything is to be looked at. */
  public static DirtyKeys full() {
    DirtyKeys keys = new DirtyKeys();
    keys.markEverything();
    return keys;
  }

  /** Makes the next pass a full one. */
  public void markEverything() {
    everything = true;
  }

  /** Adds what {@code changes} touch on the way from {@code before} to {@code after}. */
  public void add(Snapshot before, Snapshot after, Changes changes) {
    for (StoreAction action : changes.actions()) {
      switch (action.getTargetCase()) {
        case SERVICE -> services.add(action.getService().getId());
        case TASK -> addTask(before, action.getTask());
        case NODE -> {
          allocation = true;
          addNode(before, after, action.getNode());
        }
        case NETWORK -> allocation = true;
        case CLUSTER -> everything = true;
        case SECRET, CONFIG, RESOURCE, EXTENSION, VOLUME -> {}
        case TARGET_NOT_SET -> throw new IllegalArgumentException("store action without a target");
      }
    }
  }

  /** Adds one service. */
  public void addService(String serviceId) {
    services.add(serviceId);
  }

  /** Whether the next pass has to look at everything. */
  public boolean everything() {
    return everything;
  }

  /** The services to look at; of no meaning if {@link #everything()}. */
  public Set<String> services() {
    return Collections.unmodifiableSet(services);
  }

  /** Whether nothing changed. */
  public boolean isEmpty() {
    return !everything && !allocation && services.isEmpty();
  }

  private void addTask(Snapshot before, Task task) {
    // A removal carries the id only: the service is known from before.
    String serviceId =
        before.find(Kind.TASK, task.getId()).map(Task::getServiceId).orElse(task.getServiceId());
    services.add(serviceId);
  }

  private void addNode(Snapshot before, Snapshot after, Node node) {
    for (Task task : before.tasksOfNode(node.getId())) {
      services.add(task.getServiceId());
    }
    for (Task task : after.tasksOfNode(node.getId())) {
      services.add(task.getServiceId());
    }
    // Global services follow the set of nodes.
    after.all(Kind.SERVICE).stream()
        .filter(service -> service.getSpec().hasGlobal())
        .forEach(service -> services.add(service.getId()));
  }
}
