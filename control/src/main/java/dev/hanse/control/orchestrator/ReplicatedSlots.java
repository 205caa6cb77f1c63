package dev.hanse.control.orchestrator;

import dev.hanse.control.Tasks;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskPlan;
import dev.hanse.model.TaskState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Keeps the number of slots of a replicated service. */
final class ReplicatedSlots {
  private final Orchestrator orchestrator;

  ReplicatedSlots(Orchestrator orchestrator) {
    this.orchestrator = orchestrator;
  }

  void adjust(Service service) {
    Map<Slot.Key, Slot> slots = orchestrator.slots(service);
    List<Slot> filled =
        slots.values().stream()
            .filter(slot -> slot.isWanted() || orchestrator.isAtRest(slot))
            .toList();
    long replicas = service.getSpec().getReplicated().getReplicas();
    if (filled.size() < replicas) {
      add(service, slots, filled, replicas - filled.size());
    } else if (filled.size() > replicas) {
      remove(filled, (int) (filled.size() - replicas));
    }
  }

  /** Fills the lowest free numbers. */
  private void add(Service service, Map<Slot.Key, Slot> slots, List<Slot> filled, long missing) {
    Set<Slot.Key> used = filled.stream().map(Slot::key).collect(Collectors.toSet());
    long left = missing;
    for (long number = 1; left > 0; number++) {
      Slot.Key key = new Slot.Key(number, "");
      if (used.contains(key)) {
        continue;
      }
      TaskPlan.Builder plan = TaskPlan.newBuilder().setReason(TaskPlan.Reason.INITIAL);
      Slot former = slots.getOrDefault(key, new Slot(key, List.of()));
      if (!orchestrator.create(service, key, orchestrator.afterAlive(plan, former).build())) {
        return;
      }
      left--;
    }
  }

  /**
   * Empties slots where it hurts least: first those that rest, then those that do not run, then
   * those on the nodes with the most tasks of this service; among equals the highest number.
   */
  private void remove(List<Slot> filled, int surplus) {
    List<Slot> candidates = new ArrayList<>();
    for (Slot slot : filled) {
      if (slot.isRunning()) {
        candidates.add(slot);
      }
    }
    Map<String, Integer> load = new HashMap<>();
    candidates.forEach(slot -> load.merge(nodeOf(slot), 1, Integer::sum));
    List<Slot> idle = new ArrayList<>(filled);
    idle.removeAll(candidates);
    idle.sort(
        Comparator.comparing(Slot::isWanted)
            .thenComparing(Comparator.comparing(Slot::key).reversed()));
    int left = surplus;
    for (Slot slot : idle) {
      if (left > 0) {
        empty(slot);
        left--;
      }
    }
    candidates.sort(Comparator.comparing(Slot::key).reversed());
    while (left > 0) {
      Slot victim =
          candidates.stream()
              .max(
                  Comparator.comparingInt((Slot slot) -> load.getOrDefault(nodeOf(slot), 0))
                      .thenComparing(Slot::key))
              .orElseThrow();
      candidates.remove(victim);
      load.merge(nodeOf(victim), -1, Integer::sum);
      empty(victim);
      left--;
    }
  }

  private void empty(Slot slot) {
    slot.tasks().forEach(task -> orchestrator.desire(task, TaskState.REMOVE));
  }

  private static String nodeOf(Slot slot) {
    return slot.tasks().stream()
        .filter(task -> Tasks.isWanted(task) && Tasks.isRunning(task))
        .map(Task::getNodeId)
        .findFirst()
        .orElse("");
  }
}
