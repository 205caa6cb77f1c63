package dev.hanse.control.query;

import dev.hanse.control.Tasks;
import dev.hanse.control.scheduler.Objections;
import dev.hanse.control.scheduler.Veto;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Why a task that waits for a node has none, node by node; the sentence that users see with the
 * task counts the same objections.
 *
 * @param answers node id -> what stands against the task there; empty where nothing does
 */
public record Placement(Map<String, Optional<Veto>> answers) {
  /** Copies the map. */
  public Placement {
    answers = Map.copyOf(answers);
  }

  /** Empty for a task that has its node, or is not wanted any more. */
  public static Optional<Placement> of(Snapshot snapshot, Task task) {
    return task.getStatus().getState() == TaskState.PENDING && Tasks.isWanted(task)
        ? Optional.of(new Placement(Objections.to(task, snapshot)))
        : Optional.empty();
  }

  /** In Docker's words: "no suitable node (…)"; of no use while a node would take the task. */
  public String sentence() {
    List<Veto> vetoes = answers.values().stream().flatMap(Optional::stream).toList();
    return Veto.explain(vetoes);
  }
}
