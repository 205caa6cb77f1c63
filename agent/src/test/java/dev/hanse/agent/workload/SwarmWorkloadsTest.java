package dev.hanse.agent.workload;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hanse.model.Annotations;
import dev.hanse.model.Assignment;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentChange.AssignmentAction;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.ContainerStatus;
import dev.hanse.model.NetworkAttachmentSpec;
import dev.hanse.model.PortStatus;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.Secret;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From tasks to workloads and back. */
class SwarmWorkloadsTest {
  private static final Task TASK = OldRecords.task();

  @Test
  void a_task_is_a_workload_of_the_same_id_that_is_not_started_again() {
    Workload workload = SwarmWorkloads.workload(TASK);
    assertThat(workload.id()).isEqualTo("task1");
    assertThat(workload.name()).isEqualTo("web.3.task1");
    assertThat(workload.family()).isEqualTo("service1");
    assertThat(workload.settings()).isEqualTo(TASK.getSpec().getContainer());
    assertThat(workload.ports()).isEqualTo(TASK.getEndpoint().getPortsList());
    assertThat(workload.resources()).isEqualTo(TASK.getSpec().getResources());
    assertThat(workload.logDriver()).isEqualTo(TASK.getLogDriver());
    assertThat(workload.restart().getCondition()).isEqualTo(RestartPolicy.RestartCondition.NONE);
    assertThat(workload.desired()).isEqualTo(TaskState.RUNNING);
    assertThat(workload.status().ports()).containsExactly(OldRecords.CHOSEN);
  }

  @Test
  void its_labels_say_which_task_it_is_whatever_the_service_says() {
    Task task =
        TASK.toBuilder()
            .setAnnotations(
                Annotations.newBuilder().setName("named").putLabels(SwarmLabels.NODE_ID, "other"))
            .build();
    assertThat(SwarmWorkloads.workload(task).name()).isEqualTo("named");
    assertThat(SwarmWorkloads.workload(task).labels())
        .hasSize(7)
        .containsEntry("a", "b")
        .containsEntry("com.docker.swarm.task", "")
        .containsEntry("com.docker.swarm.task.id", "task1")
        .containsEntry("com.docker.swarm.task.name", "named")
        .containsEntry("com.docker.swarm.node.id", "n1")
        .containsEntry("com.docker.swarm.service.id", "service1")
        .containsEntry("com.docker.swarm.service.name", "web");
  }

  @Test
  void a_task_of_no_slot_is_named_after_its_node_and_one_of_no_service_is_its_own_family() {
    Workload workload =
        SwarmWorkloads.workload(TASK.toBuilder().clearSlot().clearServiceId().build());
    assertThat(workload.name()).isEqualTo("web.n1.task1");
    assertThat(workload.family()).isEqualTo("task1");
  }

  @Test
  void what_is_no_container_is_a_workload_without_one() {
    Task attachment =
        TASK.toBuilder()
            .setSpec(TaskSpec.newBuilder().setAttachment(NetworkAttachmentSpec.newBuilder()))
            .build();
    assertThat(SwarmWorkloads.workload(attachment).container()).isEmpty();
  }

  @Test
  void the_task_comes_back_with_what_became_of_it() {
    Workload workload = SwarmWorkloads.workload(TASK);
    assertThat(SwarmWorkloads.task(workload)).contains(TASK);
    assertThat(SwarmWorkloads.status(workload)).isEqualTo(TASK.getStatus());

    Timestamp later = Timestamp.newBuilder().setSeconds(1_700_000_009).build();
    ContainerStatus exited =
        ContainerStatus.newBuilder().setContainerId("c1").setExitCode(3).build();
    Workload failed =
        workload
            .withDesired(TaskState.SHUTDOWN)
            .withStatus(
                workload
                    .status()
                    .failed(TaskState.FAILED, "why", later)
                    .withContainer(exited, List.of(OldRecords.CHOSEN)));
    TaskStatus status =
        TASK.getStatus().toBuilder()
            .setState(TaskState.FAILED)
            .setErr("why")
            .setTimestamp(later)
            .setContainer(exited)
            .setPortStatus(PortStatus.getDefaultInstance())
            .build();
    assertThat(SwarmWorkloads.status(failed)).isEqualTo(status);
    assertThat(SwarmWorkloads.task(failed))
        .contains(TASK.toBuilder().setDesiredState(TaskState.SHUTDOWN).setStatus(status).build());
  }

  @Test
  void states_that_this_version_does_not_know_are_not_lost() {
    Task strange =
        TASK.toBuilder()
            .setDesiredStateValue(999)
            .setStatus(TaskStatus.newBuilder().setStateValue(998))
            .build();
    Workload workload = SwarmWorkloads.workload(strange);
    assertThat(workload.desired()).isEqualTo(TaskState.UNRECOGNIZED);
    assertThat(SwarmWorkloads.task(workload)).contains(strange);
  }

  @Test
  void another_makers_workload_is_no_task() {
    Workload mine = SwarmWorkloads.workload(TASK);
    Workload other =
        new Workload(
            mine.id(),
            mine.name(),
            mine.labels(),
            mine.container(),
            mine.attachments(),
            mine.ports(),
            mine.restart(),
            mine.resources(),
            mine.genericResources(),
            mine.logDriver(),
            mine.placeholders(),
            mine.family(),
            mine.desired(),
            mine.status(),
            new Original("docker", ByteString.copyFromUtf8("{}")));
    assertThat(SwarmWorkloads.task(other)).isEmpty();
  }

  @Test
  void a_message_is_the_workloads_in_it_in_their_order() {
    AssignmentsMessage message =
        AssignmentsMessage.newBuilder()
            .setType(AssignmentsMessage.Type.COMPLETE)
            .addChanges(change(AssignmentAction.REMOVE).setAssignment(assigned(TASK)))
            .addChanges(
                change(AssignmentAction.UPDATE)
                    .setAssignment(Assignment.newBuilder().setSecret(Secret.newBuilder())))
            .addChanges(change(AssignmentAction.UPDATE).setAssignment(assigned(TASK)))
            .build();
    assertThat(SwarmWorkloads.changes(message))
        .isEqualTo(
            new WorkloadChanges(
                "swarm",
                true,
                List.of(
                    new WorkloadChanges.Withdrawn("task1"),
                    new WorkloadChanges.Wanted(SwarmWorkloads.workload(TASK)))));
  }

  private static AssignmentChange.Builder change(AssignmentAction action) {
    return AssignmentChange.newBuilder().setAction(action);
  }

  private static Assignment.Builder assigned(Task task) {
    return Assignment.newBuilder().setTask(task);
  }
}
