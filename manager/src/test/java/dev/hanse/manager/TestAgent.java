package dev.hanse.manager;

import com.google.protobuf.ByteString;
import dev.hanse.identity.Enrollment;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.AssignmentsRequest;
import dev.hanse.model.DispatcherGrpc;
import dev.hanse.model.EndpointsAck;
import dev.hanse.model.EndpointsGrpc;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.HeartbeatRequest;
import dev.hanse.model.ListenSubscriptionsRequest;
import dev.hanse.model.LogBrokerGrpc;
import dev.hanse.model.LogContext;
import dev.hanse.model.LogMessage;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.Platform;
import dev.hanse.model.PublishLogsMessage;
import dev.hanse.model.Resources;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.SessionRequest;
import dev.hanse.model.SubscriptionMessage;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.UpdateTaskStatusRequest;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A node that speaks the protocol and runs nothing: tasks are told to run as soon as they come. */
final class TestAgent implements AutoCloseable {
  final NodeIdentity identity;
  final ManagedChannel channel;
  final BlockingQueue<SessionMessage> sessions = new LinkedBlockingQueue<>();
  final BlockingQueue<AssignmentsMessage> assignments = new LinkedBlockingQueue<>();
  final BlockingQueue<EndpointsMessage> endpoints = new LinkedBlockingQueue<>();
  final Map<String, Task> tasks = new ConcurrentHashMap<>();
  final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
  private volatile Optional<StreamObserver<EndpointsAck>> acknowledgements = Optional.empty();
  private volatile Runnable reading = () -> {};
  private volatile String sessionId = "";

  TestAgent(Manager manager, TlsCredentials credentials) {
    this(address(manager), credentials);
  }

  TestAgent(String address, TlsCredentials credentials) {
    this.identity = credentials.identity();
    this.channel = ManagerChannel.open(address, credentials);
  }

  static TestAgent join(Manager manager, Path directory) throws Exception {
    return join(manager, address(manager), directory);
  }

  /** Joins the manager's cluster by way of another address. */
  static TestAgent join(Manager manager, String address, Path directory) throws Exception {
    String token =
        manager.snapshot().cluster().orElseThrow().getRootCa().getJoinTokens().getWorker();
    NodeIdentity identity =
        new Enrollment(InstantSource.system())
            .join(address, JoinToken.parse(token), NodeSpec.Availability.ACTIVE);
    CertificateDirectory certificates = new CertificateDirectory(directory);
    certificates.save(identity);
    return new TestAgent(
        address, new TlsCredentials(identity, certificates, InstantSource.system()));
  }

  static String address(Manager manager) {
    return "127.0.0.1:" + manager.listening().getPort();
  }

  SessionMessage openSession() throws InterruptedException {
    return openSession(description().build());
  }

  /** Asks again while the manager finds that the node registers too often. */
  SessionMessage openSessionWhenAdmitted() throws InterruptedException {
    Optional<SessionMessage> message = Optional.empty();
    while (message.isEmpty()) {
      askForSession(description().build());
      message = Optional.ofNullable(sessions.poll(2, TimeUnit.SECONDS));
    }
    sessionId = message.get().getSessionId();
    return message.get();
  }

  NodeDescription.Builder description() {
    return NodeDescription.newBuilder()
        .setHostname("host-" + identity.nodeId().substring(0, 5))
        .setPlatform(Platform.newBuilder().setOs("linux").setArchitecture("x86_64"))
        .setResources(Resources.newBuilder().setNanoCpus(4_000_000_000L).setMemoryBytes(8L << 30));
  }

  SessionMessage openSession(NodeDescription description) throws InterruptedException {
    askForSession(description);
    SessionMessage message = next(sessions);
    sessionId = message.getSessionId();
    return message;
  }

  /** Asks, and does not wait for the answer. */
  void askForSession(NodeDescription description) {
    DispatcherGrpc.newStub(channel)
        .session(SessionRequest.newBuilder().setDescription(description).build(), into(sessions));
  }

  Duration heartbeat() {
    return heartbeat("");
  }

  /** The node lives, and cannot run tasks. */
  Duration heartbeat(String illness) {
    var period =
        DispatcherGrpc.newBlockingStub(channel)
            .withDeadlineAfter(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS)
            .heartbeat(
                HeartbeatRequest.newBuilder().setSessionId(sessionId).setIllness(illness).build())
            .getPeriod();
    return Duration.ofSeconds(period.getSeconds(), period.getNanos());
  }

  /** How a heartbeat is answered, in words. */
  String heartbeatStatus() {
    try {
      return "OK " + heartbeat();
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() + ": " + e.getStatus().getDescription();
    }
  }

