package dev.hanse.agent.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.hanse.health.Health;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.EndpointsAck;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogPlace;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeTLSInfo;
import dev.hanse.model.Peer;
import dev.hanse.model.PublishLogsMessage;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.SubscriptionMessage;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import dev.hanse.model.WeightedPeer;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against a real server: what a node says and how it bears what a manager does. */
class ManagerClientTest {
  @TempDir Path directory;
  private final StatusReports reports = new StatusReports();
  private final BlockingQueue<AssignmentsMessage> assigned = new LinkedBlockingQueue<>();
  private final BlockingQueue<SessionMessage> sessionMessages = new LinkedBlockingQueue<>();
  private final BlockingQueue<LongConsumer> toAcknowledge = new LinkedBlockingQueue<>();
  private final BlockingQueue<Consumer<String>> toRefuse = new LinkedBlockingQueue<>();
  private FakeManager manager;
  private KnownManagers managers;
  private ManagerClient client;

  @BeforeEach
  void start() throws Exception {
    manager = new FakeManager();
    managers = KnownManagers.in(directory.resolve("managers"), new Random(1));
    managers.add(List.of(manager.address()));
    client = client((call, sink) -> {});
    client.start();
  }

  private ManagerClient client(LogServer logs) {
    return new ManagerClient(
        new Health(),
        membership(),
        managers,
        () -> NodeDescription.newBuilder().setHostname("host-a").build(),
        reports,
        assigned::add,
        new NodeAnswers(logs, CallsFromManagersTest.NO_ENGINE),
        new Random(1));
  }

  private Membership membership() {
    return new Membership(
        "n1",
        address -> NettyChannelBuilder.forTarget("dns:///" + address).usePlaintext().build(),
        List.of(),
        NodeTLSInfo::getDefaultInstance,
        sessionMessages::add,
        (message, applied, refused) -> {
          toAcknowledge.add(applied);
          toRefuse.add(refused);
        });
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    manager.close();
  }

  private static <T> T next(BlockingQueue<T> queue) throws Exception {
    T value = queue.poll(60, TimeUnit.SECONDS);
    if (value == null) {
      throw new TimeoutException("nothing came");
    }
    return value;
  }

  private static AssignmentsMessage message(
      AssignmentsMessage.Type type, String appliesTo, String resultsIn) {
    return AssignmentsMessage.newBuilder()
        .setType(type)
        .setAppliesTo(appliesTo)
        .setResultsIn(resultsIn)
        .build();
  }

  private static TaskStatus status(TaskState state) {
    return TaskStatus.newBuilder().setState(state).build();
  }

  @Test
  void aSessionDescribesTheNodeAndBeats() throws Exception {
    assertThat(next(manager.sessions).getDescription().getHostname()).isEqualTo("host-a");
    assertThat(next(sessionMessages).getSessionId()).isEqualTo("session-1");
    next(manager.assignments);
    awaitHeartbeats(3);
    assertThat(client.sessionId()).contains("session-1");
  }

  @Test
  void aMessageOfTheSessionIsAnsweredWithAHeartbeatAtOnce() throws Exception {
    next(manager.sessionStreams);
    next(sessionMessages);
    client.close();
    manager.period = Duration.newBuilder().setSeconds(3600).build();
    int before = manager.heartbeats.get();
    client = client((call, sink) -> {});
    client.start();
    StreamObserver<SessionMessage> stream = next(manager.sessionStreams);
    next(sessionMessages);
    awaitHeartbeats(before + 1);
    for (int asked = 1; asked <= 3; asked++) {
      int known = manager.heartbeats.get();
      stream.onNext(SessionMessage.newBuilder().setSessionId("session-1").build());
      next(sessionMessages);
      awaitHeartbeats(known + 1);
    }
  }

  @Test
  @Tag("attack")
  void whateverAnAttemptThrowsTheNextFollows() throws Exception {
    client.close();
    manager.sessions.clear();
    BlockingQueue<Throwable> faults =
        new LinkedBlockingQueue<>(
            List.of(new StackOverflowError("describe"), new IllegalStateException("describe")));
    client =
        new ManagerClient(
            new Health(),
            membership(),
            managers,
            () -> {
              switch (faults.poll()) {
                case Error fault -> throw fault;
                case RuntimeException fault -> throw fault;
                case null, default -> {
                  return NodeDescription.newBuilder().setHostname("host-b").build();
                }
              }
            },
            reports,
            assigned::add,
            new NodeAnswers((call, sink) -> {}, CallsFromManagersTest.NO_ENGINE),
            new Random(1));
    client.start();
    assertThat(next(manager.sessions).getDescription().getHostname()).isEqualTo("host-b");
  }

