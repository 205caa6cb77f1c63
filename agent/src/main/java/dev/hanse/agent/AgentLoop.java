package dev.hanse.agent;

import com.google.protobuf.Timestamp;
import dev.hanse.agent.dispatch.StatusReports;
import dev.hanse.agent.task.ContainerView;
import dev.hanse.agent.task.ContainerView.Absent;
import dev.hanse.agent.task.ContainerView.Exited;
import dev.hanse.agent.task.HealthRecord;
import dev.hanse.agent.task.HealthStatus;
import dev.hanse.agent.task.Step;
import dev.hanse.agent.task.TaskContainer;
import dev.hanse.agent.task.TaskLife;
import dev.hanse.agent.task.TaskMachine;
import dev.hanse.agent.task.TaskSteps;
import dev.hanse.agent.task.TaskTable;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.agent.workload.Workload;
import dev.hanse.agent.workload.WorkloadChanges;
import dev.hanse.health.Apart;
import dev.hanse.health.FaultPolicy;
import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.TaskState;
import dev.hanse.runtime.containers.ContainerEvent;
import io.grpc.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the workloads of this node. One thread takes messages and hands them to the {@link
 * TaskTable}, which decides; the steps that this asks for are performed on virtual threads, and
 * their results come back as messages. It never waits for anything but its mailbox.
 */
