package dev.hanse.manager.dispatch;

import dev.hanse.model.SessionMessage;
import io.grpc.Status;
import java.util.Optional;

/** A node that is in touch: its session and its streams. Owned by the dispatch loop. */
final class NodeSession {
  private final String nodeId;
  private final String sessionId;
  private long deadlineNanos;
  private Optional<Outlet<SessionMessage>> session = Optional.empty();
  private Optional<SessionMessage> lastSent = Optional.empty();
  private Optional<AssignmentStream> assignments = Optional.empty();
  private Optional<EndpointStream> endpoints = Optional.empty();

  NodeSession(String nodeId, String sessionId, long deadlineNanos) {
    this.nodeId = nodeId;
    this.sessionId = sessionId;
    this.deadlineNanos = deadlineNanos;
  }

  String nodeId() {
    return nodeId;
  }

  String sessionId() {
    return sessionId;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  void extend(long untilNanos) {
    deadlineNanos = untilNanos;
  }

  Optional<AssignmentStream> assignments() {
    return assignments;
  }

  Optional<EndpointStream> endpoints() {
    return endpoints;
  }

  void attach(Outlet<SessionMessage> stream) {
    session.ifPresent(old -> old.close(replaced()));
    session = Optional.of(stream);
    lastSent = Optional.empty();
  }

  void attach(AssignmentStream stream) {
    assignments.ifPresent(old -> old.close(replaced()));
    assignments = Optional.of(stream);
  }

  void attach(EndpointStream stream) {
    endpoints.ifPresent(old -> old.close(replaced()));
    endpoints = Optional.of(stream);
  }

  void detach(AssignmentStream stream) {
    assignments = assignments.filter(current -> current != stream);
  }

  void detach(EndpointStream stream) {
    endpoints = endpoints.filter(current -> current != stream);
  }

  void detach(Outlet<SessionMessage> stream) {
    session = session.filter(current -> current != stream);
  }

  /** Sends what the node should know, unless it was the last thing sent. */
  void send(SessionMessage message) {
    if (session.isPresent() && session.get().ready() && !lastSent.equals(Optional.of(message))) {
      lastSent = Optional.of(message);
      session.get().send(message);
    }
  }

  /** Has it a stream by which the node can be told something? */
  boolean isOpen() {
    return session.isPresent();
  }

  /** Sends once more what the node knows already: it answers with a heartbeat. */
  void sendAgain() {
    if (session.isPresent() && session.get().ready()) {
      lastSent.ifPresent(session.get()::send);
    }
  }

  void close(Status status) {
    session.ifPresent(stream -> stream.close(status));
    assignments.ifPresent(stream -> stream.close(status));
    endpoints.ifPresent(stream -> stream.close(status));
  }

  private static Status replaced() {
    return Status.ABORTED.withDescription("replaced by a newer stream of the same node");
  }
}
