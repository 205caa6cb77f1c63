package dev.hanse.control.query;

import dev.hanse.model.Task;
import dev.hanse.model.TaskName;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.List;
import java.util.Optional;

/** Finds the task of a container on whichever node it is. */
public final class TaskContainers {
  private TaskContainers() {}

  /** The id of a task's container; empty while it has none. */
  public static Optional<String> containerOf(Task task) {
    return Optional.of(task.getStatus().getContainer().getContainerId())
        .filter(id -> !id.isEmpty());
  }

  /**
   * Looks for the task whose container has this id, or this name (which is the task's, {@link
   * TaskName}), or an id that begins so; as the containers of one node are looked up.
   */
  public static Lookup<Task> find(Snapshot snapshot, String text) {
    String name = text.startsWith("/") ? text.substring(1) : text;
    if (name.isEmpty()) {
      return new Lookup.Missing<>();
    }
    Optional<Task> named =
        snapshot
            .find(Kind.TASK, name.substring(name.lastIndexOf('.') + 1))
            .filter(task -> TaskName.of(task).equals(name) && containerOf(task).isPresent());
    if (named.isPresent()) {
      return new Lookup.Found<>(named.get());
    }
    List<Task> fitting =
        snapshot.all(Kind.TASK).stream()
            .filter(task -> task.getStatus().getContainer().getContainerId().startsWith(name))
            .toList();
    return switch (fitting.size()) {
      case 0 -> new Lookup.Missing<>();
      case 1 -> new Lookup.Found<>(fitting.getFirst());
      default -> new Lookup.Ambiguous<>(fitting.size());
    };
  }
}