final class AgentLoop implements Turn<AgentMessage>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentLoop.class);
  private static final int MAILBOX_MAX = 100_000;
  private static final Duration TELL_LOOK = Duration.ofMillis(200);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(10);

  private final TaskSteps steps;
  private final RecordWriter records;
  private final AssignedDependencies dependencies;
  private final StatusReports reports;
  private final BlockingQueue<AgentMessage> mailbox = new LinkedBlockingQueue<>(MAILBOX_MAX);
  private final TaskTable tasks = new TaskTable(new Work());
  private final Map<String, Thread> working = new HashMap<>();
  private final List<CompletableFuture<Void>> leaving = new ArrayList<>();
  private final Map<String, NodeWorkload> published = new ConcurrentHashMap<>();
  private final OwnerThread thread;

  /** The message that is being worked on, or whose turn has failed; of the thread. */
  private Optional<AgentMessage> present = Optional.empty();

  /** What came with the present message; of the thread. */
  private Map<String, ContainerView> seen = Map.of();

  AgentLoop(
      Health health,
      TaskSteps steps,
      TaskRecords records,
      AssignedDependencies dependencies,
      StatusReports reports) {
    this.steps = steps;
    this.records = new RecordWriter(health, records);
    this.dependencies = dependencies;
    this.reports = reports;
    this.thread =
        OwnerThread.named(health, "agent")
            .vital()
            .keepingProcess()
            .policy(FaultPolicy.rebuild(this::recover))
            .of(this);
  }

  /**
   * Begins with the workloads that were assigned when the daemon ended.
   *
   * @param present views of the containers that exist, by container id
   */
  void start(Collection<Workload> assigned, Map<String, ContainerView> present) {
    for (Workload workload : assigned) {
      ContainerView view = present.getOrDefault(TaskContainer.id(workload.id()), new Absent());
      TaskLife life = tasks.resume(workload, view);
      if (!TaskMachine.isEnded(workload.status().state()) && view instanceof Exited) {
        Thread.ofVirtual().start(() -> steps.collectOutput(life));
      }
    }
    tasks.moveAll();
    thread.start();
  }

  /** Puts a message into the mailbox, whatever interrupts it; waits when that is full. */
  void tell(AgentMessage message) {
    boolean interrupted = false;
    boolean told = false;
    while (!told && !thread.isClosed()) {
      try {
        told = mailbox.offer(message, TELL_LOOK.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException brokenOff) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Takes what a manager has assigned or withdrawn. Tasks that have come further than those that
   * begin, but are not known here, may have a container: this thread looks for it, and may wait.
   */
  void assigned(AssignmentsMessage message) {
    WorkloadChanges changes = SwarmWorkloads.changes(message);
    Map<String, ContainerView> found = new HashMap<>();
    for (WorkloadChanges.Change change : changes.changes()) {
      switch (change) {
        case WorkloadChanges.Wanted(Workload workload) -> {
          if (workload.status().state().compareTo(TaskState.ASSIGNED) > 0
              && !published.containsKey(workload.id())) {
            look(workload, found);
          }
        }
        case WorkloadChanges.Withdrawn _ -> {}
      }
    }
    tell(new AgentMessage.Assigned(message, changes, found));
  }

  private void look(Workload workload, Map<String, ContainerView> found) {
    try {
      found.put(TaskContainer.id(workload.id()), steps.observe(workload));
    } catch (RuntimeException fault) {
      if (Thread.currentThread().isInterrupted() || Context.current().isCancelled()) {
        throw fault; // The session is over, and the next one begins with all of this again.
      }
      LOG.warn("could not look for the container of task {}: {}", workload.id(), fault.toString());
    }
  }

  /** For {@link TaskSteps}: a container's probes have another verdict. */
  void healthChanged(String taskId, HealthStatus health) {
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

  /** The workloads as of now; any thread. */
  Collection<NodeWorkload> workloads() {
    return published.values();
  }

  /** The ids of the workloads as of now, those that are being taken down too; any thread. */
  Set<String> workloadIds() {
    return Set.copyOf(published.keySet());
  }

  @Override
  public AgentMessage await() throws InterruptedException {
    return mailbox.take();
  }

  @Override
  public void perform(AgentMessage message) {
    present = Optional.of(message);
    take(message);
    present = Optional.empty();
  }

  /**
   * A message whose turn has failed is taken once more: nobody sends it again, be it an assignment
   * or the wish to leave, for whose end somebody waits. One that fails again is lost.
   */
  private void recover() {
    Optional<AgentMessage> failed = present;
    present = Optional.empty();
    failed.filter(this::isStillDue).ifPresent(this::take);
    tasks.recover();
  }

  /** The end of a step is not taken twice: its task may be in the next by now. */
  private boolean isStillDue(AgentMessage message) {
    return switch (message) {
      case AgentMessage.StepEnded ended -> tasks.isIn(ended.taskId(), ended.step());
      case AgentMessage.StepBroken broken -> tasks.isIn(broken.taskId(), broken.step());
      case AgentMessage.Assigned _,
          AgentMessage.RetryDue _,
          AgentMessage.ContainerExited _,
          AgentMessage.HealthChanged _,
          AgentMessage.LeaveSwarm _,
          AgentMessage.ShutDown _,
          AgentMessage.Close _ ->
          true;
    };
  }

  private void take(AgentMessage message) {
    switch (message) {
      case AgentMessage.Assigned assigned -> assign(assigned);
      case AgentMessage.StepEnded ended -> {
        working.remove(ended.taskId());
        tasks.stepEnded(ended.taskId(), ended.step(), ended.outcome());
      }
      case AgentMessage.StepBroken broken -> {
        working.remove(broken.taskId());
        tasks.stepBroken(broken.taskId(), broken.step());
      }
      case AgentMessage.RetryDue due -> tasks.retry(due.taskId(), due.step());
      case AgentMessage.ContainerExited exited ->
          tasks.exited(exited.containerId(), exited.status().code(), exited.status().outOfMemory());
      case AgentMessage.HealthChanged changed ->
          tasks.healthChanged(changed.taskId(), changed.health());
      case AgentMessage.LeaveSwarm leave -> leave(leave);
      case AgentMessage.ShutDown _ -> tasks.shutDown();
      case AgentMessage.Close _ -> {
        thread.endAfterTurn();
        working.values().forEach(Thread::interrupt);
      }
    }
  }

  /** Secrets and configs first: a task that comes with them may start at once. */
  private void assign(AgentMessage.Assigned assigned) {
    AssignmentsMessage message = assigned.message();
    if (message.getType() == AssignmentsMessage.Type.UNRECOGNIZED) {
      LOG.warn("a message with assignments is of an unknown type: it adds to what is known");
    }
    seen = assigned.seen();
    Apart pieces = new Apart();
    pieces.run(() -> dependencies.assign(message));
    pieces.run(() -> tasks.assign(assigned.changes()));
    seen = Map.of();
    pieces.check();
  }

  private void leave(AgentMessage.LeaveSwarm leave) {
    leaving.add(leave.done());
    Apart pieces = new Apart();
    pieces.run(dependencies::clear);
    pieces.run(() -> tasks.unassignAll(SwarmWorkloads.MAKER));
    pieces.run(this::completeLeaving);
    pieces.check();
  }

  private void completeLeaving() {
    if (!leaving.isEmpty() && tasks.isEmpty(SwarmWorkloads.MAKER)) {
      List<CompletableFuture<Void>> left = List.copyOf(leaving);
      leaving.clear();
      left.forEach(done -> done.complete(null));
    }
  }

  private void performStep(TaskLife life, Step step) {
    String taskId = life.id();
    AgentMessage result;
    long began = System.nanoTime();
    try {
      if (step == Step.PREPARE) {
        records.awaitWritten(taskId); // Whatever is made from here on is found again by it.
      }
      result = new AgentMessage.StepEnded(taskId, step, steps.perform(life, step));
    } catch (InterruptedException broken) {
      result = new AgentMessage.StepBroken(taskId, step);
    } catch (RuntimeException | Error fault) {
      LOG.error("{} of task {} failed unexpectedly", step, taskId, fault);
      result = unexpected(life, step, fault);
    }
    LOG.debug("{} of task {} took {} ms", step, taskId, (System.nanoTime() - began) / 1_000_000);
    Thread.interrupted();
    tell(result);
  }

  private AgentMessage unexpected(TaskLife life, Step step, Throwable fault) {
    String taskId = life.id();
    try {
      return new AgentMessage.StepEnded(
          taskId, step, steps.unexpected(life, step, "unexpected fault: " + fault));
    } catch (RuntimeException | Error again) {
      LOG.error("{} of task {} failed again while its failure was handled", step, taskId, again);
      return new AgentMessage.StepBroken(taskId, step);
    }
  }

  private final class Work implements TaskTable.Work {
    @Override
    public Timestamp now() {
      Instant now = Instant.now();
      return Timestamp.newBuilder()
          .setSeconds(now.getEpochSecond())
          .setNanos(now.getNano())
          .build();
    }

    @Override
    public void begin(TaskLife life, Step step) {
      String taskId = life.id();
      working.put(
          taskId,
          Thread.ofVirtual().name(step + " " + taskId).start(() -> performStep(life, step)));
    }

    @Override
    public boolean breakOff(String taskId) {
      Thread worker = working.get(taskId);
      if (worker == null) {
        return false;
      }
      worker.interrupt();
      return true;
    }

    @Override
    public boolean isWorking(String taskId) {
      return working.containsKey(taskId);
    }

    @Override
    public void retryAfter(Duration pause, String taskId, Step step) {
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

    @Override
    public Optional<ContainerView> observe(String containerId) {
      return Optional.ofNullable(seen.get(containerId));
    }

    @Override
    public Optional<HealthStatus> health(String containerId) {
      return steps.health().record(containerId).map(HealthRecord::health);
    }

    @Override
    public void forgetHealth(String containerId) {
      steps.health().forget(containerId);
    }

    @Override
    public void changed(TaskLife life) {
      Optional<String> containerId =
          life.container() instanceof Absent ? Optional.empty() : Optional.of(life.containerId());
      published.put(life.id(), new NodeWorkload(life.workload(), containerId));
    }

    @Override
    public void save(TaskLife life) {
      records.save(life.workload());
    }

    @Override
    public void report(Workload workload) {
      if (workload.isOf(SwarmWorkloads.MAKER)) {
        reports.report(workload);
      }
    }

    @Override
    public void withdraw(String taskId) {
      reports.forget(taskId);
    }

    @Override
    public void forgotten(TaskLife life) {
      String taskId = life.id();
      published.remove(taskId);
      records.delete(taskId);
      completeLeaving();
    }
  }

  /** Ends the loop; the containers go on. */
  @Override
  public void close() {
    tell(new AgentMessage.Close());
    if (!thread.join(CLOSE_WAIT_MAX)) {
      LOG.warn("the agent's loop has not ended within {}", CLOSE_WAIT_MAX);
    }
    records.close();
  }
}
