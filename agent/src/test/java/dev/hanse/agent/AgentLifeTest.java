package dev.hanse.agent;

import static dev.hanse.agent.AgentWorld.eventually;
import static dev.hanse.agent.AgentWorld.shell;
import static dev.hanse.agent.AgentWorld.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.hanse.agent.task.TaskContainer;
import dev.hanse.model.HealthConfig;
import dev.hanse.model.LogMessage;
import dev.hanse.model.Mount;
import dev.hanse.model.PublishLogsMessage;
import dev.hanse.model.SubscriptionMessage;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tasks on real containers: how they begin, end and fail. */
class AgentLifeTest {
  private static AgentWorld world;

  @BeforeAll
  static void start() throws Exception {
    world = new AgentWorld();
  }

  @AfterAll
  static void stop() throws Exception {
    world.close();
  }

  private static Duration millis(int millis) {
    return Duration.newBuilder().setNanos(millis * 1_000_000).build();
  }

  private static Task forever() {
    return shell("trap 'exit 0' TERM; while true; do sleep 0.1; done");
  }

  @Test
  void aTaskRunsToItsEndAndLeavesItsLog() throws Exception {
    Task task = shell("echo hello; echo $FROM >&2");
    world.assign(task);
    TaskStatus status = world.await(task, TaskState.COMPLETE);

    assertThat(status.getMessage()).isEqualTo("finished");
    assertThat(status.getContainer().getContainerId()).isEqualTo(TaskContainer.id(task.getId()));
    assertThat(world.output(task)).contains("hello\n").contains("image\n");
    eventually("network released", () -> !world.networks.contains(task.getId()));
    assertThat(world.container(task).orElseThrow().labels())
        .containsEntry("com.docker.swarm.task.id", task.getId())
        .containsEntry("com.docker.swarm.task.name", "web.1." + task.getId())
        .containsEntry("com.docker.swarm.service.name", "web");
  }

  @Test
  @Tag("attack")
  void aTaskThatNobodyCanMakeSenseOfIsRefusedAndKeepsNoOther() throws Exception {
    Task bad = forever().toBuilder().setId("bad\0id").build();
    Task good = forever();
    world.assign(bad, good);
    world.await(good, TaskState.RUNNING);
    assertThat(world.await(bad, TaskState.REJECTED).getErr()).contains("could not take the task");
    assertThat(world.agent().workloads())
        .extracting(each -> each.workload().id())
        .doesNotContain("bad\0id");
    world.desire(good, TaskState.SHUTDOWN);
    world.await(good, TaskState.SHUTDOWN);
  }

  @Test
  @Tag("attack")
  void whateverAMessageThrowsTheNextIsTaken() throws Exception {
    Task running = forever();
    world.assign(running);
    world.await(running, TaskState.RUNNING);
    // Handled at once, since all tasks end; whoever waits for that throws an error on the loop.
    world
        .agent()
        .loop()
        .tell(
            new AgentMessage.LeaveSwarm(
                new CompletableFuture<>() {
                  @Override
                  public boolean complete(Void value) {
                    throw new StackOverflowError("who waits");
                  }
                }));
    eventually("all tasks are gone", () -> world.agent().workloads().isEmpty());
    Task next = forever();
    world.assign(next);
    world.await(next, TaskState.RUNNING);
    world.desire(next, TaskState.SHUTDOWN);
    world.await(next, TaskState.SHUTDOWN);
  }

  @Test
  void exitCodesAreReported() throws Exception {
    Task task = shell("exit 3");
    world.assign(task);
    TaskStatus status = world.await(task, TaskState.FAILED);

    assertThat(status.getErr()).isEqualTo("task: non-zero exit (3)");
    assertThat(status.getContainer().getExitCode()).isEqualTo(3);
  }

  @Test
  void aKilledContainerFailsItsTask() throws Exception {
    Task task = forever();
    world.assign(task);
    int processId = world.await(task, TaskState.RUNNING).getContainer().getPid();
    assertThat(ProcessHandle.of(processId).orElseThrow().destroyForcibly()).isTrue();

    assertThat(world.await(task, TaskState.FAILED).getErr()).isEqualTo("task: non-zero exit (137)");
  }

  @Test
  void memoryBeyondTheLimitIsReported() throws Exception {
    Task plain = shell("sleep 0.2; dd if=/dev/zero of=/dev/null bs=200M count=1");
    Task.Builder limited = plain.toBuilder();
    limited.getSpecBuilder().getResourcesBuilder().getLimitsBuilder().setMemoryBytes(16 << 20);
    world.assign(limited.build());

    assertThat(world.await(plain, TaskState.FAILED).getErr())
        .startsWith("task: non-zero exit (137): OOMKilled");
  }

