package dev.hanse.control.decision;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.NodeCommand.UpdateNodeStatus;
import dev.hanse.control.command.TaskCommand.UpdateTaskStatuses;
import dev.hanse.control.sim.World;
import dev.hanse.model.Endpoint;
import dev.hanse.model.Node;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.Protocol;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import dev.hanse.store.Kind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of what a node says, which may have been taken over. */
@Tag("attack")
class NodeReportsTest {
  private static final String LONG = "x".repeat(1_000_000);

  private static Task task(PortConfig... ports) {
    return Task.newBuilder()
        .setId("t")
        .setEndpoint(Endpoint.newBuilder().addAllPorts(List.of(ports)))
        .build();
  }

  private static PortConfig port(int target, int published) {
    return PortConfig.newBuilder()
        .setTargetPort(target)
        .setPublishedPort(published)
        .setPublishMode(PublishMode.HOST)
        .build();
  }

  private static TaskStatus.Builder honest() {
    TaskStatus.Builder status =
        TaskStatus.newBuilder()
            .setState(TaskState.RUNNING)
            .setMessage("started")
            .setErr("none yet");
    status.getTimestampBuilder().setSeconds(7).setNanos(9);
    status.getContainerBuilder().setContainerId("0123456789abcdef").setPid(77).setExitCode(3);
    status.getPortStatusBuilder().addPorts(port(80, 32_768)).addPorts(port(443, 8443));
    return status;
  }

  @Test
  void what_an_honest_node_says_is_kept_as_it_is() {
    TaskStatus honest = honest().build();
    assertThat(NodeReports.kept(task(port(80, 0), port(443, 8443)), honest)).isEqualTo(honest);
  }

  @Test
  void whatever_is_long_is_not_kept() {
    UnknownFieldSet unknown =
        UnknownFieldSet.newBuilder()
            .addField(
                99,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFromUtf8(LONG))
                    .build())
            .build();
    TaskStatus.Builder lie = honest().setMessage(LONG).setErr(LONG).setUnknownFields(unknown);
    lie.setAppliedBy(LONG);
    lie.getTimestampBuilder().setUnknownFields(unknown);
    lie.getContainerBuilder().setContainerId(LONG).setUnknownFields(unknown);
    for (int i = 0; i < 10_000; i++) {
      lie.getPortStatusBuilder()
          .addPorts(port(80, 1_000 + i).toBuilder().setName("n" + i).setUnknownFields(unknown));
    }
    lie.getPortStatusBuilder().setUnknownFields(unknown);
    TaskStatus kept = NodeReports.kept(task(port(80, 0), port(443, 8443)), lie.build());
    assertThat(kept.getSerializedSize()).isLessThan(3 * NodeReports.TEXT_LENGTH_MAX);
    assertThat(kept.getMessage()).hasSize(NodeReports.TEXT_LENGTH_MAX + 1);
    assertThat(kept.getErr()).hasSize(NodeReports.TEXT_LENGTH_MAX + 1);
    assertThat(kept.getContainer().getContainerId()).isEmpty();
    assertThat(kept.getContainer().getPid()).isEqualTo(77);
    assertThat(kept.getPortStatus().getPortsList())
        .containsExactly(port(80, 32_768), port(443, 8443));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../etc", "a\nb", "a b", "ä", "\u001b[2J", "a/b", "\u0000"})
  void a_containers_id_is_one(String id) {
    TaskStatus.Builder status = honest();
    status.getContainerBuilder().setContainerId(id);
    assertThat(NodeReports.kept(task(), status.build()).getContainer().getContainerId()).isEmpty();
  }

  @Test
  void a_node_tells_the_numbers_of_the_tasks_own_ports_and_of_no_others() {
    PortConfig udp = port(53, 53).toBuilder().setProtocol(Protocol.UDP).build();
    PortConfig mesh = port(90, 9000).toBuilder().setPublishMode(PublishMode.INGRESS).build();
    TaskStatus.Builder status = TaskStatus.newBuilder().setState(TaskState.RUNNING);
    status
        .getPortStatusBuilder()
        .addPorts(port(53, 53)) // TCP, which the task has not
        .addPorts(port(80, 0))
        .addPorts(port(80, 70_000))
        .addPorts(port(80, -1))
        .addPorts(port(443, 22)) // asked for 8443
        .addPorts(mesh)
        .addPorts(port(90, 9000));
    assertThat(
            NodeReports.kept(task(udp, port(80, 0), port(443, 8443), mesh), status.build())
                .getPortStatus()
                .getPortsList())
        .isEmpty();
  }

  @Test
  void what_was_cut_short_is_not_written_again_when_it_is_said_again() {
    World world = new World(3);
    String manager = world.initialize();
    world.settle();
    Task task = Task.newBuilder().setId("t").setNodeId(manager).build();
    world.put(Kind.TASK, task);
    UpdateTaskStatuses lie =
        new UpdateTaskStatuses(
            manager,
            List.of(
                TaskStatusUpdate.newBuilder()
                    .setTaskId("t")
                    .setStatus(honest().setErr(LONG))
                    .build()));
    world.accept(lie);
    Optional<Task> once = world.snapshot().find(Kind.TASK, "t");
    world.accept(lie);
    assertThat(world.snapshot().find(Kind.TASK, "t")).isEqualTo(once);
    assertThat(once.orElseThrow().getStatus().getState()).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void a_long_description_is_refused_in_words_and_the_former_stays() {
    World world = new World(3);
    String manager = world.initialize();
    world.settle();
    Node before = world.snapshot().find(Kind.NODE, manager).orElseThrow();
    NodeDescription.Builder description = before.getDescription().toBuilder();
    description.getEngineBuilder().putLabels("label", LONG);
    assertThat(
            world.refuse(
                new UpdateNodeStatus(
                    manager,
                    NodeStatus.newBuilder().setState(NodeStatus.State.READY).build(),
                    Optional.of(description.build()))))
        .isEqualTo(new Rejection.Invalid("the node's description is longer than 65536 bytes"));
    assertThat(world.snapshot().find(Kind.NODE, manager)).contains(before);
  }
}