  @Test
  @Tag("attack")
  void aPartOfASessionThatFailsEndsItAndAnotherBegins() throws Exception {
    client.close();
    manager.sessions.clear();
    manager.assignments.clear();
    BlockingQueue<AssignmentsMessage> taken = new LinkedBlockingQueue<>();
    AtomicBoolean failed = new AtomicBoolean();
    client =
        new ManagerClient(
            new Health(),
            membership(),
            managers,
            NodeDescription::getDefaultInstance,
            reports,
            message -> {
              if (!failed.getAndSet(true)) {
                throw new StackOverflowError("assignment");
              }
              taken.add(message);
            },
            new NodeAnswers((call, sink) -> {}, CallsFromManagersTest.NO_ENGINE),
            new Random(1));
    client.start();
    next(manager.assignments).onNext(message(AssignmentsMessage.Type.COMPLETE, "", "1"));
    next(manager.assignments).onNext(message(AssignmentsMessage.Type.COMPLETE, "", "1"));
    assertThat(next(taken).getResultsIn()).isEqualTo("1");
  }

  @Test
  void aManagerThatIsThereAgainIsTriedAtOnce() throws Exception {
    client.close();
    manager.sessions.clear();
    KnownManagers away = KnownManagers.in(directory.resolve("away"), new Random(1));
    BlockingQueue<Integer> failed = new LinkedBlockingQueue<>();
    client =
        new ManagerClient(
            new Health(),
            membership(),
            away,
            NodeDescription::getDefaultInstance,
            reports,
            assigned::add,
            new NodeAnswers((call, sink) -> {}, CallsFromManagersTest.NO_ENGINE),
            failures -> {
              failed.add(failures);
              return failures == 0 ? java.time.Duration.ZERO : java.time.Duration.ofDays(1);
            });
    client.start();
    assertThat(next(failed)).isEqualTo(1);
    away.add(List.of(manager.address()));
    client.managerReturned(manager.address());
    next(manager.sessions);
  }

