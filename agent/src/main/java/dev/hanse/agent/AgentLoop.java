package dev.hanse.agent;

import com.google.protobuf.Timestamp;
import dev.hanse.agent.dispatch.StatusReports;
import dev.hanse.agent.task.ContainerView;
import dev.hanse.agent.task.ContainerView.Absent;
import dev.hanse.agent.task.ContainerView.Exited;
import dev.hanse.agent.task.ContainerView.Running;
import dev.hanse.agent.task.Health;
import dev.hanse.agent.task.HealthRecord;
import dev.hanse.agent.task.Move;
import dev.hanse.agent.task.Step;
import dev.hanse.agent.task.TaskContainer;
import dev.hanse.agent.task.TaskLife;
import dev.hanse.agent.task.TaskMachine;
import dev.hanse.agent.task.TaskSteps;
import dev.hanse.model.Assignment;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containers.ContainerEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Owns the tasks of this node. One thread takes messages, asks {@link TaskMachine} for the next
 * move of the task concerned, and has steps performed on virtual threads, whose results come back
 * as messages. It never waits for anything but its mailbox.
 */
final class AgentLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentLoop.class);

  /**
   * Most tasks that a node takes, those that have ended and are kept for their history included.
   */
  static final int TASKS_MAX = 20_000;

  private static final int MAILBOX_MAX = 100_000;
  private static final Duration RETRY_FIRST = Duration.ofMillis(250);
  private static final int RETRY_DOUBLINGS_MAX = 6;
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(10);

  private final TaskSteps steps;
  private final TaskRecords records;
  private final AssignedDependencies dependencies;
  private final StatusReports reports;
  private final BlockingQueue<AgentMessage> mailbox = new LinkedBlockingQueue<>(MAILBOX_MAX);
  private final Map<String, TaskLife> lives = new HashMap<>();
  private final Map<String, String> taskOfContainer = new HashMap<>();
  private final Map<String, Thread> working = new HashMap<>();
  private final Map<String, Integer> tries = new HashMap<>();
  private final List<CompletableFuture<Void>> leaving = new ArrayList<>();
  private final Map<String, NodeTask> published = new ConcurrentHashMap<>();
  private final Thread thread = Thread.ofPlatform().name("agent").unstarted(this::run);
  private boolean closed;

  AgentLoop(
      TaskSteps steps,
      TaskRecords records,
      AssignedDependencies dependencies,
      StatusReports reports) {
    this.steps = steps;
    this.records = records;
    this.dependencies = dependencies;
    this.reports = reports;
  }

  /**
   * Begins with the tasks that were assigned when the daemon ended.
   *
   * @param present views of the containers that exist, by container id
   */
  void start(Collection<Task> assigned, Map<String, ContainerView> present) {
    for (Task task : assigned) {
      String containerId = TaskContainer.id(task.getId());
      boolean ended = TaskMachine.isEnded(task.getStatus().getState());
      ContainerView view = present.getOrDefault(containerId, new Absent());
      TaskLife life = TaskLife.assigned(task, containerId).withContainer(view).withHeld(!ended);
      put(life);
      reports.report(task.getId(), life.status());
      if (!ended && view instanceof Exited) {
        Thread.ofVirtual().start(() -> steps.collectOutput(life));
      }
    }
    new ArrayList<>(lives.keySet()).forEach(this::moveOn);
    thread.start();
  }

  /** Puts a message into the mailbox; waits when that is full. */
  void tell(AgentMessage message) {
    try {
      mailbox.put(message);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** For {@link TaskSteps}: a container's probes have another verdict. */
  void healthChanged(String taskId, Health health) {
    tell(new AgentMessage.HealthChanged(taskId, health));
  }

  /** For the runtime's events. */
  void happened(ContainerEvent event) {
    switch (event) {
      case ContainerEvent.Exited exited ->
          tell(new AgentMessage.ContainerExited(exited.containerId(), exited.status()));
      case ContainerEvent.Created _,
          ContainerEvent.Removed _,
          ContainerEvent.Started _,
          ContainerEvent.OutOfMemory _,
          ContainerEvent.ExecExited _,
          ContainerEvent.Paused _,
          ContainerEvent.Resumed _ -> {}
    }
  }

  /** The tasks as of now; any thread. */
  Collection<NodeTask> tasks() {
    return published.values();
  }

  private void run() {
    while (!closed) {
      try {
        handle(mailbox.take());
      } catch (InterruptedException interrupted) {
        closed = true;
      } catch (RuntimeException fault) {
        // A fault in one message must not end the node's work on all others.
        LOG.error("agent loop", fault);
      }
    }
    working.values().forEach(Thread::interrupt);
  }

  private void handle(AgentMessage message) {
    switch (message) {
      case AgentMessage.Assigned assigned -> assign(assigned.message());
      case AgentMessage.StepEnded ended -> stepEnded(ended);
      case AgentMessage.StepBroken broken -> stepBroken(broken);
      case AgentMessage.RetryDue due -> retry(due);
      case AgentMessage.ContainerExited exited -> exited(exited);
      case AgentMessage.HealthChanged changed -> healthChanged(changed);
      case AgentMessage.LeaveSwarm leave -> leave(leave);
      case AgentMessage.Close _ -> closed = true;
    }
  }

  private void assign(AssignmentsMessage message) {
    Set<String> touched = new HashSet<>();
    switch (message.getType()) {
      case COMPLETE -> {
        dependencies.clear();
        Set<String> gone = new HashSet<>(lives.keySet());
        for (AssignmentChange change : message.getChangesList()) {
          if (change.getAssignment().hasTask()) {
            gone.remove(change.getAssignment().getTask().getId());
          }
        }
        gone.forEach(this::unassign);
        touched.addAll(gone);
      }
      case INCREMENTAL -> {}
      case UNRECOGNIZED -> LOG.warn("assignments of unknown type");
    }
    // Secrets and configs first: a task that comes with them may start at once.
    message.getChangesList().forEach(this::changeDependency);
    for (AssignmentChange change : message.getChangesList()) {
      if (change.getAssignment().hasTask()) {
        changeTask(change);
        touched.add(change.getAssignment().getTask().getId());
      }
    }
    touched.forEach(this::moveOn);
  }

  private void changeDependency(AssignmentChange change) {
    Assignment assignment = change.getAssignment();
    boolean remove = change.getAction() == AssignmentChange.AssignmentAction.REMOVE;
    switch (assignment.getItemCase()) {
      case SECRET -> {
        if (remove) {
          dependencies.removeSecret(assignment.getSecret().getId());
        } else if (!dependencies.put(assignment.getSecret())) {
          LOG.error("more than {} secrets: one more is not taken", AssignedDependencies.COUNT_MAX);
        }
      }
      case CONFIG -> {
        if (remove) {
          dependencies.removeConfig(assignment.getConfig().getId());
        } else if (!dependencies.put(assignment.getConfig())) {
          LOG.error("more than {} configs: one more is not taken", AssignedDependencies.COUNT_MAX);
        }
      }
      case TASK, VOLUME, ITEM_NOT_SET -> {}
    }
  }

  private void changeTask(AssignmentChange change) {
    Task task = change.getAssignment().getTask();
    if (change.getAction() == AssignmentChange.AssignmentAction.REMOVE) {
      unassign(task.getId());
      return;
    }
    TaskLife present = lives.get(task.getId());
    if (present != null) {
      put(updated(present, task));
    } else if (lives.size() >= TASKS_MAX) {
      LOG.error("more than {} tasks: task {} is not taken", TASKS_MAX, task.getId());
      return;
    } else {
      put(unknown(task));
    }
    save(task.getId());
  }

  /** A container whose task got other networks or ports is taken in hand again. */
  private static TaskLife updated(TaskLife life, Task newer) {
    boolean sameNetwork =
        life.task().getNetworksList().equals(newer.getNetworksList())
            && life.task().getEndpoint().equals(newer.getEndpoint());
    TaskLife updated = life.withTask(newer);
    return !sameNetwork && life.container() instanceof Running running
        ? updated.withContainer(new Running(running.processId(), running.health(), false))
        : updated;
  }

  /**
   * A task that has come further than ASSIGNED but is not in our records: look for its container.
   */
  private TaskLife unknown(Task task) {
    TaskLife life = TaskLife.assigned(task, TaskContainer.id(task.getId()));
    if (task.getStatus().getState().compareTo(TaskState.ASSIGNED) <= 0) {
      return life;
    }
    try {
      return life.withContainer(steps.observe(life.containerId())).withHeld(true);
    } catch (RuntimeFault fault) {
      LOG.warn("looking for the container of task {}: {}", task.getId(), fault.getMessage());
      return life;
    }
  }

  private void unassign(String taskId) {
    TaskLife life = lives.get(taskId);
    if (life != null) {
      put(life.unassigned());
      reports.forget(taskId);
    }
  }

  private void leave(AgentMessage.LeaveSwarm leave) {
    leaving.add(leave.done());
    dependencies.clear();
    List<String> all = List.copyOf(lives.keySet());
    all.forEach(this::unassign);
    all.forEach(this::moveOn);
    completeLeaving();
  }

  private void completeLeaving() {
    if (lives.isEmpty()) {
      leaving.forEach(done -> done.complete(null));
      leaving.clear();
    }
  }

  private void exited(AgentMessage.ContainerExited exited) {
    String taskId = taskOfContainer.get(exited.containerId());
    TaskLife life = taskId == null ? null : lives.get(taskId);
    if (life == null || life.container() instanceof Exited) {
      return;
    }
    steps.health().forget(exited.containerId());
    Health health = life.container() instanceof Running running ? running.health() : Health.NONE;
    put(
        life.withContainer(
            new Exited(exited.status().code(), exited.status().outOfMemory(), health)));
    moveOn(life.task().getId());
  }

  private void healthChanged(AgentMessage.HealthChanged changed) {
    TaskLife life = lives.get(changed.taskId());
    if (life != null && life.container() instanceof Running running) {
      put(
          life.withContainer(
              new Running(running.processId(), changed.health(), running.watched())));
      moveOn(changed.taskId());
    }
  }

  private void stepEnded(AgentMessage.StepEnded ended) {
    working.remove(ended.taskId());
    TaskLife life = lives.get(ended.taskId());
    if (life == null) {
      return;
    }
    TaskSteps.Outcome outcome = ended.outcome();
    TaskLife observed =
        life.withContainer(merged(life, outcome.container()))
            .withHeld(outcome.held())
            .withHostPorts(outcome.hostPorts().orElse(life.hostPorts()));
    if (outcome.retry().isPresent()) {
      put(observed);
      retryLater(ended.taskId(), ended.step(), outcome.retry().get());
    } else {
      tries.remove(ended.taskId());
      put(observed.ended(outcome.failure()));
    }
    moveOn(ended.taskId());
  }

  /** An exit that was reported while a step was under way is never taken back by its result. */
  private ContainerView merged(TaskLife life, ContainerView result) {
    if (life.container() instanceof Exited && !(result instanceof Absent)) {
      return life.container();
    }
    if (result instanceof Running running && running.watched()) {
      Health health =
          steps
              .health()
              .record(life.containerId())
              .map(HealthRecord::health)
              .orElse(running.health());
      return new Running(running.processId(), health, true);
    }
    return result;
  }

  private void stepBroken(AgentMessage.StepBroken broken) {
    working.remove(broken.taskId());
    TaskLife life = lives.get(broken.taskId());
    if (life == null) {
      return;
    }
    if (broken.step() == Step.PREPARE && life.desired().compareTo(TaskState.SHUTDOWN) >= 0) {
      put(life.withContainer(observed(life)).ended(Optional.empty()));
    } else {
      retryLater(broken.taskId(), broken.step(), "broken off");
    }
    moveOn(broken.taskId());
  }

  private ContainerView observed(TaskLife life) {
    try {
      return steps.observe(life.containerId());
    } catch (RuntimeFault fault) {
      LOG.warn("looking at container {}: {}", life.containerId(), fault.getMessage());
      return life.container();
    }
  }

  private void retryLater(String taskId, Step step, String why) {
    int tried = tries.merge(taskId, 1, Integer::sum);
    Duration pause = RETRY_FIRST.multipliedBy(1L << Math.min(tried - 1, RETRY_DOUBLINGS_MAX));
    LOG.warn("{} of task {}: {}; next try in {} ms", step, taskId, why, pause.toMillis());
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                Thread.sleep(pause);
                tell(new AgentMessage.RetryDue(taskId, step));
              } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private void retry(AgentMessage.RetryDue due) {
    TaskLife life = lives.get(due.taskId());
    if (life != null
        && life.busy().equals(Optional.of(due.step()))
        && !working.containsKey(due.taskId())) {
      perform(life, due.step());
    }
  }

  /** Moves one task as far as it goes without waiting. */
  private void moveOn(String taskId) {
    TaskLife life = lives.get(taskId);
    while (life != null) {
      switch (TaskMachine.next(life, now())) {
        case Move.Rest _ -> {
          return;
        }
        case Move.Advance advance -> {
          logState(life, advance.status());
          life = life.withStatus(advance.status());
          put(life);
          save(taskId);
          if (life.assigned()) {
            reports.report(taskId, life.status());
          }
        }
        case Move.Perform perform -> {
          life = life.begun(perform.step());
          put(life);
          perform(life, perform.step());
          return;
        }
        case Move.Cancel _ -> {
          Thread worker = working.get(taskId);
          if (worker != null) {
            worker.interrupt();
            return;
          }
          life = life.ended(Optional.empty());
          put(life);
        }
        case Move.Forget _ -> {
          forget(life);
          return;
        }
      }
    }
  }

  private static void logState(TaskLife life, TaskStatus status) {
    boolean lasting =
        status.getState() == TaskState.RUNNING || TaskMachine.isEnded(status.getState());
    LOG.atLevel(lasting ? Level.INFO : Level.DEBUG)
        .log(
            "task {} ({}) is {} {}",
            life.task().getId(),
            life.task().getServiceAnnotations().getName(),
            status.getState(),
            status.getErr());
  }

  private void perform(TaskLife life, Step step) {
    String taskId = life.task().getId();
    working.put(
        taskId, Thread.ofVirtual().name(step + " " + taskId).start(() -> performStep(life, step)));
  }

  private void performStep(TaskLife life, Step step) {
    String taskId = life.task().getId();
    AgentMessage result;
    long began = System.nanoTime();
    try {
      result = new AgentMessage.StepEnded(taskId, step, steps.perform(life, step));
    } catch (InterruptedException broken) {
      result = new AgentMessage.StepBroken(taskId, step);
    } catch (RuntimeException | Error fault) {
      LOG.error("{} of task {}", step, taskId, fault);
      result =
          new AgentMessage.StepEnded(
              taskId, step, steps.unexpected(life, step, "unexpected fault: " + fault));
    }
    LOG.debug("{} of task {} took {} ms", step, taskId, (System.nanoTime() - began) / 1_000_000);
    Thread.interrupted();
    tell(result);
  }

  private void put(TaskLife life) {
    String taskId = life.task().getId();
    lives.put(taskId, life);
    taskOfContainer.put(life.containerId(), taskId);
    Task task = life.task().toBuilder().setStatus(life.status()).build();
    Optional<String> containerId =
        life.container() instanceof Absent ? Optional.empty() : Optional.of(life.containerId());
    published.put(taskId, new NodeTask(task, containerId));
  }

  private void save(String taskId) {
    NodeTask task = published.get(taskId);
    try {
      if (task != null) {
        records.save(task.task());
      }
    } catch (IOException refused) {
      // The work goes on: the record only matters if the daemon starts without a manager.
      LOG.warn("saving task {}: {}", taskId, refused.getMessage());
    }
  }

  private void forget(TaskLife life) {
    String taskId = life.task().getId();
    lives.remove(taskId);
    taskOfContainer.remove(life.containerId());
    tries.remove(taskId);
    published.remove(taskId);
    try {
      records.delete(taskId);
    } catch (IOException refused) {
      LOG.warn("deleting the record of task {}: {}", taskId, refused.getMessage());
    }
    completeLeaving();
  }

  private static Timestamp now() {
    Instant now = Instant.now();
    return Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()).build();
  }

  /** Ends the loop; the containers go on. */
  @Override
  public void close() {
    tell(new AgentMessage.Close());
    try {
      thread.join(CLOSE_WAIT_MAX);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
