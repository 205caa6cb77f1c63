package dev.hanse.control.orchestrator;

import dev.hanse.model.Service;
import java.util.OptionalLong;

/** One task that has to end well on each node that may have one, also on nodes that come later. */
final class GlobalJob extends Job {
  @Override
  public String word() {
    return "global-job";
  }

  @Override
  public OptionalLong tasksAtATime() {
    return OptionalLong.empty();
  }

  @Override
  void adjust(Orchestrator orchestrator, Service service) {
    new NodeSlots(orchestrator, this).adjust(service);
  }

  /** As in swarmkit: nodes come and go, and their slots with them. */
  @Override
  boolean keepsHistory(Slot.Key key) {
    return false;
  }
}
