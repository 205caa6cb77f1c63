package dev.hanse.control.orchestrator;

import dev.hanse.control.Rejection;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** So many tasks that have to end well, some at a time, wherever there is room. */
final class ReplicatedJob extends Job {
  /** As in swarmkit, and not as in services: Docker's clients count on it. */
  private static final long FIRST = 0;

  private final long maxConcurrent;
  private final long totalCompletions;

  ReplicatedJob(long maxConcurrent, long totalCompletions) {
    this.maxConcurrent = maxConcurrent;
    this.totalCompletions = totalCompletions;
  }

  @Override
  public String word() {
    return "replicated-job";
  }

  @Override
  public OptionalLong tasksAtATime() {
    return OptionalLong.of(maxConcurrent);
  }

  @Override
  public Optional<Rejection> check(ServiceSpec spec) {
    if (maxConcurrent < 0) {
      return Optional.of(new Rejection.Invalid("Maximum concurrent jobs must not be negative"));
    }
    return checkNumber(
            totalCompletions,
            "Total completed jobs must not be negative",
            "Number of completed jobs")
        .or(() -> super.check(spec));
  }

  @Override
  void adjust(Orchestrator orchestrator, Service service) {
    Collection<Slot> slots = orchestrator.slots(service).values();
    List<Slot> filled =
        slots.stream().filter(slot -> isFilled(orchestrator, service, slot)).toList();
    long active = slots.stream().filter(slot -> presentRun(service, slot).isWanted()).count();
    long missing = Math.min(totalCompletions - filled.size(), maxConcurrent - active);
    new NumberedSlots(orchestrator).fill(service, filled, FIRST, missing);
  }

  @Override
  boolean keepsHistory(Slot.Key key) {
    return key.number() < totalCompletions;
  }
}
