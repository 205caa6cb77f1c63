package dev.hanse.control.orchestrator;

import com.google.protobuf.Timestamp;
import dev.hanse.control.Rejection;
import dev.hanse.control.Tasks;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * All that depends on a service's mode: which slots it has, when one of them needs no further task,
 * what becomes of its tasks when the specification changes, which specifications are refused. A new
 * mode is a class beside {@link Replicated} and its line in {@link #of}; nobody else asks which
 * mode a service has.
 */
public abstract sealed class Mode permits Replicated, Global, Job {
  /** More tasks than any swarm can hold are a mistake, and would fill the log. */
  public static final long TASKS_MAX = 100_000;

  Mode() {}

  /** The mode of a specification; empty if it names none. */
  public static Optional<Mode> of(ServiceSpec spec) {
    return switch (spec.getModeCase()) {
      case REPLICATED -> Optional.of(new Replicated(spec.getReplicated().getReplicas()));
      case GLOBAL -> Optional.of(new Global());
      case REPLICATED_JOB ->
          Optional.of(
              new ReplicatedJob(
                  spec.getReplicatedJob().getMaxConcurrent(),
                  spec.getReplicatedJob().getTotalCompletions()));
      case GLOBAL_JOB -> Optional.of(new GlobalJob());
      case MODE_NOT_SET -> Optional.empty();
    };
  }

  /** Docker's word for it, as in {@code --mode}. */
  public abstract String word();

  /** How many tasks it wants at a time; empty for one on each suitable node. */
  public abstract OptionalLong tasksAtATime();

  /** Whether a node that comes, changes or goes changes what slots there are. */
  public final boolean followsNodes() {
    return tasksAtATime().isEmpty();
  }

  /** Why such a service is refused, in swarmkit's words; empty if it is not. */
  public abstract Optional<Rejection> check(ServiceSpec spec);

  /**
   * The service when its specification has just been written, whether for the first time or not.
   */
  public Service written(Service service, Timestamp now) {
    return service;
  }

  static Optional<Rejection> checkNumber(long given, String negative, String name) {
    if (given < 0) {
      return Optional.of(new Rejection.Invalid(negative));
    }
    return given > TASKS_MAX
        ? Optional.of(new Rejection.Exhausted(name + " must be at most " + TASKS_MAX))
        : Optional.empty();
  }

  /** What a new task of the service has to carry; {@link Tasks#goal} depends on it. */
  void mark(Task.Builder task, Service service) {}

  /** Takes away tasks that say nothing of what the service is to do now. */
  void retire(Orchestrator orchestrator, Service service) {}

  /** Makes tasks for slots that need one and takes them from slots that are too many. */
  abstract void adjust(Orchestrator orchestrator, Service service);

  /** Brings tasks of former specifications to the present one. */
  abstract void update(Orchestrator orchestrator, Service service);

  /** Whether a slot needs no further task. */
  boolean isFilled(Orchestrator orchestrator, Service service, Slot slot) {
    return slot.isWanted() || orchestrator.isAtRest(slot);
  }
}
