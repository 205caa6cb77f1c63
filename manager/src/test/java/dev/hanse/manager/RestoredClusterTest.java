package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.SecretCommand.CreateSecret;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.health.Health;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.Role;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.SecretSpec;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.StoredSnapshot;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A manager dies with its disk, and another takes its cluster up from what was saved. */
final class RestoredClusterTest {
  @TempDir Path directory;

  /** What is left of the lost manager. */
  private record Saved(ByteString state, Snapshot snapshot, TlsCredentials oldManager) {}

  @Test
  void the_cluster_lives_again_and_its_workers_go_on_with_their_tasks() throws Exception {
    Saved saved = saveAndLose();
    Cluster before = saved.snapshot().cluster().orElseThrow();

    try (Manager manager = restored(saved)) {
      Snapshot after = manager.snapshot();
      Cluster cluster = after.cluster().orElseThrow();
      assertThat(cluster.getId()).isEqualTo(before.getId());
      assertThat(cluster.getRootCa()).isEqualTo(before.getRootCa());
      assertThat(after.findByName(Kind.SERVICE, "web")).isPresent();
      assertThat(after.findByName(Kind.SECRET, "password"))
          .isEqualTo(saved.snapshot().findByName(Kind.SECRET, "password"));
      assertThat(after.index()).isGreaterThan(saved.snapshot().index());

      var self = manager.credentials().identity();
      assertThat(self.role()).isEqualTo(Role.MANAGER);
      assertThat(self.organization()).isEqualTo(before.getId());
      assertThat(after.all(Kind.NODE))
          .filteredOn(node -> node.getRole() == NodeRole.MANAGER)
          .extracting(Node::getId)
          .containsExactly(self.nodeId());

      try (TestAgent worker = worker(manager)) {
        assertThat(status(manager, worker)).isEqualTo(NodeStatus.State.UNKNOWN);
        worker.openSession();
        worker.openAssignments();
        assertThat(worker.takeAssignments().getType()).isEqualTo(AssignmentsMessage.Type.COMPLETE);
        assertThat(worker.tasks.keySet())
            .containsExactlyInAnyOrderElementsOf(
                saved.snapshot().tasksOfNode(worker.identity.nodeId()).stream()
                    .map(Task::getId)
                    .toList());
        worker.report(TaskState.RUNNING, worker.taskIds().toArray(String[]::new));
        assertThat(status(manager, worker)).isEqualTo(NodeStatus.State.READY);
        write(manager, new CreateService(spec("more")));
        while (worker.tasks.size() < 4) {
          worker.takeAssignments();
        }
      }
    }
  }

