package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.Batch;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.ConfigCommand.CreateConfig;
import dev.hanse.control.command.ConfigCommand.RemoveConfig;
import dev.hanse.control.command.ConfigCommand.UpdateConfig;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.server.Caller;
import dev.hanse.identity.server.Forwarding;
import dev.hanse.manager.forward.RemoteCommands;
import dev.hanse.manager.loop.ControlStep;
import dev.hanse.model.Annotations;
import dev.hanse.model.BatchResult;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigSpec;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.DispatcherGrpc;
import dev.hanse.model.HeartbeatRequest;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogsGrpc;
import dev.hanse.model.Node;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.ReplicatedService;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.SubscribeLogsRequest;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.raft.log.Member;
import dev.hanse.store.Kind;
import dev.hanse.store.Store;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes and users talk to a manager that does not lead. */
final class ForwardingTest {
  @TempDir Path directory;
  private Manager leader;
  private Bystander bystander;

  @BeforeEach
  void start() throws Exception {
    leader = TestManager.found(directory, InstantSource.system(), TestManager.patient());
    bystander = new Bystander(leader, directory.resolve("bystander"));
  }

  @AfterEach
  void stop() {
    bystander.close();
    leader.close();
  }

  @Test
  void aNodeJoinsRunsTasksAndSendsLogsByWayOfAnyManager() throws Exception {
    try (TestAgent agent = join()) {
      agent.openSession();
      Node node = leader.snapshot().find(Kind.NODE, agent.identity.nodeId()).orElseThrow();
      assertThat(node.getStatus().getState()).isEqualTo(NodeStatus.State.READY);
      agent.openAssignments();
      agent.takeAssignments();
      Service web = (Service) accepted(leader.submit(new CreateService(web(2, "")))).orElseThrow();
      while (agent.tasks.size() < 2) {
        agent.takeAssignments();
      }
      agent.report(TaskState.RUNNING, agent.taskIds().toArray(String[]::new));
      assertThat(leader.snapshot().tasksOfService(web.getId()))
          .allSatisfy(task -> assertThat(task.getStatus().getState()).isEqualTo(TaskState.RUNNING));
      agent.openEndpoints();
      assertThat(TestAgent.next(agent.endpoints).getIndex()).isPositive();
      assertThat(agent.heartbeat()).isPositive();

      agent.serveLogs(2_000);
      assertThat(readLogs(web)).startsWith("line 0").endsWith("line 1999").hasSize(2_000);
    }
  }

  /** By swarmkit's own method. Until the node's offer has arrived it is not available. */
  private List<String> readLogs(Service service) {
    SubscribeLogsRequest request =
        SubscribeLogsRequest.newBuilder()
            .setSelector(LogSelector.newBuilder().addServiceIds(service.getId()))
            .build();
    ManagedChannel channel = ManagerChannel.open(bystander.address(), bystander.credentials);
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      List<String> lines = new ArrayList<>();
      while (lines.isEmpty()) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        try {
          LogsGrpc.newBlockingStub(channel)
              .subscribeLogs(request)
              .forEachRemaining(
                  some ->
                      some.getMessagesList()
                          .forEach(line -> lines.add(line.getData().toStringUtf8())));
        } catch (StatusRuntimeException e) {
          assertThat(e.getStatus().getDescription()).contains("is not available");
        }
      }
      return lines;
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void aNodeThatDoesNotReadHoldsNothingUpBehindAForwarderEither() throws Exception {
    try (TestAgent slow = join()) {
      slow.openSession();
      slow.openAssignmentsWithoutReading();
      int services = 60;
      for (int i = 0; i < services; i++) {
        ServiceSpec.Builder spec = web(5, "x".repeat(40_000)).toBuilder();
        spec.getAnnotationsBuilder().setName("web" + i);
        assertThat(accepted(leader.submit(new CreateService(spec.build())))).isPresent();
      }
      int assigned = leader.snapshot().tasksOfNode(slow.identity.nodeId()).size();
      slow.startReading();
      int messages = 0;
      while (slow.tasks.size() < assigned) {
        slow.takeAssignments();
        messages++;
      }
      assertThat(messages).isLessThan(services * 2 / 3);
    }
  }

