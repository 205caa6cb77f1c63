package dev.hanse.control.decision;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.command.ClusterCommand.FirstManager;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.sim.World;
import dev.hanse.model.Certificate;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A saved state becomes the state of a new manager. */
class RestorationTest {
  private static final FirstManager NEW =
      new FirstManager(
          "newmanager", Certificate.getDefaultInstance(), NodeSpec.Availability.ACTIVE);
  private static final Context CONTEXT =
      new Context(Timestamp.newBuilder().setSeconds(1_800_000_000).build(), new Random(7));

  private final World world = new World(5);
  private String manager = "";
  private String worker = "";
  private Service web = Service.getDefaultInstance();

  @BeforeEach
  void aManagerAndAWorkerRunTasks() {
    manager = world.initialize();
    worker = world.join();
    ServiceSpec.Builder spec = ServiceSpec.newBuilder();
    spec.getAnnotationsBuilder().setName("web");
    spec.getTaskBuilder().getContainerBuilder().setImage("busybox");
    spec.getReplicatedBuilder().setReplicas(4);
    web = (Service) world.accept(new CreateService(spec.build())).orElseThrow();
    world.settle();
    assertThat(world.snapshot().tasksOfNode(manager)).isNotEmpty();
    assertThat(world.snapshot().tasksOfNode(worker)).isNotEmpty();
  }

  @Test
  void theNewManagerIsTheOnlyOneAndTheOldOneIsRefused() {
    Snapshot restored = restored(world.snapshot());

    Node self = restored.find(Kind.NODE, "newmanager").orElseThrow();
    assertThat(self.getRole()).isEqualTo(NodeRole.MANAGER);
    assertThat(self.getSpec().getDesiredRole()).isEqualTo(NodeRole.MANAGER);
    assertThat(restored.find(Kind.NODE, manager)).isEmpty();
    assertThat(restored.cluster().orElseThrow().containsBlacklistedCertificates(manager)).isTrue();
    assertThat(restored.all(Kind.NODE)).extracting(Node::getId).containsOnly("newmanager", worker);
  }

  @Test
  void everythingElseIsAsItWas() {
    Snapshot saved = world.snapshot();
    Snapshot restored = restored(saved);

    assertThat(restored.cluster().orElseThrow().getRootCa())
        .isEqualTo(saved.cluster().orElseThrow().getRootCa());
    assertThat(restored.cluster().orElseThrow().getId())
        .isEqualTo(saved.cluster().orElseThrow().getId());
    assertThat(restored.find(Kind.SERVICE, web.getId()))
        .isEqualTo(saved.find(Kind.SERVICE, web.getId()));
    assertThat(restored.all(Kind.NETWORK)).containsExactlyElementsOf(saved.all(Kind.NETWORK));
    assertThat(restored.index()).isGreaterThan(saved.index());
  }

  @Test
  void aWorkerKeepsItsTasksAndIsNotHeardYet() {
    Snapshot restored = restored(world.snapshot());

    Node node = restored.find(Kind.NODE, worker).orElseThrow();
    assertThat(node.getStatus().getState()).isEqualTo(NodeStatus.State.UNKNOWN);
    assertThat(node.getStatus().getAddr())
        .isEqualTo(world.snapshot().find(Kind.NODE, worker).orElseThrow().getStatus().getAddr());
    assertThat(restored.tasksOfNode(worker))
        .containsExactlyElementsOf(world.snapshot().tasksOfNode(worker));
    assertThat(restored.tasksOfNode(manager))
        .isNotEmpty()
        .allSatisfy(RestorationTest::assertOrphaned);
  }

  private static void assertOrphaned(Task task) {
    assertThat(task.getStatus().getState()).isEqualTo(TaskState.ORPHANED);
  }

  @Test
  void aNodeThatWasDownStaysDownAndABegunPromotionIsForgotten() {
    world.report(worker, NodeStatus.State.DOWN, java.util.Optional.empty());
    Transaction transaction = new Transaction(world.snapshot(), CONTEXT.now());
    Node.Builder promoted = world.snapshot().find(Kind.NODE, worker).orElseThrow().toBuilder();
    promoted.getSpecBuilder().setDesiredRole(NodeRole.MANAGER);
    transaction.put(Kind.NODE, promoted.build());

    Snapshot restored = restored(world.snapshot().preview(transaction.changes()));

    Node node = restored.find(Kind.NODE, worker).orElseThrow();
    assertThat(node.getStatus().getState()).isEqualTo(NodeStatus.State.DOWN);
    assertThat(node.getSpec().getDesiredRole()).isEqualTo(NodeRole.WORKER);
  }

  @Test
  void aStateWithoutAClusterIsRefused() {
    assertThat(Restoration.decide(Snapshot.empty(), NEW, CONTEXT))
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused ->
                assertThat(refused.rejection().message())
                    .isEqualTo("the saved state holds no cluster"));
  }

  private static Snapshot restored(Snapshot saved) {
    Decision decision = Restoration.decide(saved, NEW, CONTEXT);
    assertThat(decision).isInstanceOf(Decision.Accepted.class);
    return saved.preview(((Decision.Accepted) decision).changes());
  }
}
