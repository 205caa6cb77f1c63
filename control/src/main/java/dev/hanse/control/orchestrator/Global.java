package dev.hanse.control.orchestrator;

import dev.hanse.control.Rejection;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import java.util.Optional;
import java.util.OptionalLong;

/** One task on each node that may have one. */
final class Global extends Mode {
  @Override
  public String word() {
    return "global";
  }

  @Override
  public OptionalLong tasksAtATime() {
    return OptionalLong.empty();
  }

  @Override
  public Optional<Rejection> check(ServiceSpec spec) {
    return Optional.empty();
  }

  @Override
  void adjust(Orchestrator orchestrator, Service service) {
    new NodeSlots(orchestrator, this).adjust(service);
  }

  @Override
  void update(Orchestrator orchestrator, Service service) {
    new Updater(orchestrator).run(service);
  }
}