  @Test
  void streamsEndAtOnceWhenAnotherLeads() throws Exception {
    try (TestAgent agent = join()) {
      agent.openSession();
      bystander.follow(Optional.empty());
      assertThat(agent.heartbeatStatus()).isEqualTo(withoutLeader());
      assertThat(agent.failures).isEmpty();
      bystander.follow(Optional.of(new Member("another", "127.0.0.1:1")));
      Status ended = Status.fromThrowable(TestAgent.next(agent.failures));
      assertThat(ended.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(ended.getDescription()).isEqualTo("the leader has changed");
      bystander.follow(leader);
      agent.openSession();
      assertThat(agent.heartbeat()).isPositive();
    }
  }

  private static String withoutLeader() {
    return "UNAVAILABLE: " + ControlStep.NO_LEADER;
  }

  @Test
  void onlyAManagerSpeaksForOthers() throws Exception {
    NodeIdentity worker = Bystander.sign(leader, "worker", Role.WORKER);
    NodeIdentity victim = Bystander.sign(leader, "victim", Role.WORKER);
    Metadata speaksForVictim =
        Forwarding.headers(
            Optional.of(new Caller(victim.nodeId(), Role.WORKER, Optional.empty())), "");
    Metadata speaksForManager =
        Forwarding.headers(
            Optional.of(new Caller("bystander", Role.MANAGER, Optional.empty())), "");
    for (String address : List.of(TestAgent.address(leader), bystander.address())) {
      for (Metadata forged : List.of(speaksForVictim, speaksForManager)) {
        assertThat(heartbeat(worker, address, forged))
            .isEqualTo("PERMISSION_DENIED: Permission denied: only managers forward calls");
      }
    }
    NodeIdentity manager = bystander.credentials.identity();
    assertThat(heartbeat(manager, TestAgent.address(leader), speaksForVictim))
        .isEqualTo("NOT_FOUND: node not registered");
    // What was passed on once goes no further.
    assertThat(heartbeat(manager, bystander.address(), speaksForVictim)).isEqualTo(withoutLeader());
  }

  private String heartbeat(NodeIdentity identity, String address, Metadata headers) {
    ManagedChannel channel =
        ManagerChannel.open(
            address,
            new TlsCredentials(
                identity,
                new CertificateDirectory(directory.resolve("unused")),
                InstantSource.system()));
    try {
      var unused =
          DispatcherGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .withDeadlineAfter(10, TimeUnit.SECONDS)
              .heartbeat(HeartbeatRequest.getDefaultInstance());
      return "OK";
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() + ": " + e.getStatus().getDescription();
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void aWriteIsReadWhereItWasAskedFor() throws Exception {
    RemoteCommands remote = new RemoteCommands(bystander.route, bystander.store);
    CompletableFuture<Decision> pending = remote.send(new CreateConfig(config("settings")));
    await(() -> leader.snapshot().findByName(Kind.CONFIG, "settings").isPresent());
    assertThat(pending).isNotDone();
    try (Store.Subscription following = follow()) {
      Config made = (Config) accepted(pending).orElseThrow();
      Config seen = bystander.store.snapshot().find(Kind.CONFIG, made.getId()).orElseThrow();
      assertThat(seen.getSpec()).isEqualTo(config("settings"));

      ConfigSpec.Builder labelled = seen.getSpec().toBuilder();
      labelled.getAnnotationsBuilder().putLabels("colour", "red");
      long version = seen.getMeta().getVersion().getIndex();
      UpdateConfig update = new UpdateConfig(made.getId(), version, labelled.build());
      assertThat(accepted(remote.send(update))).isPresent();
      assertThat(bystander.store.snapshot().find(Kind.CONFIG, made.getId()).orElseThrow().getSpec())
          .isEqualTo(labelled.build());
      for (Command refused :
          List.of(
              update,
              new CreateConfig(config("settings")),
              new CreateConfig(config("not a name!")),
              new RemoveConfig("missing"))) {
        assertThat(rejection(remote.send(refused)))
            .isEqualTo(rejection(leader.submit(refused)))
            .isNotInstanceOf(Rejection.Unavailable.class);
      }
      Command another = new CreateConfig(config("another"));
      Batch half = new Batch(List.of(another, new RemoveConfig("missing")), List.of());
      assertThat(rejection(remote.send(half))).isInstanceOf(Rejection.NotFound.class);
      assertThat(leader.snapshot().findByName(Kind.CONFIG, "another")).isEmpty();
      Batch whole = new Batch(List.of(another, new RemoveConfig(made.getId())), List.of());
      BatchResult results = (BatchResult) accepted(remote.send(whole)).orElseThrow();
      assertThat(results.getResults(0).is(Config.class)).isTrue();
      assertThat(bystander.store.snapshot().findByName(Kind.CONFIG, "another")).isPresent();
      assertThat(bystander.store.snapshot().find(Kind.CONFIG, made.getId())).isEmpty();
    }
  }

  @Test
  void withoutALeaderAWriteFailsAtOnceAndSaysWhy() throws Exception {
    RemoteCommands remote = new RemoteCommands(bystander.route, bystander.store);
    bystander.follow(Optional.empty());
    CompletableFuture<Decision> answer = remote.send(new CreateConfig(config("settings")));
    assertThat(answer).isDone();
    assertThat(rejection(answer)).isEqualTo(new Rejection.Unavailable(ControlStep.NO_LEADER));
    bystander.follow(Optional.of(new Member("gone", "127.0.0.1:1")));
    assertThat(rejection(remote.send(new CreateConfig(config("settings")))))
        .isInstanceOf(Rejection.Unavailable.class)
        .extracting(Rejection::message)
        .asString()
        .contains("may have been written or not");
    assertThat(leader.snapshot().all(Kind.CONFIG)).isEmpty();
  }

  /** Lets the bystander's state follow the leader's. */
  private Store.Subscription follow() {
    Store.Subscription subscription =
        leader.subscribe((before, after, changes) -> bystander.store.reset(after));
    bystander.store.reset(leader.snapshot());
    return subscription;
  }

  private TestAgent join() throws Exception {
    return TestAgent.join(leader, bystander.address(), directory.resolve("worker"));
  }

  private static Optional<Message> accepted(CompletableFuture<Decision> answer) throws Exception {
    return switch (answer.get(20, TimeUnit.SECONDS)) {
      case Decision.Accepted accepted -> accepted.result();
      case Decision.Refused refused -> throw new AssertionError(refused.rejection());
    };
  }

  private static Rejection rejection(CompletableFuture<Decision> answer) throws Exception {
    return switch (answer.get(20, TimeUnit.SECONDS)) {
      case Decision.Accepted accepted -> throw new AssertionError("accepted");
      case Decision.Refused(Rejection rejection) -> rejection;
    };
  }

  private void await(BooleanSupplier condition) throws Exception {
    CompletableFuture<Void> met = new CompletableFuture<>();
    try (Store.Subscription subscription =
        leader.subscribe(
            (before, after, changes) -> {
              if (condition.getAsBoolean()) {
                met.complete(null);
              }
            })) {
      if (!condition.getAsBoolean()) {
        met.get(20, TimeUnit.SECONDS);
      }
    }
  }

  private static ConfigSpec config(String name) {
    return ConfigSpec.newBuilder()
        .setAnnotations(Annotations.newBuilder().setName(name))
        .setData(ByteString.copyFromUtf8("data"))
        .build();
  }

  private static ServiceSpec web(int replicas, String label) {
    return ServiceSpec.newBuilder()
        .setAnnotations(Annotations.newBuilder().setName("web"))
        .setTask(
            TaskSpec.newBuilder()
                .setContainer(
                    ContainerSpec.newBuilder().setImage("busybox:latest").putLabels("text", label)))
        .setReplicated(ReplicatedService.newBuilder().setReplicas(replicas))
        .build();
  }
}
