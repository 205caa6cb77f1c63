package dev.hanse.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.task.ContainerView.Running;
import dev.hanse.agent.workload.OldRecords;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.model.Assignment;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.Endpoint;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * When a container that runs is taken in hand: once by each daemon, and when its network changes.
 */
class AdoptionTest {
  private static final Task TASK = OldRecords.task();

  private final NotedWork work = new NotedWork();
  private final TaskTable table = new TaskTable(work);

  /** A daemon finds the record and the container of the one before. */
  @BeforeEach
  void a_daemon_starts_beside_a_running_container() {
    table.resume(SwarmWorkloads.workload(TASK), new Running(42, HealthStatus.NONE, false));
    table.moveAll();
    assertThat(work.done).containsExactly("begin ADOPT");
    work.underWay = false;
    table.stepEnded(
        TASK.getId(),
        Step.ADOPT,
        StepOutcome.success(new Running(42, HealthStatus.NONE, true), true));
    work.done.clear();
  }

  /** A manager does not send back what a node has reported. */
  private void assign(Task task) {
    Task sent =
        task.toBuilder().setStatus(TaskStatus.newBuilder().setState(TaskState.ASSIGNED)).build();
    table.assign(
        SwarmWorkloads.changes(
            AssignmentsMessage.newBuilder()
                .setType(AssignmentsMessage.Type.COMPLETE)
                .addChanges(
                    AssignmentChange.newBuilder()
                        .setAction(AssignmentChange.AssignmentAction.UPDATE)
                        .setAssignment(Assignment.newBuilder().setTask(sent)))
                .build()));
  }

  @Test
  void the_same_task_from_a_manager_is_nothing_new() {
    assign(TASK);
    assertThat(work.done).isEmpty();
  }

  /** They are in the endpoint table, where all nodes have them from. */
  @Test
  void the_addresses_of_its_service_are_nothing_to_the_container() {
    Endpoint.Builder endpoint = TASK.getEndpoint().toBuilder();
    endpoint.addVirtualIps(Endpoint.VirtualIP.newBuilder().setAddr("10.0.1.9/24"));
    endpoint.setSpec(EndpointSpec.newBuilder().setMode(EndpointSpec.ResolutionMode.DNSRR));
    assign(TASK.toBuilder().setEndpoint(endpoint).build());
    assertThat(work.done).isEmpty();
  }

  @Test
  void other_ports_are_applied() {
    assign(
        TASK.toBuilder()
            .setEndpoint(Endpoint.newBuilder().addPorts(PortConfig.newBuilder().setTargetPort(81)))
            .build());
    assertThat(work.done).containsExactly("begin ADOPT");
  }

  @Test
  void another_network_is_applied() {
    assign(
        TASK.toBuilder()
            .addNetworks(NetworkAttachment.newBuilder().addAddresses("10.0.2.7/24"))
            .build());
    assertThat(work.done).containsExactly("begin ADOPT");
  }
}
