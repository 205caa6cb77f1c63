package dev.hanse.control.orchestrator;

import dev.hanse.control.Look;
import dev.hanse.control.Pass;

/** Brings the tasks of services to what their specifications demand. Its keys are service ids. */
public final class ServicePass implements Pass {
  @Override
  public String name() {
    return "orchestrator";
  }

  @Override
  public void run(Look look) {
    look.scope().services().addAll(look.due());
    Orchestrator orchestrator =
        new Orchestrator(look.transaction(), look.context(), look.deadlines());
    look.each("service", look.scope().servicesWithId(), orchestrator::run);
  }
}
