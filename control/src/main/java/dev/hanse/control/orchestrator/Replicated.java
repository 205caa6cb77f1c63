package dev.hanse.control.orchestrator;

import dev.hanse.control.Rejection;
import dev.hanse.control.Tasks;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** So many tasks, wherever there is room. */
final class Replicated extends Mode {
  private static final long FIRST = 1;

  private final long replicas;

  Replicated(long replicas) {
    this.replicas = replicas;
  }

  @Override
  public String word() {
    return "replicated";
  }

  @Override
  public OptionalLong tasksAtATime() {
    return OptionalLong.of(replicas);
  }

  @Override
  public Optional<Rejection> check(ServiceSpec spec) {
    return checkNumber(replicas, "Number of replicas must be non-negative", "Number of replicas");
  }

  @Override
  void adjust(Orchestrator orchestrator, Service service) {
    NumberedSlots slots = new NumberedSlots(orchestrator);
    List<Slot> filled =
        orchestrator.slots(service).values().stream()
            .filter(slot -> isFilled(orchestrator, service, slot))
            .toList();
    if (filled.size() < replicas) {
      slots.fill(service, filled, FIRST, replicas - filled.size());
    } else if (filled.size() > replicas) {
      remove(slots, filled, (int) (filled.size() - replicas));
    }
  }

  @Override
  void update(Orchestrator orchestrator, Service service) {
    new Updater(orchestrator).run(service);
  }

  /**
   * Empties slots where it hurts least: first those that rest, then those that do not run, then
   * those on the nodes with the most tasks of this service; among equals the highest number.
   */
  private static void remove(NumberedSlots slots, List<Slot> filled, int surplus) {
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
        slots.empty(slot);
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
      slots.empty(victim);
      left--;
    }
  }

  private static String nodeOf(Slot slot) {
    return slot.tasks().stream()
        .filter(task -> Tasks.isWanted(task) && Tasks.isRunning(task))
        .map(Task::getNodeId)
        .findFirst()
        .orElse("");
  }
}