  private void awaitHeartbeats(int count) {
    while (manager.heartbeats.get() < count) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void assignmentsComeInOrderAndAGapIsClosedByACompleteSet() throws Exception {
    StreamObserver<AssignmentsMessage> stream = next(manager.assignments);
    stream.onNext(message(AssignmentsMessage.Type.COMPLETE, "", "1"));
    stream.onNext(message(AssignmentsMessage.Type.INCREMENTAL, "1", "2"));
    stream.onNext(message(AssignmentsMessage.Type.INCREMENTAL, "7", "8"));
    StreamObserver<AssignmentsMessage> again = next(manager.assignments);
    again.onNext(message(AssignmentsMessage.Type.COMPLETE, "", "9"));

    assertThat(List.of(next(assigned), next(assigned), next(assigned)))
        .extracting(AssignmentsMessage::getResultsIn)
        .containsExactly("1", "2", "9");
    assertThat(manager.sessions).hasSize(1);
  }

  @Test
  void theLastStatusOfEachTaskArrivesAlsoWhenTheManagerRefusesAtFirst() throws Exception {
    next(manager.assignments);
    manager.takesStatuses = false;
    reports.report("t1", status(TaskState.PREPARING));
    next(manager.sessions);
    next(manager.sessions);
    reports.report("t1", status(TaskState.RUNNING));
    reports.report("t2", status(TaskState.FAILED));
    reports.report("t3", status(TaskState.READY));
    reports.forget("t3");
    manager.takesStatuses = true;

    Map<String, TaskState> seen = new HashMap<>();
    while (seen.size() < 2 || seen.get("t1") != TaskState.RUNNING) {
      for (TaskStatusUpdate update : next(manager.statuses).getUpdatesList()) {
        seen.put(update.getTaskId(), update.getStatus().getState());
      }
    }
    assertThat(seen)
        .containsOnlyKeys("t1", "t2")
        .containsEntry("t1", TaskState.RUNNING)
        .containsEntry("t2", TaskState.FAILED);
  }

  @Test
  void aSessionThatTheManagerForgotIsNotAskedForAgain() throws Exception {
    assertThat(next(manager.sessions).getSessionId()).isEmpty();
    manager.knowsSession = false;
    assertThat(next(manager.sessions).getSessionId()).isEmpty();
    manager.knowsSession = true;
    awaitSession();
    manager.sessions.clear();
    String present = awaitSession();
    client.reconnect();
    assertThat(next(manager.sessions).getSessionId()).isEqualTo(present);
  }

  /** Two heartbeats of the same session: it lasts. */
  private String awaitSession() throws Exception {
    while (true) {
      Optional<String> before = client.sessionId();
      int beats = manager.heartbeats.get();
      while (manager.heartbeats.get() < beats + 2) {
        LockSupport.parkNanos(1_000_000);
      }
      if (before.isPresent() && client.sessionId().equals(before)) {
        return before.get();
      }
    }
  }

  @Test
  void aNodeFindsAnotherManagerAndRemembersItOverARestart() throws Exception {
    try (FakeManager other = new FakeManager()) {
      next(sessionMessages);
      manager.peers.add(peer(manager.address()));
      manager.peers.add(peer(other.address()));
      client.reconnect();
      next(sessionMessages);
      manager.close();
      next(other.assignments);

      assertThat(Files.readAllLines(directory.resolve("managers"))).contains(other.address());
      client.close();
      managers = KnownManagers.in(directory.resolve("managers"), new Random(2));
      client = client((call, sink) -> {});
      client.start();
      next(other.assignments);
    }
  }

  private static WeightedPeer peer(String address) {
    return WeightedPeer.newBuilder().setPeer(Peer.newBuilder().setAddr(address)).build();
  }

  @Test
  void endpointsAreAcknowledgedOnceTheyAreApplied() throws Exception {
    StreamObserver<EndpointsMessage> stream = next(manager.endpoints);
    assertThat(next(manager.acknowledged).getSessionId()).isEqualTo("session-1");
    stream.onNext(EndpointsMessage.newBuilder().setIndex(5).build());
    LongConsumer acknowledge = next(toAcknowledge);
    assertThat(manager.acknowledged).isEmpty();
    acknowledge.accept(5);
    acknowledge.accept(4);
    acknowledge.accept(6);

    assertThat(List.of(next(manager.acknowledged), next(manager.acknowledged)))
        .extracting(ack -> ack.getIndex())
        .containsExactly(5L, 6L);
  }

  @Test
  void endpointsThatAreRefusedAreAskedForAnew() throws Exception {
    StreamObserver<EndpointsMessage> stream = next(manager.endpoints);
    assertThat(next(manager.acknowledged).getIndex()).isZero();
    stream.onNext(EndpointsMessage.newBuilder().setIndex(5).build());
    next(toAcknowledge).accept(5);
    assertThat(next(manager.acknowledged).getIndex()).isEqualTo(5);
    stream.onNext(EndpointsMessage.newBuilder().setIndex(6).build());
    next(toRefuse);
    next(toRefuse).accept("it makes no sense");

    StreamObserver<EndpointsMessage> again = next(manager.endpoints);
    assertThat(again).isNotSameAs(stream);
    assertThat(next(manager.acknowledged))
        .as("the first message of a stream")
        .isEqualTo(EndpointsAck.newBuilder().setSessionId("session-1").build());
    again.onNext(EndpointsMessage.newBuilder().setIndex(7).build());
    next(toAcknowledge);
    next(toAcknowledge).accept(7);
    assertThat(next(manager.acknowledged).getIndex()).isEqualTo(7);
  }

  @Test
  void logSubscriptionsAreServedUntilClosed() throws Exception {
    next(manager.subscribers); // That of the client which is closed.
    client.close();
    BlockingQueue<String> ended = new LinkedBlockingQueue<>();
    client =
        client(
            (call, sink) -> {
              sink.lines(LogPlace.getDefaultInstance(), List.of(line("hello\n")));
              if (call.getOptions().getFollow()) {
                try {
                  new CountDownLatch(1).await();
                } finally {
                  ended.add("follow");
                }
              }
            });
    client.start();
    StreamObserver<SubscriptionMessage> subscriber = next(manager.subscribers);
    subscriber.onNext(SubscriptionMessage.newBuilder().setId("once").build());
    PublishLogsMessage line = next(manager.published);
    assertThat(line.getSubscriptionId()).isEqualTo("once");
    assertThat(line.getMessages(0).getData().toStringUtf8()).isEqualTo("hello\n");
    assertThat(next(manager.published).getClose()).isTrue();

    SubscriptionMessage.Builder follow = SubscriptionMessage.newBuilder().setId("follow");
    follow.getOptionsBuilder().setFollow(true);
    subscriber.onNext(follow.build());
    assertThat(next(manager.published).getSubscriptionId()).isEqualTo("follow");
    subscriber.onNext(SubscriptionMessage.newBuilder().setId("follow").setClose(true).build());
    assertThat(next(ended)).isEqualTo("follow");
  }

  private static LogMessage line(String text) {
    return LogMessage.newBuilder().setData(ByteString.copyFromUtf8(text)).build();
  }
}