  void openAssignments() {
    DispatcherGrpc.newStub(channel)
        .assignments(
            AssignmentsRequest.newBuilder().setSessionId(sessionId).build(), into(assignments));
  }

  /** As a client whose program hangs: the stream is open and nobody takes messages from it. */
  void openAssignmentsWithoutReading() {
    DispatcherGrpc.newStub(channel)
        .assignments(
            AssignmentsRequest.newBuilder().setSessionId(sessionId).build(),
            new ClientResponseObserver<AssignmentsRequest, AssignmentsMessage>() {
              @Override
              public void beforeStart(ClientCallStreamObserver<AssignmentsRequest> call) {
                call.disableAutoRequestWithInitial(0);
                reading = () -> call.request(Integer.MAX_VALUE);
              }

              @Override
              public void onNext(AssignmentsMessage message) {
                assignments.add(message);
              }

              @Override
              public void onError(Throwable error) {
                failures.add(error);
              }

              @Override
              public void onCompleted() {}
            });
  }

  void startReading() {
    reading.run();
  }

  /** Answers each log request with so many lines of its first task. */
  void serveLogs(int lines) {
    LogBrokerGrpc.newStub(channel)
        .listenSubscriptions(
            ListenSubscriptionsRequest.getDefaultInstance(),
            new StreamObserver<>() {
              @Override
              public void onNext(SubscriptionMessage request) {
                if (!request.getClose()) {
                  publish(request.getId(), lines);
                }
              }

              @Override
              public void onError(Throwable error) {
                failures.add(error);
              }

              @Override
              public void onCompleted() {}
            });
  }

  private void publish(String id, int lines) {
    StreamObserver<PublishLogsMessage> out =
        LogBrokerGrpc.newStub(channel).publishLogs(into(new LinkedBlockingQueue<>()));
    LogContext context = LogContext.newBuilder().setTaskId(taskIds().getFirst()).build();
    for (int i = 0; i < lines; i++) {
      out.onNext(
          PublishLogsMessage.newBuilder()
              .setSubscriptionId(id)
              .addMessages(
                  LogMessage.newBuilder()
                      .setContext(context)
                      .setData(ByteString.copyFromUtf8("line " + i)))
              .build());
    }
    out.onNext(PublishLogsMessage.newBuilder().setSubscriptionId(id).setClose(true).build());
    out.onCompleted();
  }

  void openEndpoints() {
    StreamObserver<EndpointsAck> acks = EndpointsGrpc.newStub(channel).watch(into(endpoints));
    acks.onNext(EndpointsAck.newBuilder().setSessionId(sessionId).build());
    acknowledgements = Optional.of(acks);
  }

  void acknowledge(long index) {
    acknowledgements.orElseThrow().onNext(EndpointsAck.newBuilder().setIndex(index).build());
  }

  /** Takes the next assignments and remembers the tasks. */
  AssignmentsMessage takeAssignments() throws InterruptedException {
    AssignmentsMessage message = next(assignments);
    for (AssignmentChange change : message.getChangesList()) {
      if (change.getAssignment().hasTask()) {
        Task task = change.getAssignment().getTask();
        switch (change.getAction()) {
          case UPDATE -> tasks.put(task.getId(), task);
          case REMOVE -> tasks.remove(task.getId());
          case UNRECOGNIZED -> throw new AssertionError("unknown action");
        }
      }
    }
    return message;
  }

  void report(TaskState state, String... taskIds) {
    report(TaskStatus.newBuilder().setState(state).setMessage("test").build(), taskIds);
  }

  void report(TaskStatus status, String... taskIds) {
    UpdateTaskStatusRequest.Builder request =
        UpdateTaskStatusRequest.newBuilder().setSessionId(sessionId);
    for (String taskId : taskIds) {
      request.addUpdates(TaskStatusUpdate.newBuilder().setTaskId(taskId).setStatus(status));
    }
    DispatcherGrpc.newBlockingStub(channel)
        .withDeadlineAfter(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS)
        .updateTaskStatus(request.build());
  }

  List<String> taskIds() {
    return List.copyOf(tasks.keySet());
  }

  static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T message = queue.poll(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("nothing came within " + TestGroup.LIMIT_SECONDS + " s");
    }
    return message;
  }

  private <T> StreamObserver<T> into(BlockingQueue<T> queue) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T message) {
        queue.add(message);
      }

      @Override
      public void onError(Throwable error) {
        failures.add(error);
      }

      @Override
      public void onCompleted() {}
    };
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
