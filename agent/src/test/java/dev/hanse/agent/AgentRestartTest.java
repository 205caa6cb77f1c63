package dev.hanse.agent;

import static dev.hanse.agent.AgentWorld.eventually;
import static dev.hanse.agent.AgentWorld.shell;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.task.TaskContainer;
import dev.hanse.kernel.file.DurableRecord;
import dev.hanse.model.ContainerStatus;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.runtime.containers.ContainerState.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The daemon comes and goes, containers stay. */
class AgentRestartTest {
  private AgentWorld world;

  @BeforeEach
  void start() throws Exception {
    world = new AgentWorld();
  }

  @AfterEach
  void stop() throws Exception {
    world.close();
  }

  @Test
  void aRunningContainerIsAdoptedWithoutAManager() throws Exception {
    Task task = shell("echo before; while [ ! -e /go ]; do sleep 0.1; done; echo after; exit 4");
    world.assign(task);
    ContainerStatus before = world.await(task, TaskState.RUNNING).getContainer();
    eventually("first line", () -> world.agent().logs().size(before.getContainerId()) > 0);

    world.restartAlone();
    assertThat(world.agent().workloads()).hasSize(1);
    assertThat(world.container(task).orElseThrow().processId()).contains(before.getPid());
    eventually("network attached", () -> world.networks.contains(task.getId()));
    world.rejoin();
    assertThat(world.await(task, TaskState.RUNNING).getContainer()).isEqualTo(before);

    world.assignOnly(task);
    new ProcessBuilder("touch", "/proc/" + before.getPid() + "/root/go").start().waitFor();
    assertThat(world.await(task, TaskState.FAILED).getErr()).isEqualTo("task: non-zero exit (4)");
    assertThat(world.output(task)).isEqualTo("before\nafter\n");
  }

  @Test
  void aContainerOfTheVersionBeforeGoesOn() throws Exception {
    Task task = shell("sleep 1000");
    world.assign(task);
    TaskStatus before = world.await(task, TaskState.RUNNING);
    world.agent().close();
    Path records = world.directory().resolve("data/tasks");
    Files.delete(records.resolve(task.getId() + ".workload"));
    Path old = records.resolve(task.getId() + ".task");
    DurableRecord.write(old, task.toBuilder().setStatus(before).build().toByteArray());

    world.restartAlone();
    assertThat(world.container(task).orElseThrow().processId())
        .contains(before.getContainer().getPid());
    world.rejoin();
    assertThat(world.await(task, TaskState.RUNNING)).isEqualTo(before);
    world.assignOnly(task.toBuilder().setDesiredState(TaskState.SHUTDOWN).build());
    world.await(task, TaskState.SHUTDOWN);
    eventually("the new record", () -> Files.exists(records.resolve(task.getId() + ".workload")));
    eventually("no old record", () -> !Files.exists(old));
  }

  @Test
  void whatEndedMeanwhileIsReportedWithItsExitCode() throws Exception {
    Task task = shell("while [ ! -e /go ]; do sleep 0.1; done; exit 5");
    world.assign(task);
    int processId = world.await(task, TaskState.RUNNING).getContainer().getPid();
    world.agent().close();
    new ProcessBuilder("touch", "/proc/" + processId + "/root/go").start().waitFor();
    eventually("ended", () -> world.container(task).orElseThrow().phase() == Phase.EXITED);

    world.restartAlone();
    world.rejoin();
    assertThat(world.await(task, TaskState.FAILED).getErr()).isEqualTo("task: non-zero exit (5)");
  }

  @Test
  void whatIsNoLongerItsOwnIsDroppedWhenTheManagersSetComes() throws Exception {
    Task kept = shell("sleep 1000");
    Task dropped = shell("sleep 1000");
    world.assign(kept, dropped);
    int keptProcess = world.await(kept, TaskState.RUNNING).getContainer().getPid();
    world.await(dropped, TaskState.RUNNING);

    world.restartAlone();
    world.rejoin();
    world.assignOnly(kept);
    eventually("dropped", () -> world.container(dropped).isEmpty());
    eventually("forgotten", () -> world.agent().workloads().size() == 1);
    assertThat(world.container(kept).orElseThrow().processId()).contains(keptProcess);
  }

  @Test
  void whenContainerdIsKilledTasksGoOnAndNewOnesStart() throws Exception {
    Task task = shell("while [ ! -e /go ]; do sleep 0.1; done; exit 6");
    world.assign(task);
    int processId = world.await(task, TaskState.RUNNING).getContainer().getPid();
    assertThat(world.runtime().containerd().process().orElseThrow().destroyForcibly()).isTrue();

    Task later = shell("sleep 1000");
    world.assign(later);
    world.await(later, TaskState.RUNNING);
    new ProcessBuilder("touch", "/proc/" + processId + "/root/go").start().waitFor();
    assertThat(world.await(task, TaskState.FAILED).getErr()).isEqualTo("task: non-zero exit (6)");
  }

  @Test
  void whenAShimIsKilledItsTasksFailAndNoProcessOfTheirsStays() throws Exception {
    Task one = shell("sleep 1000");
    Task other = shell("sleep 1000");
    world.assign(one, other);
    ProcessHandle process = process(world.await(one, TaskState.RUNNING));
    ProcessHandle otherProcess = process(world.await(other, TaskState.RUNNING));
    ProcessHandle shim = process.parent().orElseThrow();
    assertThat(otherProcess.parent()).contains(shim);
    assertThat(shim.destroyForcibly()).isTrue();

    assertThat(world.await(one, TaskState.FAILED).getErr()).startsWith("task: non-zero exit (");
    assertThat(world.await(other, TaskState.FAILED).getErr()).startsWith("task: non-zero exit (");
    eventually("processes gone", () -> !process.isAlive() && !otherProcess.isAlive());
    world.withdraw(one);
    eventually("container removed", () -> world.container(one).isEmpty());
    Task later = shell("sleep 1000");
    world.assign(later);
    world.await(later, TaskState.RUNNING);
  }

  private static ProcessHandle process(TaskStatus status) {
    return ProcessHandle.of(status.getContainer().getPid()).orElseThrow();
  }

  @Test
  void leavingRemovesEverything() throws Exception {
    Task task = shell("sleep 1000");
    world.assign(task);
    world.await(task, TaskState.RUNNING);
    world.agent().leave();

    assertThat(world.container(task)).isEmpty();
    assertThat(world.agent().workloads()).isEmpty();
    assertThat(world.agent().managers()).isEmpty();
    assertThat(world.agent().logs().size(TaskContainer.id(task.getId()))).isZero();
  }
}
