package dev.hanse.control.orchestrator;

import dev.hanse.control.Tasks;
import dev.hanse.model.Task;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One place of a service, with the tasks that fill it now or did so before, oldest first. Places
 * have a number, or, in modes that follow the nodes, a node.
 *
 * @param key which place
 * @param tasks all that exist
 */
record Slot(Key key, List<Task> tasks) {
  /** A number and an empty id, or 0 and a node's id. */
  record Key(long number, String nodeId) implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
        Comparator.comparingLong(Key::number).thenComparing(Key::nodeId);

    static Key of(Mode mode, Task task) {
      return mode.followsNodes() ? new Key(0, task.getNodeId()) : new Key(task.getSlot(), "");
    }

    boolean isNode() {
      return !nodeId.isEmpty();
    }

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  static Map<Key, Slot> group(Mode mode, Collection<Task> tasks) {
    Map<Key, Slot> slots = new TreeMap<>();
    for (Task task : tasks) {
      slots
          .computeIfAbsent(Key.of(mode, task), key -> new Slot(key, new ArrayList<>()))
          .tasks()
          .add(task);
    }
    for (Slot slot : slots.values()) {
      if (slot.tasks().size() > 1) {
        slot.tasks().sort(Tasks.BY_AGE);
      }
    }
    return slots;
  }

  /** The tasks that are meant to run. */
  List<Task> wanted() {
    return tasks.stream().filter(Tasks::isWanted).toList();
  }

  boolean isWanted() {
    return tasks.stream().anyMatch(Tasks::isWanted);
  }

  boolean isRunning() {
    return tasks.stream().anyMatch(task -> Tasks.isWanted(task) && Tasks.isRunning(task));
  }

  Optional<Task> newest() {
    return tasks.isEmpty() ? Optional.empty() : Optional.of(tasks.getLast());
  }

  /** The tasks that hold the place until they have stopped. */
  List<Task> alive() {
    return tasks.stream().filter(task -> Tasks.isAssigned(task) && !Tasks.isDead(task)).toList();
  }
}
