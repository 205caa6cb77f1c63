package dev.hanse.manager.dispatch;

import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.UpdateNodeStatus;
import dev.hanse.control.endpoints.EndpointProjection;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.Ids;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Node;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.Task;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns everything about nodes that are in touch: sessions, deadlines, streams. One thread; calls
 * post to its mailbox and wait there for room, which is how a flood is slowed down. It writes only
 * through commands and never waits for one.
 *
 * <p>Changes of the state are looked at as soon as they come, but not more often than every {@link
 * #COALESCE}: a service of a thousand tasks makes few messages. Order within one look: endpoint
 * tables, then stops that they allow, then assignments, so that a stop never overtakes the news
 * that its task takes no more connections.
 */
public final class DispatchLoop implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(DispatchLoop.class);
  private static final int MAILBOX_MAX = 10_000;
  private static final Duration COALESCE = Duration.ofMillis(5);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(2);
  private static final Duration IDLE_LOOK = Duration.ofSeconds(30);

  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final RandomGenerator random;
  private final SessionMessages messages;
  private final BlockingQueue<Runnable> mailbox = new ArrayBlockingQueue<>(MAILBOX_MAX);
  private final ChangeCollector collector;
  private final Thread thread = Thread.ofVirtual().name("hanse-dispatch").unstarted(this::run);
  private final Store.Subscription subscription;

  /** Session ids by node, for checks on other threads. */
  private final Map<String, String> live = new ConcurrentHashMap<>();

  // Owned by the thread.
  private final Map<String, NodeSession> sessions = new HashMap<>();
  private final Map<String, Long> unknown = new HashMap<>();
  private final RegistrationLimit limit = new RegistrationLimit();
  private final StopGate gate = new StopGate(STOP_PATIENCE.toNanos());

  /**
   * The state that nodes are told. It follows the store at each look and not between, since a stop
   * may be told only after {@link #holdStop} has seen it.
   */
  private Snapshot told;

  private EndpointProjection projection = EndpointProjection.empty();
  private long projectedIndex;
  private long lookedNanos = System.nanoTime() - COALESCE.toNanos();

  /**
   * Starts dispatching.
   *
   * @param submit the control loop
   */
  public DispatchLoop(
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      RandomGenerator random,
      SessionMessages messages) {
    this.store = store;
    this.submit = submit;
    this.random = random;
    this.messages = messages;
    this.told = store.snapshot();
    this.collector = new ChangeCollector(told, this::wake);
    this.subscription = store.subscribe(collector);
    this.collector.changed(told, store.snapshot(), Changes.none());
    thread.start();
  }

  /** After a start: no node was heard yet. Each gets time to come back before it is down. */
  public void expectNodes() {
    post(
        () -> {
          Snapshot snapshot = store.snapshot();
          long deadline = System.nanoTime() + HeartbeatTimes.of(snapshot).graceUnknown().toNanos();
          for (Node node : snapshot.all(Kind.NODE)) {
            if (node.getStatus().getState() != NodeStatus.State.DOWN
                && !sessions.containsKey(node.getId())) {
              unknown.put(node.getId(), deadline);
              setStatus(
                  node.getId(),
                  NodeStatus.State.UNKNOWN,
                  "Node moved to \"unknown\" state due to leadership change in cluster");
            }
          }
        });
  }

  /**
   * Registers a node, or finds it registered with this session. The future fails with a gRPC
   * status.
   */
  CompletableFuture<String> register(String nodeId, String sessionId) {
    CompletableFuture<String> result = new CompletableFuture<>();
    post(
        () -> {
          NodeSession known = sessions.get(nodeId);
          if (known != null && known.sessionId().equals(sessionId)) {
            result.complete(sessionId);
          } else if (!limit.admits(nodeId, System.nanoTime())) {
            result.completeExceptionally(
                Status.UNAVAILABLE
                    .withDescription(
                        "node " + nodeId + " exceeded rate limit count of registrations")
                    .asRuntimeException());
          } else {
            result.complete(newSession(nodeId).sessionId());
          }
        });
    return result;
  }

  private NodeSession newSession(String nodeId) {
    end(nodeId, Status.INVALID_ARGUMENT.withDescription("session invalid"));
    unknown.remove(nodeId);
    Duration period = HeartbeatTimes.of(store.snapshot()).next(random);
    NodeSession session =
        new NodeSession(
            nodeId, Ids.random(random), System.nanoTime() + HeartbeatTimes.grace(period).toNanos());
    sessions.put(nodeId, session);
    live.put(nodeId, session.sessionId());
    logger.info("node {} registered", nodeId);
    return session;
  }

  /** Is this the node's session? Empty if so, else what to answer. */
  Optional<Status> check(String nodeId, String sessionId) {
    String current = live.get(nodeId);
    if (current == null) {
      return Optional.of(Status.NOT_FOUND.withDescription("node not registered"));
    }
    return sessionId.isEmpty() || !sessionId.equals(current)
        ? Optional.of(Status.INVALID_ARGUMENT.withDescription("session invalid"))
        : Optional.empty();
  }

  /** The node lives; returns when it should say so next. */
  Duration heartbeat(String nodeId, String sessionId) {
    Duration period = HeartbeatTimes.of(store.snapshot()).next(random);
    long deadline = System.nanoTime() + HeartbeatTimes.grace(period).toNanos();
    post(() -> session(nodeId, sessionId).ifPresent(session -> session.extend(deadline)));
    return period;
  }

  void openSession(String nodeId, String sessionId, Stream<SessionMessage> stream) {
    post(
        () ->
            withSession(
                nodeId,
                sessionId,
                stream::close,
                session -> {
                  session.attach(stream);
                  session.send(messages.of(told, nodeId, sessionId));
                }));
  }

  void openAssignments(
      String nodeId, String sessionId, AssignmentStream opened, Stream<AssignmentsMessage> stream) {
    post(
        () ->
            withSession(
                nodeId,
                sessionId,
                stream::close,
                session -> {
                  session.attach(opened);
                  opened.flush(told, gate.heldTasks());
                }));
  }

  void openEndpoints(
      String nodeId, String sessionId, EndpointStream opened, Stream<EndpointsMessage> stream) {
    post(
        () ->
            withSession(
                nodeId,
                sessionId,
                stream::close,
                session -> {
                  project();
                  session.attach(opened);
                  flush(nodeId, opened);
                }));
  }

  void acknowledge(String nodeId, EndpointStream stream, long index) {
    post(
        () -> {
          stream.acknowledge(index);
          freed(gate.acknowledged(nodeId, index));
        });
  }

  /** A stream can take messages again: send it the newest state. */
  void writable(String nodeId) {
    post(() -> Optional.ofNullable(sessions.get(nodeId)).ifPresent(this::flushAll));
  }

  void ended(String nodeId, Stream<SessionMessage> stream) {
    post(() -> Optional.ofNullable(sessions.get(nodeId)).ifPresent(found -> found.detach(stream)));
  }

  void ended(String nodeId, AssignmentStream stream) {
    post(() -> Optional.ofNullable(sessions.get(nodeId)).ifPresent(found -> found.detach(stream)));
  }

  void ended(String nodeId, EndpointStream stream) {
    post(
        () -> {
          Optional.ofNullable(sessions.get(nodeId)).ifPresent(found -> found.detach(stream));
          freed(gate.gone(nodeId));
        });
  }

  @Override
  public void close() {
    subscription.close();
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void post(Runnable event) {
    try {
      mailbox.put(event);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void wake() {
    // A full mailbox wakes the loop by itself.
    if (!mailbox.offer(() -> {})) {
      logger.debug("the dispatcher is busy");
    }
  }

  private void run() {
    List<Runnable> events = new ArrayList<>();
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Runnable first = mailbox.poll(waitNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
          events.add(first);
          mailbox.drainTo(events);
        }
        events.forEach(this::perform);
        events.clear();
        perform(this::look);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Closed.
    } finally {
      sessions
          .values()
          .forEach(
              session -> session.close(Status.ABORTED.withDescription("dispatcher is stopped")));
    }
  }

  /** One node's fault must not end the dispatching of the others. */
  private void perform(Runnable event) {
    try {
      event.run();
    } catch (RuntimeException e) {
      logger.error("dispatching", e);
    }
  }

  private long waitNanos() {
    long now = System.nanoTime();
    long wait = IDLE_LOOK.toNanos();
    if (!collector.isEmpty()) {
      wait = Math.max(lookedNanos + COALESCE.toNanos() - now, 0);
    }
    for (NodeSession session : sessions.values()) {
      wait = Math.min(wait, session.deadlineNanos() - now);
    }
    for (long deadline : unknown.values()) {
      wait = Math.min(wait, deadline - now);
    }
    OptionalLong stop = gate.nextDeadlineNanos();
    if (stop.isPresent()) {
      wait = Math.min(wait, stop.getAsLong() - now);
    }
    return Math.max(wait, 0);
  }

  private void look() {
    long now = System.nanoTime();
    expireNodes(now);
    freed(gate.expired(now));
    if (!collector.isEmpty() && now - lookedNanos >= COALESCE.toNanos()) {
      lookedNanos = now;
      spread(collector.take());
    }
  }

  private void expireNodes(long now) {
    for (NodeSession session : List.copyOf(sessions.values())) {
      if (now - session.deadlineNanos() >= 0) {
        logger.warn("node {}: heartbeat failure", session.nodeId());
        end(session.nodeId(), Status.NOT_FOUND.withDescription("node not registered"));
        setStatus(session.nodeId(), NodeStatus.State.DOWN, "heartbeat failure");
      }
    }
    for (Map.Entry<String, Long> silent : List.copyOf(unknown.entrySet())) {
      if (now - silent.getValue() >= 0) {
        unknown.remove(silent.getKey());
        setStatus(
            silent.getKey(),
            NodeStatus.State.DOWN,
            "heartbeat failure for node in \"unknown\" state");
      }
    }
  }

  private void setStatus(String nodeId, NodeStatus.State state, String message) {
    Optional<Node> node = store.snapshot().find(Kind.NODE, nodeId);
    if (node.isPresent()) {
      NodeStatus status =
          node.get().getStatus().toBuilder().setState(state).setMessage(message).build();
      var unused =
          submit
              .apply(new UpdateNodeStatus(nodeId, status, Optional.empty()))
              .thenAccept(decision -> retryIfRefused(nodeId, state, decision));
    }
  }

  /** The log may be unwritable for a while; a dead node must be noticed when it is back. */
  private void retryIfRefused(String nodeId, NodeStatus.State state, Decision decision) {
    if (decision instanceof Decision.Refused refused && state == NodeStatus.State.DOWN) {
      logger.warn("node {} not marked down: {}", nodeId, refused.rejection().message());
      Thread.ofVirtual()
          .start(
              () ->
                  post(
                      () -> {
                        if (!sessions.containsKey(nodeId)
                            && store.snapshot().find(Kind.NODE, nodeId).isPresent()) {
                          unknown.put(nodeId, System.nanoTime() + Duration.ofSeconds(1).toNanos());
                        }
                      }));
    }
  }

  private void spread(ChangeCollector.Sum sum) {
    told = sum.snapshot;
    for (String nodeId : List.copyOf(sum.nodes)) {
      if (told.find(Kind.NODE, nodeId).isEmpty()) {
        unknown.remove(nodeId);
        end(nodeId, Status.NOT_FOUND.withDescription("node not found"));
      }
    }
    if (sum.endpoints || sum.everything) {
      project();
      for (NodeSession session : sessions.values()) {
        session
            .endpoints()
            .ifPresent(
                stream -> {
                  stream.markStale();
                  flush(session.nodeId(), stream);
                });
      }
    }
    sum.stops.forEach(this::holdStop);
    for (NodeSession session : sessions.values()) {
      if (sum.everything || sum.assignments.contains(session.nodeId())) {
        session.assignments().ifPresent(AssignmentStream::markStale);
      }
      if (sum.everything || sum.cluster || sum.nodes.contains(session.nodeId())) {
        session.send(messages.of(told, session.nodeId(), session.sessionId()));
      }
    }
    flushAssignments();
  }

  private void holdStop(String taskId) {
    Optional<Task> task = told.find(Kind.TASK, taskId);
    if (task.isEmpty()) {
      return;
    }
    List<String> networks = new ArrayList<>();
    for (NetworkAttachment attachment : task.get().getNetworksList()) {
      networks.add(attachment.getNetwork().getId());
    }
    Map<String, OptionalLong> awaited = new HashMap<>();
    for (NodeSession session : sessions.values()) {
      session
          .endpoints()
          .filter(stream -> stream.takesPartIn(networks))
          .filter(stream -> stream.isStale() || !stream.acknowledged())
          .ifPresent(
              stream ->
                  awaited.put(
                      session.nodeId(),
                      stream.isStale()
                          ? OptionalLong.empty()
                          : OptionalLong.of(stream.sentIndex())));
    }
    gate.hold(taskId, task.get().getNodeId(), awaited, System.nanoTime());
  }

  private void freed(Set<String> nodes) {
    if (nodes.isEmpty()) {
      return;
    }
    for (String nodeId : nodes) {
      Optional.ofNullable(sessions.get(nodeId))
          .flatMap(NodeSession::assignments)
          .ifPresent(AssignmentStream::markStale);
    }
    flushAssignments();
  }

  private void flushAssignments() {
    Set<String> held = gate.heldTasks();
    for (NodeSession session : sessions.values()) {
      session.assignments().ifPresent(stream -> stream.flush(told, held));
    }
  }

  private void flushAll(NodeSession session) {
    session.endpoints().ifPresent(stream -> flush(session.nodeId(), stream));
    session.assignments().ifPresent(stream -> stream.flush(told, gate.heldTasks()));
    session.send(messages.of(told, session.nodeId(), session.sessionId()));
  }

  private void flush(String nodeId, EndpointStream stream) {
    if (stream.flush(projection, projectedIndex)) {
      gate.sent(nodeId, stream.sentIndex());
    }
  }

  private void project() {
    if (told.index() != projectedIndex) {
      projection = projection.next(told);
      projectedIndex = told.index();
    }
  }

  private void end(String nodeId, Status status) {
    NodeSession session = sessions.remove(nodeId);
    if (session != null) {
      live.remove(nodeId);
      session.close(status);
      freed(gate.gone(nodeId));
    }
  }

  private Optional<NodeSession> session(String nodeId, String sessionId) {
    @Nullable NodeSession session = sessions.get(nodeId);
    return Optional.ofNullable(session).filter(found -> found.sessionId().equals(sessionId));
  }

  private void withSession(
      String nodeId,
      String sessionId,
      java.util.function.Consumer<Status> refuse,
      java.util.function.Consumer<NodeSession> action) {
    session(nodeId, sessionId)
        .ifPresentOrElse(
            action,
            () ->
                refuse.accept(
                    check(nodeId, sessionId)
                        .orElse(Status.INVALID_ARGUMENT.withDescription("session invalid"))));
  }
}
