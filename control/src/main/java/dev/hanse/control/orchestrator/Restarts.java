package dev.hanse.control.orchestrator;

import com.google.protobuf.Timestamp;
import dev.hanse.control.Tasks;
import dev.hanse.control.Times;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.Task;
import dev.hanse.model.TaskPlan;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The restart policy: whether a task that ended, or lost its node, gets a successor, and when. The
 * history that it needs is carried from task to task.
 */
final class Restarts {
  /** Docker's default. */
  private static final Duration DELAY = Duration.ofSeconds(5);

  /** Restarts within a window that a task remembers; higher limits are counted as this one. */
  private static final int HISTORY_MAX = 1_000;

  private Restarts() {}

  static boolean allows(Task task) {
    RestartPolicy policy = task.getSpec().getRestart();
    // Without a policy: any, as Docker's defaults have it.
    boolean wanted =
        !task.getSpec().hasRestart()
            || switch (policy.getCondition()) {
              case ANY -> true;
              case ON_FAILURE -> task.getStatus().getState() != TaskState.COMPLETE;
              case NONE, UNRECOGNIZED -> false;
            };
    // Losing its node is no failure of the task and uses up no attempt.
    boolean limited = policy.getMaxAttempts() > 0 && Tasks.endedByItself(task);
    return wanted && (!limited || attempts(task) < policy.getMaxAttempts());
  }

  /** Restarts of the slot so far: all of them, or those within the window before the task's end. */
  private static long attempts(Task task) {
    Duration window = Times.duration(task.getSpec().getRestart().getWindow());
    if (window.isZero()) {
      return task.getPlan().getRestarts();
    }
    // By the managers' clock, as the restarts are: that of the node may be wrong.
    TaskStatus status = task.getStatus();
    Instant end =
        Times.instant(status.hasAppliedAt() ? status.getAppliedAt() : status.getTimestamp());
    Instant since = end.minus(window);
    return task.getPlan().getRestartedAtList().stream()
        .filter(at -> !Times.instant(at).isBefore(since))
        .count();
  }

  static Duration delay(TaskSpec spec) {
    return spec.getRestart().hasDelay() ? Times.duration(spec.getRestart().getDelay()) : DELAY;
  }

  /**
   * The plan of the successor of {@code former}.
   *
   * @param fresh whether the specification has changed, so that counting starts anew
   */
  static TaskPlan.Builder successor(Task former, boolean fresh, Timestamp now) {
    TaskPlan.Builder plan = TaskPlan.newBuilder().setReason(TaskPlan.Reason.RESTART);
    RestartPolicy policy = former.getSpec().getRestart();
    List<Timestamp> history = new ArrayList<>();
    long attempts = 0;
    if (!fresh) {
      attempts = former.getPlan().getRestarts();
      history.addAll(former.getPlan().getRestartedAtList());
    }
    if (Tasks.endedByItself(former)) {
      attempts++;
      history.add(now);
    }
    plan.setRestarts(attempts);
    if (policy.getMaxAttempts() > 0 && !Times.duration(policy.getWindow()).isZero()) {
      // Older ones than the policy counts cannot matter.
      int kept = (int) Math.min(history.size(), Math.min(policy.getMaxAttempts(), HISTORY_MAX));
      plan.addAllRestartedAt(history.subList(history.size() - kept, history.size()));
    }
    return plan;
  }
}
