package dev.hanse.sim.world;

import dev.hanse.agent.AssignedDependencies;
import dev.hanse.agent.workload.Workload;
import dev.hanse.control.Tasks;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentChange.AssignmentAction;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.SecretReference;
import dev.hanse.sim.check.Violation;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.Optional;
import java.util.Set;

/** The secrets and configs that a node has been given, and whether its tasks find theirs. */
public final class NodeDependencies {
  private final World world;
  private final Host host;
  private final AssignedDependencies given = new AssignedDependencies();
  private boolean told;

  NodeDependencies(World world, Host host) {
    this.world = world;
    this.host = host;
  }

  void assign(AssignmentsMessage message) {
    told |= message.getType() == AssignmentsMessage.Type.COMPLETE;
    given.assign(sabotaged(message));
  }

  private AssignmentsMessage sabotaged(AssignmentsMessage message) {
    if (world.sabotaged(Sabotage.KEEP_DEPENDENCIES)) {
      AssignmentsMessage.Builder kept =
          message.toBuilder().setType(AssignmentsMessage.Type.INCREMENTAL).clearChanges();
      message.getChangesList().stream()
          .filter(change -> change.getAction() != AssignmentAction.REMOVE)
          .forEach(kept::addChanges);
      return kept.build();
    }
    if (world.sabotaged(Sabotage.LOSE_DEPENDENCIES)) {
      AssignmentsMessage.Builder rest = message.toBuilder().clearChanges();
      for (AssignmentChange change : message.getChangesList()) {
        if (change.getAssignment().hasTask() || world.random().nextInt(3) != 0) {
          rest.addChanges(change);
        }
      }
      return rest.build();
    }
    return message;
  }

  /** The ids of the secrets and configs that it holds. */
  public Set<String> ids() {
    return given.ids();
  }

  /**
   * What a task lacks when its container is made, as the node says it. That may be: it goes on with
   * its records before a manager has told it anything, or nobody wants the task any more. But a
   * task that is to run comes with what it needs.
   */
  Optional<String> missing(Workload task) {
    for (SecretReference reference : task.settings().getSecretsList()) {
      if (given.secret(reference.getSecretId()).isEmpty()) {
        return lacks(task, "secret", reference.getSecretName());
      }
    }
    for (ConfigReference reference : task.settings().getConfigsList()) {
      if (given.config(reference.getConfigId()).isEmpty()) {
        return lacks(task, "config", reference.getConfigName());
      }
    }
    return Optional.empty();
  }

  private Optional<String> lacks(Workload task, String what, String name) {
    Snapshot state = world.committed().newest();
    boolean exists =
        state.findByName(Kind.SECRET, name).isPresent()
            || state.findByName(Kind.CONFIG, name).isPresent();
    boolean wanted =
        state
            .find(Kind.TASK, task.id())
            .filter(present -> Tasks.isWanted(present) && !Tasks.isDead(present))
            .isPresent();
    Violation.unless(
        !told || !exists || !wanted,
        "%s is to run task %s and was not given its %s %s",
        host.name(),
        task.id(),
        what,
        name);
    return Optional.of(what + " not found: " + name);
  }
}
