package dev.hanse.control.scheduler;

import dev.hanse.control.Tasks;
import dev.hanse.model.Node;
import dev.hanse.model.PublishedPort;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The scheduler's questions about a task, asked of a state instead of within a pass. */
public final class Objections {
  /** Only decides whom the scheduler prefers, and that is not asked here. */
  private static final Instant ANY_TIME = Instant.EPOCH;

  private Objections() {}

  /**
   * What each node objects to a task that waits.
   *
   * @return node id -> the first objection; empty for a node that would take it. For a task that
   *     came with a node only that one is asked.
   */
  public static Map<String, Optional<Veto>> to(Task task, Snapshot snapshot) {
    return to(task, snapshot, other -> true);
  }

  /** As {@link #to(Task, Snapshot)}, if there were no others on the nodes than those. */
  public static Map<String, Optional<Veto>> to(
      Task task, Snapshot snapshot, Predicate<Task> counts) {
    PlacementFilters filters = new PlacementFilters(task);
    Map<String, Optional<Veto>> answers = new TreeMap<>();
    for (Node node : snapshot.all(Kind.NODE)) {
      if (task.getNodeId().isEmpty() || task.getNodeId().equals(node.getId())) {
        answers.put(node.getId(), filters.veto(load(node, snapshot, counts)));
      }
    }
    return answers;
  }

  /** Whether the node of another task takes this one as soon as the other has gone. */
  public static boolean takesAfter(Task task, Task other, Snapshot snapshot) {
    return snapshot
        .find(Kind.NODE, other.getNodeId())
        .map(node -> load(node, snapshot, present -> !present.getId().equals(other.getId())))
        .filter(load -> new PlacementFilters(task).veto(load).isEmpty())
        .isPresent();
  }

  /** The ports of its host that a task wants or has, as far as they are known. */
  public static Set<PublishedPort> hostPorts(Task task) {
    return NodeLoad.hostPorts(task).collect(Collectors.toUnmodifiableSet());
  }

  private static NodeLoad load(Node node, Snapshot snapshot, Predicate<Task> counts) {
    NodeLoad load = new NodeLoad(node);
    snapshot.tasksOfNode(node.getId()).stream()
        .filter(task -> Tasks.isAssigned(task) && counts.test(task))
        .forEach(task -> load.addPresent(task, ANY_TIME));
    return load;
  }
}
