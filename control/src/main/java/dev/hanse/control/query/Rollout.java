package dev.hanse.control.query;

import dev.hanse.control.orchestrator.Specifications;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;

/** How far a service's present specification has come. */
public final class Rollout {
  private Rollout() {}

  /**
   * Whether a task is as its service wants it now, so that no update will replace it; never if the
   * service is gone.
   */
  public static boolean hasReached(Snapshot snapshot, Task task) {
    return snapshot
        .find(Kind.SERVICE, task.getServiceId())
        .map(
            service ->
                !Specifications.isOutdated(
                    service, task, snapshot.find(Kind.NODE, task.getNodeId())))
        .orElse(false);
  }
}
