package dev.hanse.agent.task;

import com.google.protobuf.Timestamp;
import dev.hanse.agent.task.ContainerView.Absent;
import dev.hanse.agent.task.ContainerView.Exited;
import dev.hanse.agent.task.ContainerView.Running;
import dev.hanse.agent.workload.Workload;
import dev.hanse.agent.workload.WorkloadChanges;
import dev.hanse.agent.workload.WorkloadStatus;
import dev.hanse.health.FaultLog;
import dev.hanse.model.TaskState;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The tasks of this node and what moves each of them: assignments, ended steps, exits, verdicts of
 * probes. Asks {@link TaskMachine} for the next move and has it carried out by {@link Work}. Where
 * many tasks are moved, what one of them throws is its own. No thread and no clock of its own; one
 * thread at a time may use it (the agent's loop, or a simulated world).
 */
public final class TaskTable {
  /**
   * Most tasks that a node takes, those that have ended and are kept for their history included.
   */
  public static final int TASKS_MAX = 20_000;

  private static final Logger LOG = LoggerFactory.getLogger(TaskTable.class);
  private static final Duration RETRY_FIRST = Duration.ofMillis(250);
  private static final int RETRY_DOUBLINGS_MAX = 6;

  private final Work work;
  private final FaultLog faults = new FaultLog("a task");
  private final Map<String, TaskLife> lives = new TreeMap<>();
  private final Map<String, String> taskOfContainer = new HashMap<>();
  private final Map<String, Integer> tries = new HashMap<>();
  private boolean shutDown;

  /** What the table has done by others. Nothing here blocks. */
  public interface Work {
    /** The present time, for statuses. */
    Timestamp now();

    /** Begins a step, whose end will be told by {@link #stepEnded} or {@link #stepBroken}. */
    void begin(TaskLife life, Step step);

    /** Breaks off what {@link #begin} began; false if nothing is under way now. */
    boolean breakOff(String taskId);

    /** Is something of the task under way? */
    boolean isWorking(String taskId);

    /** Calls {@link #retry} after a pause. */
    void retryAfter(Duration pause, String taskId, Step step);

    /** The container as it is; empty if that cannot be told now. */
    Optional<ContainerView> observe(String containerId);

    /** What the container's probes say. */
    Optional<HealthStatus> health(String containerId);

    /** The container's probes are to end. */
    void forgetHealth(String containerId);

    /** This is known of a task from now on. */
    void changed(TaskLife life);

    /** A task's record is to be written to the disk. */
    void save(TaskLife life);

    /** The workload's maker is to know its status. */
    void report(Workload workload);

    /** The task is no longer this node's: nothing of it is reported any more. */
    void withdraw(String taskId);

    /** Nothing is left of a task. */
    void forgotten(TaskLife life);
  }

  /** An empty table. */
  public TaskTable(Work work) {
    this.work = work;
  }

  /** Has the node no workload, not even one that is being taken down? */
  public boolean isEmpty() {
    return lives.isEmpty();
  }

  /** Has the node none of a maker's? */
  public boolean isEmpty(String maker) {
    return lives.values().stream().noneMatch(life -> life.workload().isOf(maker));
  }

  /**
   * Takes up a task that was assigned when the daemon ended; {@link #moveAll} follows.
   *
   * @param view its container as it is now
   */
  public TaskLife resume(Workload workload, ContainerView view) {
    boolean ended = TaskMachine.isEnded(workload.status().state());
    TaskLife life =
        TaskLife.assigned(workload, TaskContainer.id(workload.id()))
            .withContainer(view)
            .withHeld(!ended);
    put(life);
    work.report(workload);
    return life;
  }

  /** Moves every task as far as it goes without waiting. */
  public void moveAll() {
    each(List.copyOf(lives.keySet()), this::moveOn);
  }

  /**
   * After a fault: every task goes on from what is known of it, and a step whose end was lost is
   * performed again, as one that was broken off.
   */
  public void recover() {
    each(List.copyOf(lives.keySet()), this::recover);
  }

  /** Whether a task waits for the end of this step. */
  public boolean isIn(String taskId, Step step) {
    TaskLife life = lives.get(taskId);
    return life != null && life.busy().equals(Optional.of(step));
  }

  private void recover(String taskId) {
    TaskLife life = lives.get(taskId);
    if (life != null && life.busy().isPresent() && !work.isWorking(taskId)) {
      retryLater(taskId, life.busy().get(), "its end was lost");
    }
    moveOn(taskId);
  }

  private void each(Iterable<String> taskIds, Consumer<String> action) {
    for (String taskId : taskIds) {
      apart(() -> action.accept(taskId));
    }
  }

  /** Whether it went well. */
  private boolean apart(Runnable piece) {
    try {
      piece.run();
      return true;
    } catch (RuntimeException | Error fault) {
      faults.log(fault);
      return false;
    }
  }

  /** A maker has assigned or withdrawn workloads. */
  public void assign(WorkloadChanges message) {
    Set<String> touched = new TreeSet<>();
    if (message.complete()) {
      Set<String> gone = new TreeSet<>(idsOf(message.maker()));
      message.changes().forEach(change -> gone.remove(change.id()));
      each(gone, this::unassign);
      touched.addAll(gone);
    }
    for (WorkloadChanges.Change change : message.changes()) {
      if (isOfAnother(change.id(), message.maker())) {
        LOG.error(
            "{} is not a workload of {}: its change is ignored", change.id(), message.maker());
        continue;
      }
      switch (change) {
        case WorkloadChanges.Wanted wanted -> take(wanted.workload());
        case WorkloadChanges.Withdrawn withdrawn -> apart(() -> unassign(withdrawn.id()));
      }
      touched.add(change.id());
    }
    each(touched, this::moveOn);
  }

  private boolean isOfAnother(String id, String maker) {
    TaskLife life = lives.get(id);
    return life != null && !life.workload().isOf(maker);
  }

  private List<String> idsOf(String maker) {
    return lives.values().stream()
        .filter(life -> life.workload().isOf(maker))
        .map(TaskLife::id)
        .toList();
  }

  private void take(Workload workload) {
    boolean known = lives.containsKey(workload.id());
    if (!apart(() -> change(wanted(workload))) && !known) {
      apart(() -> refuse(workload));
    }
  }

  /** What cannot be taken is not kept either; its maker has another one made. */
  private void refuse(Workload workload) {
    WorkloadStatus status =
        new WorkloadStatus(
            TaskState.REJECTED,
            "rejected",
            "the node could not take the task: see its log",
            work.now(),
            Optional.empty(),
            List.of());
    work.report(workload.withStatus(status));
    TaskLife life = lives.get(workload.id());
    if (life != null) {
      forget(life);
    }
  }

  /** A maker wants nothing of this node any more: takes down all that it has of it. */
  public void unassignAll(String maker) {
    List<String> all = idsOf(maker);
    each(all, this::unassign);
    each(all, this::moveOn);
  }

  /**
   * The machine goes down: all tasks end as if the managers wanted it so, and whatever they assign
   * from now on does not begin. Until the daemon is started anew.
   */
  public void shutDown() {
    shutDown = true;
    for (TaskLife life : List.copyOf(lives.values())) {
      apart(
          () -> {
            put(life.withWorkload(wanted(life.workload()), life.assigned()));
            moveOn(life.id());
          });
    }
  }

  private Workload wanted(Workload workload) {
    return shutDown && workload.desired().compareTo(TaskState.SHUTDOWN) < 0
        ? workload.withDesired(TaskState.SHUTDOWN)
        : workload;
  }

  private void change(Workload workload) {
    TaskLife present = lives.get(workload.id());
    if (present == null && lives.size() >= TASKS_MAX) {
      LOG.error(
          "this node has {} tasks, the most that it takes: task {} is ignored",
          TASKS_MAX,
          workload.id());
      return;
    }
    TaskLife life = present == null ? unknown(workload) : updated(present, workload);
    put(life);
    work.save(life);
  }

  /** A container whose workload got other networks or ports is taken in hand again. */
  private static TaskLife updated(TaskLife life, Workload newer) {
    boolean sameNetwork =
        life.workload().attachments().equals(newer.attachments())
            && life.workload().ports().equals(newer.ports());
    TaskLife updated = life.withWorkload(newer);
    return !sameNetwork && life.container() instanceof Running running
        ? updated.withContainer(new Running(running.processId(), running.health(), false))
        : updated;
  }

  /** One that has come further than ASSIGNED but is not in our records: look for its container. */
  private TaskLife unknown(Workload workload) {
    TaskLife life = TaskLife.assigned(workload, TaskContainer.id(workload.id()));
    if (workload.status().state().compareTo(TaskState.ASSIGNED) <= 0) {
      return life;
    }
    return work.observe(life.containerId())
        .map(view -> life.withContainer(view).withHeld(true))
        .orElse(life);
  }

  private void unassign(String taskId) {
    TaskLife life = lives.get(taskId);
    if (life != null) {
      put(life.unassigned());
      work.withdraw(taskId);
    }
  }

  /** A container's process has ended. */
  public void exited(String containerId, int code, boolean outOfMemory) {
    String taskId = taskOfContainer.get(containerId);
    TaskLife life = taskId == null ? null : lives.get(taskId);
    if (life == null || life.container() instanceof Exited) {
      return;
    }
    work.forgetHealth(containerId);
    HealthStatus health =
        life.container() instanceof Running running ? running.health() : HealthStatus.NONE;
    put(life.withContainer(new Exited(code, outOfMemory, health)));
    moveOn(life.id());
  }

  /** A container's probes have another verdict. */
  public void healthChanged(String taskId, HealthStatus health) {
    TaskLife life = lives.get(taskId);
    if (life != null && life.container() instanceof Running running) {
      put(life.withContainer(new Running(running.processId(), health, running.watched())));
      moveOn(taskId);
    }
  }

  /** A step is over. */
  public void stepEnded(String taskId, Step step, StepOutcome outcome) {
    TaskLife life = lives.get(taskId);
    if (life == null) {
      return;
    }
    TaskLife observed =
        life.withContainer(merged(life, outcome.container()))
            .withHeld(outcome.held())
            .withHostPorts(outcome.hostPorts().orElse(life.hostPorts()));
    if (outcome.retry().isPresent()) {
      put(observed);
      retryLater(taskId, step, outcome.retry().get());
    } else {
      tries.remove(taskId);
      put(observed.ended(outcome.failure()));
    }
    moveOn(taskId);
  }

  /** An exit that was reported while a step was under way is never taken back by its result. */
  private ContainerView merged(TaskLife life, ContainerView result) {
    if (life.container() instanceof Exited && !(result instanceof Absent)) {
      return life.container();
    }
    if (result instanceof Running running && running.watched()) {
      HealthStatus health = work.health(life.containerId()).orElse(running.health());
      return new Running(running.processId(), health, true);
    }
    return result;
  }

  /** A step was broken off. What it has made by then, a container included, is given back. */
  public void stepBroken(String taskId, Step step) {
    TaskLife life = lives.get(taskId);
    if (life == null) {
      return;
    }
    boolean unwanted = life.desired().compareTo(TaskState.SHUTDOWN) >= 0;
    if (unwanted && (step == Step.PREPARE || step == Step.START)) {
      afterBreak(life, step);
    } else {
      retryLater(taskId, step, "broken off");
    }
    moveOn(taskId);
  }

  /**
   * What a PREPARE has made is released with everything else. A START, or an earlier try of it
   * whose answer was lost, may have started the container all the same: a STOP looks.
   */
  private TaskLife afterBreak(TaskLife life, Step step) {
    if (step == Step.PREPARE) {
      TaskLife ended = life.ended(Optional.empty());
      put(ended);
      return ended;
    }
    return begin(life, Step.STOP);
  }

  private TaskLife begin(TaskLife life, Step step) {
    TaskLife begun = life.begun(step);
    put(begun);
    work.begin(begun, step);
    return begun;
  }

  private void retryLater(String taskId, Step step, String why) {
    int tried = tries.merge(taskId, 1, Integer::sum);
    Duration pause = RETRY_FIRST.multipliedBy(1L << Math.min(tried - 1, RETRY_DOUBLINGS_MAX));
    LOG.warn(
        "{} of task {} failed: {}; trying again in {} ms", step, taskId, why, pause.toMillis());
    work.retryAfter(pause, taskId, step);
  }

  /** The pause before another try of a step is over. */
  public void retry(String taskId, Step step) {
    TaskLife life = lives.get(taskId);
    if (life != null && life.busy().equals(Optional.of(step)) && !work.isWorking(taskId)) {
      work.begin(life, step);
    }
  }

  /** Moves one task as far as it goes without waiting. */
  private void moveOn(String taskId) {
    TaskLife life = lives.get(taskId);
    while (life != null) {
      switch (TaskMachine.next(life, work.now())) {
        case Move.Rest _ -> {
          return;
        }
        case Move.Advance advance -> {
          log(life, advance.status());
          life = life.withStatus(advance.status());
          put(life);
          work.save(life);
          if (life.assigned()) {
            work.report(life.workload());
          }
        }
        case Move.Perform perform -> {
          begin(life, perform.step());
          return;
        }
        case Move.Cancel _ -> {
          if (work.breakOff(taskId)) {
            return;
          }
          life = afterBreak(life, life.busy().orElseThrow());
        }
        case Move.Forget _ -> {
          forget(life);
          return;
        }
      }
    }
  }

  private static void log(TaskLife life, WorkloadStatus status) {
    boolean lasting = status.state() == TaskState.RUNNING || TaskMachine.isEnded(status.state());
    LOG.atLevel(lasting ? Level.INFO : Level.DEBUG)
        .log(
            "task {} ({}) is {} {}",
            life.id(),
            life.workload().name(),
            status.state(),
            status.error());
  }

  private void put(TaskLife life) {
    String taskId = life.id();
    lives.put(taskId, life);
    taskOfContainer.put(life.containerId(), taskId);
    work.changed(life);
  }

  private void forget(TaskLife life) {
    String taskId = life.id();
    lives.remove(taskId);
    taskOfContainer.remove(life.containerId());
    tries.remove(taskId);
    work.forgotten(life);
  }
}
