package dev.hanse.control.scheduler;

import dev.hanse.control.Look;
import dev.hanse.control.Pass;
import dev.hanse.control.Scope;

/** Gives waiting tasks their nodes, or says why there is none. */
public final class SchedulerPass implements Pass {
  @Override
  public String name() {
    return "scheduler";
  }

  @Override
  public void run(Look look) {
    Scope scope = look.scope();
    new Scheduler(look.transaction(), look.context(), look.isolation())
        .run(scope.services(), scope.room());
  }
}
