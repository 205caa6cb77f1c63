package dev.hanse.control.orchestrator;

import dev.hanse.model.Service;
import dev.hanse.model.TaskPlan;
import dev.hanse.model.TaskState;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The slots of modes whose tasks may be anywhere: they have numbers. */
final class NumberedSlots {
  private final Orchestrator orchestrator;

  NumberedSlots(Orchestrator orchestrator) {
    this.orchestrator = orchestrator;
  }

  /**
   * Makes a task for each of the {@code missing} lowest numbers, from {@code first} on, that are
   * not among the filled.
   */
  void fill(Service service, Collection<Slot> filled, long first, long missing) {
    Map<Slot.Key, Slot> slots = orchestrator.slots(service);
    Set<Slot.Key> used = filled.stream().map(Slot::key).collect(Collectors.toSet());
    long left = missing;
    for (long number = first; left > 0; number++) {
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

  /** Removes what a slot holds, its history included. */
  void empty(Slot slot) {
    slot.tasks().forEach(task -> orchestrator.desire(task, TaskState.REMOVE));
  }
}
