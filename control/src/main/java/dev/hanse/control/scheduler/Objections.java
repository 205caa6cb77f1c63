package dev.hanse.control.scheduler;

import dev.hanse.control.Tasks;
import dev.hanse.model.Node;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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
    PlacementFilters filters = new PlacementFilters(task);
    Map<String, Optional<Veto>> answers = new TreeMap<>();
    for (Node node : snapshot.all(Kind.NODE)) {
      if (task.getNodeId().isEmpty() || task.getNodeId().equals(node.getId())) {
        answers.put(node.getId(), filters.veto(load(node, snapshot)));
      }
    }
    return answers;
  }

  private static NodeLoad load(Node node, Snapshot snapshot) {
    NodeLoad load = new NodeLoad(node);
    snapshot.tasksOfNode(node.getId()).stream()
        .filter(Tasks::isAssigned)
        .forEach(task -> load.addPresent(task, ANY_TIME));
    return load;
  }
}
