package dev.hanse.sim.world;

import com.google.protobuf.Timestamp;
import dev.hanse.agent.dispatch.StatusReports;
import dev.hanse.agent.task.ContainerView;
import dev.hanse.agent.task.HealthStatus;
import dev.hanse.agent.task.Step;
import dev.hanse.agent.task.StepOutcome;
import dev.hanse.agent.task.TaskLife;
import dev.hanse.agent.task.TaskTable;
import dev.hanse.agent.workload.Workload;
import dev.hanse.control.Times;
import dev.hanse.sim.time.Timeline;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Performs the steps of tasks in virtual time. "broken" images cannot be prepared, "unstartable"
 * ones not started; now and then the runtime is not to be had.
 */
final class FakeSteps implements TaskTable.Work {
  private static final int UNAVAILABLE_ONE_IN = 40;

  private final World world;
  private final Host host;
  private final NodeDependencies dependencies;
  private final StatusReports reports;
  private final Runnable reported;
  private final Map<String, Working> working = new HashMap<>();
  private long works;
  private @Nullable TaskTable tasks;

  private record Working(long number, Step step) {}

  FakeSteps(
      World world,
      Host host,
      NodeDependencies dependencies,
      StatusReports reports,
      Runnable reported) {
    this.world = world;
    this.host = host;
    this.dependencies = dependencies;
    this.reports = reports;
    this.reported = reported;
  }

  void attach(TaskTable table) {
    tasks = table;
  }

  private TaskTable tasks() {
    return java.util.Objects.requireNonNull(tasks);
  }

  @Override
  public Timestamp now() {
    return Times.timestamp(host.machine().instant());
  }

  @Override
  public void begin(TaskLife life, Step step) {
    String taskId = life.id();
    Working work = new Working(++works, step);
    working.put(taskId, work);
    host.machine()
        .after(
            duration(life, step),
            () -> {
              if (working.remove(taskId, work)) {
                tasks().stepEnded(taskId, step, perform(life, step));
              }
            });
  }

  private long duration(TaskLife life, Step step) {
    RandomGenerator random = world.random();
    String image = life.workload().settings().getImage();
    long max =
        switch (step) {
          case PREPARE -> image.startsWith("large") ? 8_000 : 400;
          case START, ADOPT -> 200;
          case STOP -> image.startsWith("stubborn") ? 10_000 : 300;
          case RELEASE, REMOVE -> 50;
        };
    return random.nextLong(Timeline.MS, max * Timeline.MS);
  }

  private StepOutcome perform(TaskLife life, Step step) {
    if (world.random().nextInt(UNAVAILABLE_ONE_IN) == 0) {
      return StepOutcome.again(life.container(), life.held(), "the runtime is not there");
    }
    String id = life.containerId();
    String image = life.workload().settings().getImage();
    Containers containers = host.containers();
    switch (step) {
      case PREPARE -> {
        if (image.startsWith("broken")) {
          return StepOutcome.failed(containers.view(id, false), "No such image: " + image);
        }
        Optional<String> missing = dependencies.missing(life.workload());
        if (missing.isPresent()) {
          return StepOutcome.failed(containers.view(id, false), missing.get());
        }
        containers.create(id, image);
        return StepOutcome.success(containers.view(id, false), true);
      }
      case START -> {
        if (image.startsWith("unstartable")) {
          return StepOutcome.failed(containers.view(id, false), "starting container failed");
        }
        containers.start(id);
        return StepOutcome.success(containers.view(id, true), true);
      }
      case ADOPT -> {
        return StepOutcome.success(containers.view(id, true), true);
      }
      case STOP -> {
        if (world.sabotaged(Sabotage.STOP_NOTHING)) {
          return StepOutcome.success(
              new ContainerView.Exited(0, false, HealthStatus.NONE), life.held());
        }
        containers.stop(id);
        return StepOutcome.success(containers.view(id, true), life.held());
      }
      case RELEASE -> {
        if (life.container() instanceof ContainerView.Absent) {
          containers.remove(id);
        }
        return StepOutcome.success(life.container(), false);
      }
      case REMOVE -> {
        if (!world.sabotaged(Sabotage.STOP_NOTHING)) {
          containers.remove(id);
        }
        return StepOutcome.success(new ContainerView.Absent(), false);
      }
    }
    throw new IllegalStateException("no such step: " + step);
  }

  @Override
  public boolean breakOff(String taskId) {
    Working work = working.get(taskId);
    if (work == null) {
      return false;
    }
    if (work.step == Step.START && world.random().nextBoolean()) {
      return true; // The call is under way: it is not broken off and ends as it does.
    }
    working.remove(taskId);
    host.machine().after(Timeline.MS, () -> tasks().stepBroken(taskId, work.step));
    return true;
  }

  @Override
  public boolean isWorking(String taskId) {
    return working.containsKey(taskId);
  }

  @Override
  public void retryAfter(Duration pause, String taskId, Step step) {
    host.machine().after(pause.toNanos(), () -> tasks().retry(taskId, step));
  }

  @Override
  public Optional<ContainerView> observe(String containerId) {
    return Optional.of(host.containers().view(containerId, false));
  }

  @Override
  public Optional<HealthStatus> health(String containerId) {
    return Optional.empty();
  }

  @Override
  public void forgetHealth(String containerId) {}

  @Override
  public void changed(TaskLife life) {}

  @Override
  public void save(TaskLife life) {
    host.records().put(life.id(), life.workload());
  }

  @Override
  public void report(Workload workload) {
    world.trace().line("%s: task %s is %s", host.name(), workload.id(), workload.status().state());
    reports.report(workload);
    host.machine().after(0, reported);
  }

  @Override
  public void withdraw(String taskId) {
    reports.forget(taskId);
  }

  @Override
  public void forgotten(TaskLife life) {
    host.records().remove(life.id());
  }
}
