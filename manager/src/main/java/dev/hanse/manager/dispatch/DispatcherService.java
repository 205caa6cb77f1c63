package dev.hanse.manager.dispatch;

import dev.hanse.control.Decision;
import dev.hanse.control.Times;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.ReportIllness;
import dev.hanse.control.command.NodeCommand.UpdateNodeStatus;
import dev.hanse.control.command.TaskCommand.UpdateTaskStatuses;
import dev.hanse.identity.server.Caller;
import dev.hanse.manager.Answers;
import dev.hanse.manager.Rejections;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.AssignmentsRequest;
import dev.hanse.model.DispatcherGrpc;
import dev.hanse.model.HeartbeatRequest;
import dev.hanse.model.HeartbeatResponse;
import dev.hanse.model.Node;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.SessionRequest;
import dev.hanse.model.UpdateTaskStatusRequest;
import dev.hanse.model.UpdateTaskStatusResponse;
import dev.hanse.store.Kind;
import dev.hanse.store.Store;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC face of {@link DispatchLoop}; each call has a virtual thread that may wait. */
public final class DispatcherService extends DispatcherGrpc.DispatcherImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(DispatcherService.class);
  private static final String LEAVING = "the node's machine goes down";

  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final DispatchLoop loop;
  private final String advertisedHost;

  /**
   * Serves the dispatcher.
   *
   * @param advertisedHost stands for this machine where a node has connected by loopback
   */
  public DispatcherService(
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      DispatchLoop loop,
      String advertisedHost) {
    this.store = store;
    this.submit = submit;
    this.loop = loop;
    this.advertisedHost = advertisedHost;
  }

  @Override
  public void session(SessionRequest request, StreamObserver<SessionMessage> observer) {
    Caller caller = Caller.required();
    String nodeId = caller.nodeId();
    AtomicReference<Stream<SessionMessage>> self = new AtomicReference<>();
    Stream<SessionMessage> stream =
        new Stream<>(
            observer,
            () -> loop.writable(nodeId),
            () -> Optional.ofNullable(self.get()).ifPresent(ended -> loop.ended(nodeId, ended)));
    self.set(stream);
    try {
      Node node =
          store
              .snapshot()
              .find(Kind.NODE, nodeId)
              .orElseThrow(
                  () -> Status.NOT_FOUND.withDescription("node not found").asRuntimeException());
      String sessionId = loop.register(nodeId, request.getSessionId()).join();
      mark(node, request, address(caller));
      loop.openSession(nodeId, sessionId, stream);
    } catch (StatusRuntimeException e) {
      stream.close(e.getStatus());
    } catch (CompletionException e) {
      stream.close(Status.fromThrowable(e));
    }
  }

  /**
   * Always asks for the write, which costs no entry of the log when nothing changes: whether it is
   * news cannot be told here, where a change of the node's state may be in flight.
   */
  private void mark(Node node, SessionRequest request, String address) {
    NodeStatus.Builder status = NodeStatus.newBuilder().setAddr(address);
    if (request.getLeaving()) {
      status.setState(NodeStatus.State.DOWN).setMessage(LEAVING);
    } else {
      status.setState(NodeStatus.State.READY).setIllness(IllnessText.of(request.getIllness()));
    }
    var described =
        request.hasDescription()
            ? Optional.of(request.getDescription())
            : Optional.<dev.hanse.model.NodeDescription>empty();
    Rejections.require(
        submit.apply(new UpdateNodeStatus(node.getId(), status.build(), described)).join());
  }

  /** Its tasks run elsewhere from now on; what it still reports of them is taken all the same. */
  private void markDown(String nodeId) {
    Optional<Node> node = store.snapshot().find(Kind.NODE, nodeId);
    if (node.isPresent()
        && (node.get().getStatus().getState() != NodeStatus.State.DOWN
            || !node.get().getStatus().getMessage().equals(LEAVING))) {
      NodeStatus down =
          node.get().getStatus().toBuilder()
              .setState(NodeStatus.State.DOWN)
              .setMessage(LEAVING)
              .build();
      Rejections.require(submit.apply(new UpdateNodeStatus(nodeId, down, Optional.empty())).join());
    }
  }

  /**
   * Does not wait: the sign of life counts whether or not the log can be written, and the node says
   * the same again with the next.
   */
  private void noteIllness(String nodeId, String illness) {
    Optional<Node> node = store.snapshot().find(Kind.NODE, nodeId);
    if (node.isPresent()
        && node.get().getStatus().getState() == NodeStatus.State.READY
        && !node.get().getStatus().getIllness().equals(illness)) {
      LOG.info("node {} is {}", nodeId, illness.isEmpty() ? "healthy" : "unhealthy: " + illness);
      var unused = submit.apply(new ReportIllness(nodeId, illness));
    }
  }

  private String address(Caller caller) {
    return caller
        .remote()
        .map(InetSocketAddress::getAddress)
        .filter(remote -> !remote.isLoopbackAddress())
        .map(InetAddress::getHostAddress)
        .orElse(advertisedHost);
  }

  @Override
  public void heartbeat(HeartbeatRequest request, StreamObserver<HeartbeatResponse> observer) {
    Answers.unary(
        observer,
        () -> {
          String nodeId = Caller.required().nodeId();
          requireSession(nodeId, request.getSessionId());
          if (request.getLeaving()) {
            markDown(nodeId);
          } else {
            noteIllness(nodeId, IllnessText.of(request.getIllness()));
          }
          var period = loop.heartbeat(nodeId, request.getSessionId());
          LOG.debug("heartbeat of node {}, the next in {} ms", nodeId, period.toMillis());
          return HeartbeatResponse.newBuilder().setPeriod(Times.duration(period)).build();
        });
  }

  @Override
  public void updateTaskStatus(
      UpdateTaskStatusRequest request, StreamObserver<UpdateTaskStatusResponse> observer) {
    Answers.unary(observer, () -> report(Caller.required().nodeId(), request));
  }

  /** Reports that come while the log is busy are decided together; see ControlLoop. */
  private UpdateTaskStatusResponse report(String nodeId, UpdateTaskStatusRequest request) {
    requireSession(nodeId, request.getSessionId());
    Rejections.require(
        submit.apply(new UpdateTaskStatuses(nodeId, request.getUpdatesList())).join());
    return UpdateTaskStatusResponse.getDefaultInstance();
  }

  @Override
  public void assignments(AssignmentsRequest request, StreamObserver<AssignmentsMessage> observer) {
    String nodeId = Caller.required().nodeId();
    AtomicReference<AssignmentStream> self = new AtomicReference<>();
    Stream<AssignmentsMessage> stream =
        new Stream<>(
            observer,
            () -> loop.writable(nodeId),
            () -> Optional.ofNullable(self.get()).ifPresent(ended -> loop.ended(nodeId, ended)));
    AssignmentStream opened = new AssignmentStream(stream, nodeId);
    self.set(opened);
    loop.openAssignments(nodeId, request.getSessionId(), opened, stream);
  }

  private void requireSession(String nodeId, String sessionId) {
    Optional<Status> refusal = loop.check(nodeId, sessionId);
    if (refusal.isPresent()) {
      throw refusal.get().asRuntimeException();
    }
  }
}
