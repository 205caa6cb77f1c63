package dev.hanse.control.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.hanse.control.Context;
import dev.hanse.control.Isolation;
import dev.hanse.control.Times;
import dev.hanse.model.DiscreteGenericResource;
import dev.hanse.model.Endpoint;
import dev.hanse.model.GenericResource;
import dev.hanse.model.Node;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Resources;
import dev.hanse.model.StoreActionKind;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A task whose placing throws holds no room of its node. */
@Tag("attack")
class TakenBackRoomTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  /** Room for one task of each kind: memory, a device, a port of the host. */
  private static final Resources ROOM =
      Resources.newBuilder()
          .setMemoryBytes(100)
          .addGeneric(
              GenericResource.newBuilder()
                  .setDiscreteResourceSpec(
                      DiscreteGenericResource.newBuilder().setKind("ssd").setValue(1)))
          .build();

  @Test
  void whatThrowsHoldsNoRoomForOthers() {
    // No task has an empty id, so nothing can be written about it.
    Snapshot state =
        Snapshot.empty()
            .preview(
                new Changes(
                    List.of(
                        made(Kind.NODE, node()),
                        made(Kind.TASK, task("", "a-poisoned")),
                        made(Kind.TASK, task("innocent", "web")))));
    Transaction transaction = new Transaction(state, Times.timestamp(NOW));
    Isolation isolation = new Isolation(transaction);
    new Scheduler(transaction, new Context(Times.timestamp(NOW), new Random(1)), isolation)
        .run(Set.of(), true);
    Task placed = transaction.find(Kind.TASK, "innocent").orElseThrow();
    assertThat(placed.getNodeId()).isEqualTo("node");
    assertThat(placed.getAssignedGenericResourcesList()).isEqualTo(ROOM.getGenericList());
    assertThat(isolation.faults()).isNotEmpty();
  }

  private static <T extends Message> dev.hanse.model.StoreAction made(Kind<T> kind, T object) {
    return kind.action(StoreActionKind.STORE_ACTION_CREATE, object);
  }

  private static Node node() {
    Node.Builder node =
        Node.newBuilder()
            .setId("node")
            .setSpec(NodeSpec.newBuilder().setAvailability(NodeSpec.Availability.ACTIVE))
            .setStatus(NodeStatus.newBuilder().setState(NodeStatus.State.READY));
    node.getDescriptionBuilder().setResources(ROOM);
    return node.build();
  }

  private static Task task(String id, String service) {
    Task.Builder task =
        Task.newBuilder()
            .setId(id)
            .setServiceId(service)
            .setDesiredState(TaskState.RUNNING)
            .setStatus(TaskStatus.newBuilder().setState(TaskState.PENDING))
            .setEndpoint(
                Endpoint.newBuilder()
                    .addPorts(
                        PortConfig.newBuilder()
                            .setPublishMode(PortConfig.PublishMode.HOST)
                            .setPublishedPort(80)));
    task.getSpecBuilder().getResourcesBuilder().setReservations(ROOM);
    return task.build();
  }
}
