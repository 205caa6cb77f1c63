package dev.hanse.docker.engine;

import com.google.protobuf.Duration;
import dev.hanse.agent.dispatch.Membership;
import dev.hanse.model.Assignment;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.AssignmentsRequest;
import dev.hanse.model.DispatcherGrpc;
import dev.hanse.model.HeartbeatRequest;
import dev.hanse.model.HeartbeatResponse;
import dev.hanse.model.NodeTLSInfo;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.SessionRequest;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.UpdateTaskStatusRequest;
import dev.hanse.model.UpdateTaskStatusResponse;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The manager of one node: gives it tasks and notes what it reports of them. */
final class Assigner extends DispatcherGrpc.DispatcherImplBase implements AutoCloseable {
  private final Server server;
  private final CompletableFuture<StreamObserver<AssignmentsMessage>> stream =
      new CompletableFuture<>();
  private final Map<String, TaskStatus> statuses = new ConcurrentHashMap<>();
  private int sequence;

  Assigner() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(this)
            .build()
            .start();
  }

  /** How the node speaks with it. */
  Membership membership() {
    return new Membership(
        "n1",
        address -> NettyChannelBuilder.forTarget("dns:///" + address).usePlaintext().build(),
        List.of("127.0.0.1:" + server.getPort()),
        NodeTLSInfo::getDefaultInstance,
        message -> {},
        (message, applied, refused) -> {});
  }

  @Override
  public void session(SessionRequest request, StreamObserver<SessionMessage> answers) {
    answers.onNext(SessionMessage.newBuilder().setSessionId("session").build());
  }

  @Override
  public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatResponse> answers) {
    answers.onNext(
        HeartbeatResponse.newBuilder().setPeriod(Duration.newBuilder().setSeconds(5)).build());
    answers.onCompleted();
  }

  @Override
  public void assignments(AssignmentsRequest request, StreamObserver<AssignmentsMessage> answers) {
    answers.onNext(
        AssignmentsMessage.newBuilder()
            .setType(AssignmentsMessage.Type.COMPLETE)
            .setResultsIn("0")
            .build());
    stream.complete(answers);
  }

  @Override
  public void updateTaskStatus(
      UpdateTaskStatusRequest request, StreamObserver<UpdateTaskStatusResponse> answers) {
    request
        .getUpdatesList()
        .forEach(update -> statuses.put(update.getTaskId(), update.getStatus()));
    answers.onNext(UpdateTaskStatusResponse.getDefaultInstance());
    answers.onCompleted();
  }

  /** Gives the node a task, or says something new of one. */
  synchronized void assign(Task task) throws Exception {
    AssignmentsMessage message =
        AssignmentsMessage.newBuilder()
            .setType(AssignmentsMessage.Type.INCREMENTAL)
            .setAppliesTo(Integer.toString(sequence))
            .setResultsIn(Integer.toString(sequence + 1))
            .addChanges(
                AssignmentChange.newBuilder()
                    .setAction(AssignmentChange.AssignmentAction.UPDATE)
                    .setAssignment(Assignment.newBuilder().setTask(task)))
            .build();
    sequence++;
    stream.get(30, TimeUnit.SECONDS).onNext(message);
  }

  /** Whether the node has reported the task to run, now or until it ended well. */
  boolean hasStarted(Task task) {
    TaskStatus status = statuses.get(task.getId());
    return status != null
        && (status.getState() == TaskState.RUNNING || status.getState() == TaskState.COMPLETE);
  }

  /** Whether the node has reported the task's end, of any kind. */
  boolean hasEnded(Task task) {
    TaskStatus status = statuses.get(task.getId());
    return status != null && status.getState().compareTo(TaskState.RUNNING) > 0;
  }

  /** What the node has said last of a task. */
  String said(Task task) {
    return String.valueOf(statuses.get(task.getId()));
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow().awaitTermination();
  }
}