  @Test
  void aTaskIsStoppedAndThenRemoved() throws Exception {
    Task task = forever();
    world.assign(task);
    world.await(task, TaskState.RUNNING);
    world.desire(task, TaskState.SHUTDOWN);
    assertThat(world.await(task, TaskState.SHUTDOWN).getContainer().getExitCode()).isZero();
    assertThat(world.container(task)).isPresent();

    world.desire(task, TaskState.REMOVE);
    eventually("container removed", () -> world.container(task).isEmpty());
  }

  @Test
  void whatIgnoresTheSignalIsKilledAfterTheGracePeriod() throws Exception {
    Task task =
        task(
            spec ->
                spec.addArgs("sh")
                    .addArgs("-c")
                    .addArgs("trap '' TERM; while true; do sleep 0.1; done")
                    .setStopGracePeriod(millis(300)));
    world.assign(task);
    world.await(task, TaskState.RUNNING);
    world.withdraw(task);

    eventually("container removed", () -> world.container(task).isEmpty());
    eventually(
        "task forgotten",
        () -> world.agent().workloadOfContainer(TaskContainer.id(task.getId())).isEmpty());
  }

  @Test
  void aProgramThatIsNotThereFailsAtTheStart() throws Exception {
    Task task = task(spec -> spec.addCommand("/no/such/program"));
    world.assign(task);

    assertThat(world.await(task, TaskState.FAILED).getErr())
        .startsWith("starting container failed: ")
        .contains("/no/such/program");
    eventually("network released", () -> !world.networks.contains(task.getId()));
  }

  @Test
  void aBadBindMountIsRejected() throws Exception {
    Task task =
        task(
            spec ->
                spec.addMounts(
                    Mount.newBuilder()
                        .setType(Mount.Type.BIND)
                        .setSource("/no/such/directory")
                        .setTarget("/data")));
    world.assign(task);

    assertThat(world.await(task, TaskState.REJECTED).getErr())
        .isEqualTo(
            "invalid mount config for type \"bind\": bind source path does not exist:"
                + " /no/such/directory");
  }

  private static Task probed(String probe, String line) {
    return task(
        spec ->
            spec.addArgs("sh")
                .addArgs("-c")
                .addArgs(line)
                .setHealthcheck(
                    HealthConfig.newBuilder()
                        .addTest("CMD-SHELL")
                        .addTest(probe)
                        .setInterval(millis(200))
                        .setRetries(2))
                .setStopGracePeriod(millis(200)));
  }

  @Test
  void aProbedTaskRunsOnceItIsHealthy() throws Exception {
    Task task = probed("cat /ready", "sleep 0.3; echo yes > /ready; while true; do sleep 1; done");
    world.assign(task);
    world.await(task, TaskState.STARTING);
    world.await(task, TaskState.RUNNING);

    assertThat(world.agent().health().record(TaskContainer.id(task.getId()))).isPresent();
    world.withdraw(task);
  }

  @Test
  void anUnhealthyTaskIsStoppedAndFails() throws Exception {
    Task task = probed("exit 1", "while true; do sleep 1; done");
    world.assign(task);

    assertThat(world.await(task, TaskState.FAILED).getErr())
        .isEqualTo("task: non-zero exit (137): dockerexec: unhealthy container");
  }

  @Test
  void manyTasksRunSideBySide() throws Exception {
    List<Task> tasks = new ArrayList<>();
    for (int count = 0; count < 12; count++) {
      tasks.add(forever());
    }
    world.assign(tasks.toArray(Task[]::new));
    for (Task task : tasks) {
      world.await(task, TaskState.RUNNING);
    }
    tasks.forEach(world::withdraw);
    eventually("all gone", () -> tasks.stream().allMatch(task -> world.container(task).isEmpty()));
  }

  @Test
  void logsAreServedToTheManager() throws Exception {
    Task task = shell("echo one; echo two; echo three; sleep 1000");
    world.assign(task);
    world.await(task, TaskState.RUNNING);
    StreamObserver<SubscriptionMessage> subscriber =
        Objects.requireNonNull(world.manager.subscribers.peek());
    SubscriptionMessage.Builder subscription = SubscriptionMessage.newBuilder().setId("s");
    subscription.getSelectorBuilder().addServiceIds(task.getServiceId());
    subscription.getOptionsBuilder().setFollow(true).setTail(-3);
    eventually(
        "lines written", () -> world.agent().logs().size(TaskContainer.id(task.getId())) > 70);
    subscriber.onNext(subscription.build());
    List<String> lines = new ArrayList<>();
    while (lines.size() < 2) {
      PublishLogsMessage published =
          Objects.requireNonNull(world.manager.published.poll(20, TimeUnit.SECONDS));
      for (LogMessage message : published.getMessagesList()) {
        assertThat(message.getContext().getTaskId()).isEqualTo(task.getId());
        lines.add(message.getData().toStringUtf8());
      }
    }
    assertThat(lines).containsExactly("two\n", "three\n");
    subscriber.onNext(SubscriptionMessage.newBuilder().setId("s").setClose(true).build());
    world.withdraw(task);
  }
}