  @Test
  void the_lost_manager_is_refused_if_it_comes_back() throws Exception {
    Saved saved = saveAndLose();
    try (Manager manager = restored(saved);
        TestAgent old = new TestAgent(manager, saved.oldManager())) {
      assertThatThrownBy(old::heartbeat)
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              refused -> {
                assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
                assertThat(refused.getMessage()).contains("was removed from swarm");
              });
    }
  }

  @Test
  void the_restored_cluster_survives_a_restart() throws Exception {
    Saved saved = saveAndLose();
    TlsCredentials credentials;
    long index;
    try (Manager manager = restored(saved)) {
      credentials = manager.credentials();
      write(manager, new CreateService(spec("more")));
      index = manager.snapshot().index();
    }
    try (Manager manager = Manager.open(settings("new"), credentials)) {
      assertThat(manager.snapshot().index()).isGreaterThanOrEqualTo(index);
      assertThat(manager.snapshot().findByName(Kind.SERVICE, "more")).isPresent();
      assertThat(manager.snapshot().findByName(Kind.SERVICE, "web")).isPresent();
    }
  }

  @Test
  void what_is_no_state_is_refused() {
    byte[] text = "not a state of a cluster".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> RestoredCluster.read(new ByteArrayInputStream(text), 1))
        .isInstanceOf(ManagerStartException.class)
        .hasMessageContaining("this is no saved cluster");
    assertThatThrownBy(() -> RestoredCluster.read(new ByteArrayInputStream(new byte[0]), 1))
        .isInstanceOf(ManagerStartException.class)
        .hasMessage("the saved state holds no cluster");
  }

  @Test
  void a_state_that_breaks_off_is_a_fault_of_reading() throws Exception {
    byte[] state = saveAndLose().state().toByteArray();
    ByteArrayInputStream cut =
        new ByteArrayInputStream(state, 0, state.length / 2) {
          @Override
          public synchronized int read(byte[] target, int offset, int length) {
            int count = super.read(target, offset, length);
            if (count < 0) {
              throw new java.io.UncheckedIOException(new IOException("gone"));
            }
            return count;
          }
        };
    assertThatThrownBy(() -> RestoredCluster.read(cut, 1)).hasMessageContaining("gone");
  }

  private Saved saveAndLose() throws Exception {
    CertificateDirectory certificates = new CertificateDirectory(directory.resolve("old-manager"));
    ClusterRequest request =
        new ClusterRequest(
            ClusterSpec.getDefaultInstance(), List.of(), 0, 0, NodeSpec.Availability.DRAIN);
    try (Manager manager = Manager.initialize(settings("old"), certificates, request);
        TestAgent worker = TestAgent.join(manager, directory.resolve("worker"))) {
      worker.openSession();
      worker.openAssignments();
      write(manager, new CreateService(spec("web")));
      SecretSpec.Builder secret = SecretSpec.newBuilder();
      secret.getAnnotationsBuilder().setName("password");
      secret.setData(ByteString.copyFromUtf8("12345"));
      write(manager, new CreateSecret(secret.build()));
      while (worker.tasks.size() < 2) {
        worker.takeAssignments();
      }
      worker.report(TaskState.RUNNING, worker.taskIds().toArray(String[]::new));
      ByteArrayOutputStream state = new ByteArrayOutputStream();
      Snapshot snapshot = manager.snapshot();
      StoredSnapshot.save(snapshot, state);
      return new Saved(ByteString.copyFrom(state.toByteArray()), snapshot, manager.credentials());
    }
  }

  private Manager restored(Saved saved) throws Exception {
    RestoredCluster cluster =
        RestoredCluster.read(saved.state().newInput(), saved.snapshot().index());
    assertThat(cluster.formerManagers()).containsExactly(saved.oldManager().identity().nodeId());
    return cluster.start(
        settings("new"),
        new CertificateDirectory(directory.resolve("new-manager")),
        NodeSpec.Availability.DRAIN);
  }

  private TestAgent worker(Manager manager) throws Exception {
    CertificateDirectory certificates = new CertificateDirectory(directory.resolve("worker"));
    var identity = certificates.load(InstantSource.system().instant()).orElseThrow();
    return new TestAgent(
        manager, new TlsCredentials(identity, certificates, InstantSource.system()));
  }

  private static NodeStatus.State status(Manager manager, TestAgent agent) {
    return manager
        .snapshot()
        .find(Kind.NODE, agent.identity.nodeId())
        .orElseThrow()
        .getStatus()
        .getState();
  }

  private static void write(Manager manager, Command command) throws Exception {
    Decision decision = manager.submit(command).get(10, TimeUnit.SECONDS);
    assertThat(decision).isInstanceOf(Decision.Accepted.class);
    Message result = ((Decision.Accepted) decision).result().orElseThrow();
    assertThat(result.isInitialized()).isTrue();
  }

  private static ServiceSpec spec(String name) {
    ServiceSpec.Builder spec = ServiceSpec.newBuilder();
    spec.getAnnotationsBuilder().setName(name);
    spec.getTaskBuilder().getContainerBuilder().setImage("busybox:latest");
    spec.getReplicatedBuilder().setReplicas(2);
    return spec.build();
  }

  private ManagerSettings settings(String name) {
    return new ManagerSettings(
        directory.resolve(name),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        "127.0.0.1:2377",
        InstantSource.system(),
        new Health());
  }
}
