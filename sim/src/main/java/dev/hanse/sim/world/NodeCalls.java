package dev.hanse.sim.world;

import dev.hanse.control.Decision;
import dev.hanse.control.command.NodeCommand.UpdateNodeStatus;
import dev.hanse.control.command.TaskCommand.UpdateTaskStatuses;
import dev.hanse.manager.dispatch.AssignmentStream;
import dev.hanse.manager.dispatch.Dispatch;
import dev.hanse.manager.dispatch.EndpointStream;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import dev.hanse.sim.net.Connection;
import dev.hanse.store.Kind;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A leader's side of one node's session: what the dispatcher's gRPC services do, on a model. */
final class NodeCalls {
  private final World world;
  private final Host leader;
  private final ManagerRun manager;
  private final Connection connection;
  private final String nodeId;
  private final Consumer<Status> refused;

  /** Runs at the leader, for the node at the other end of the connection. */
  NodeCalls(
      World world,
      Host leader,
      ManagerRun manager,
      Connection connection,
      String nodeId,
      Consumer<Status> refused) {
    this.world = world;
    this.leader = leader;
    this.manager = manager;
    this.connection = connection;
    this.nodeId = nodeId;
    this.refused = refused;
  }

  private void refuse(Status status) {
    connection.toClient(() -> refused.accept(status));
  }

  private void atOnce(Runnable action) {
    leader.machine().after(0, action);
  }

  private <T> ConnectionOutlet<T> outlet(Consumer<T> receiver) {
    return new ConnectionOutlet<>(
        connection,
        receiver,
        refused,
        () -> manager.onDispatch(dispatch -> dispatch.writable(nodeId)));
  }

  /** Registers the node, notes that it is ready, and then begins to tell it about itself. */
  void session(
      String sessionId,
      String address,
      NodeDescription description,
      Consumer<SessionMessage> news) {
    if (manager.dispatch().isEmpty()) {
      refuse(Status.UNAVAILABLE);
      return;
    }
    if (manager.snapshot().find(Kind.NODE, nodeId).isEmpty()) {
      refuse(Status.NOT_FOUND);
      return;
    }
    manager.onDispatch(
        dispatch ->
            dispatch
                .register(nodeId, sessionId, leader.machine().nanos())
                .ifPresentOrElse(
                    id -> registered(id, address, description, news),
                    () -> refuse(Status.UNAVAILABLE)));
  }

  private void registered(
      String id, String address, NodeDescription description, Consumer<SessionMessage> news) {
    NodeStatus ready =
        NodeStatus.newBuilder().setState(NodeStatus.State.READY).setAddr(address).build();
    var unused =
        manager
            .submit(new UpdateNodeStatus(nodeId, ready, Optional.of(description)))
            .thenAccept(decision -> atOnce(() -> noted(decision, id, news)));
  }

  private void noted(Decision decision, String id, Consumer<SessionMessage> news) {
    switch (decision) {
      case Decision.Refused no -> refuse(Status.UNAVAILABLE);
      case Decision.Accepted yes -> {
        ConnectionOutlet<SessionMessage> outlet = outlet(news);
        manager.onDispatch(dispatch -> dispatch.openSession(nodeId, id, outlet));
      }
    }
  }

  /** The node says that it lives. */
  void heartbeat(String sessionId, Consumer<Duration> period) {
    withSession(
        sessionId,
        dispatch -> {
          Duration next = dispatch.nextPeriod();
          dispatch.heartbeat(nodeId, sessionId, next, leader.machine().nanos());
          connection.toClient(() -> period.accept(next));
        });
  }

  private void withSession(String sessionId, Consumer<Dispatch> action) {
    if (manager.dispatch().isEmpty()) {
      refuse(Status.UNAVAILABLE);
      return;
    }
    manager.onDispatch(
        dispatch ->
            dispatch
                .check(nodeId, sessionId)
                .ifPresentOrElse(this::refuse, () -> action.accept(dispatch)));
  }

  /** The node reports on its tasks. */
  void report(String sessionId, List<TaskStatusUpdate> updates, Runnable taken) {
    withSession(
        sessionId,
        dispatch -> {
          if (world.sabotaged(Sabotage.REPORT_NOTHING)) {
            connection.toClient(taken);
            return;
          }
          var unused =
              manager
                  .submit(new UpdateTaskStatuses(nodeId, updates))
                  .thenAccept(decision -> atOnce(() -> answer(decision, taken)));
        });
  }

  private void answer(Decision decision, Runnable taken) {
    switch (decision) {
      case Decision.Refused no -> refuse(Status.UNAVAILABLE);
      case Decision.Accepted yes -> connection.toClient(taken);
    }
  }

  /** The node asks what it has to run. */
  void assignments(String sessionId, Consumer<AssignmentsMessage> receiver) {
    ConnectionOutlet<AssignmentsMessage> outlet = outlet(receiver);
    AssignmentStream stream = new AssignmentStream(outlet, nodeId);
    manager.onDispatch(dispatch -> dispatch.openAssignments(nodeId, sessionId, stream, outlet));
  }

  /** The node asks for its networks' tables, and acknowledges what it has applied. */
  Consumer<Long> endpoints(String sessionId, Consumer<EndpointsMessage> receiver) {
    ConnectionOutlet<EndpointsMessage> outlet = outlet(receiver);
    EndpointStream stream = new EndpointStream(outlet, nodeId);
    manager.onDispatch(dispatch -> dispatch.openEndpoints(nodeId, sessionId, stream, outlet));
    return index -> manager.onDispatch(present -> present.acknowledge(nodeId, stream, index));
  }
}
