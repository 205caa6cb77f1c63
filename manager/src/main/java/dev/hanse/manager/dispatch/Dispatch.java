package dev.hanse.manager.dispatch;

import dev.hanse.control.Containment;
import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.UpdateNodeStatus;
import dev.hanse.control.endpoints.EndpointProjection;
import dev.hanse.endpoints.EndpointEncoder;
import dev.hanse.gossip.GossipView;
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
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything about nodes that are in touch: sessions, deadlines, streams. No thread and no clock of
 * its own; times come in as nanoseconds from any origin. One thread at a time may use it ({@link
 * DispatchLoop}'s, or a simulated world), but for {@link #check} and {@link #nextPeriod}. It writes
 * only through commands and never waits for one.
 *
 * <p>Changes of the state are looked at as soon as they come, but not more often than every {@link
 * #COALESCE}: a service of a thousand tasks makes few messages. Order within one look: endpoint
 * tables, then stops that they allow, then assignments, so that a stop never overtakes the news
 * that its task takes no more connections.
 */
public final class Dispatch {
  private static final Logger logger = LoggerFactory.getLogger(Dispatch.class);
  static final Status STOPPED = Status.ABORTED.withDescription("dispatcher is stopped");

  private static final Duration COALESCE = Duration.ofMillis(5);
  private static final Duration IDLE_LOOK = Duration.ofSeconds(30);
  private static final Duration DOWN_RETRY = Duration.ofSeconds(1);

  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final RandomGenerator random;
  private final SessionMessages messages;
  private final Consumer<Consumer<Long>> later;
  private final ChangeCollector collector;
  private final Store.Subscription subscription;

  /** Session ids by node, for checks on other threads. */
  private final Map<String, String> live = new ConcurrentHashMap<>();

  private final Map<String, NodeSession> sessions = new TreeMap<>();
  private final NodeWatch watch;
  private final RegistrationLimit limit = new RegistrationLimit();
  private final StopGate gate;

  /** What nodes are told: follows the store at each look, as {@link #holdStop} must come first. */
  private Snapshot told;

  private EndpointProjection projection;

  /** Writes the entries of this projection. */
  private EndpointEncoder encoder = new EndpointEncoder();

  private long lookedNanos;

  /**
   * Watches the store.
   *
   * @param submit the control loop
   * @param stopPatience how long a stop waits for nodes that are silent
   * @param wake called on the thread that applies the log when there is something to {@link #look}
   *     at; must not block
   * @param later has something done on this object's thread, with the time of then; called on any
   *     thread, must not block
   */
  public Dispatch(
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      RandomGenerator random,
      SessionMessages messages,
      Duration stopPatience,
      Runnable wake,
      Consumer<Consumer<Long>> later,
      long nowNanos) {
    this.store = store;
    this.submit = submit;
    this.random = random;
    this.messages = messages;
    this.gate = new StopGate(stopPatience.toNanos());
    this.later = later;
    this.watch = new NodeWatch(messages.managerId());
    this.lookedNanos = nowNanos - COALESCE.toNanos();
    this.told = store.snapshot();
    this.projection = EndpointProjection.of(told);
    this.collector = new ChangeCollector(told, wake);
    this.subscription = store.subscribe(collector);
    Snapshot now = store.snapshot();
    if (now.index() != told.index()) {
      // What changed before the subscription is not known.
      this.collector.changed(told, now, Changes.none());
    }
  }

  /** After a start: no node was heard yet. Each gets time to come back before it is down. */
  public void expectNodes(long nowNanos) {
    Snapshot snapshot = store.snapshot();
    long deadline = nowNanos + HeartbeatTimes.of(snapshot).graceUnknown().toNanos();
    for (Node node : snapshot.all(Kind.NODE)) {
      if (node.getStatus().getState() != NodeStatus.State.DOWN
          && !sessions.containsKey(node.getId())) {
        watch.expect(node.getId(), deadline);
        setStatus(
            node.getId(),
            NodeStatus.State.UNKNOWN,
            "Node moved to \"unknown\" state due to leadership change in cluster");
      }
    }
  }

  /**
   * Registers a node, or finds it registered with this session.
   *
   * @return the session's id; empty if the node registers too often
   */
  public Optional<String> register(String nodeId, String sessionId, long nowNanos) {
    NodeSession known = sessions.get(nodeId);
    if (known != null && known.sessionId().equals(sessionId)) {
      return Optional.of(sessionId);
    }
    return limit.admits(nodeId, nowNanos)
        ? Optional.of(newSession(nodeId, nowNanos).sessionId())
        : Optional.empty();
  }

  private NodeSession newSession(String nodeId, long nowNanos) {
    end(nodeId, Status.INVALID_ARGUMENT.withDescription("session invalid"));
    watch.expectNoLonger(nodeId);
    watch.heard(nodeId, nowNanos);
    NodeSession session =
        new NodeSession(
            nodeId, Ids.random(random), nowNanos + HeartbeatTimes.grace(nextPeriod()).toNanos());
    sessions.put(nodeId, session);
    live.put(nodeId, session.sessionId());
    logger.info("node {} registered", nodeId);
    return session;
  }

  /** Is this the node's session? Empty if so, else what to answer. Any thread. */
  public Optional<Status> check(String nodeId, String sessionId) {
    String current = live.get(nodeId);
    if (current == null) {
      return Optional.of(Status.NOT_FOUND.withDescription("node not registered"));
    }
    return sessionId.isEmpty() || !sessionId.equals(current)
        ? Optional.of(Status.INVALID_ARGUMENT.withDescription("session invalid"))
        : Optional.empty();
  }

  /** When a node that has just been heard should be heard again. Any thread. */
  public Duration nextPeriod() {
    return HeartbeatTimes.of(store.snapshot()).next(random);
  }

  /** The node lives, and was told to say so again after {@code period}. */
  public void heartbeat(String nodeId, String sessionId, Duration period, long nowNanos) {
    session(nodeId, sessionId)
        .ifPresent(
            session -> {
              session.extend(nowNanos + HeartbeatTimes.grace(period).toNanos());
              watch.heard(nodeId, nowNanos);
            });
  }

  /** Takes what gossip says of the nodes: who it has given up and does not answer is down. */
  public void listen(GossipView view) {
    watch.listen(view);
  }

  /** Begins to tell a node about itself and the managers. */
  public void openSession(String nodeId, String sessionId, Outlet<SessionMessage> stream) {
    withSession(
        nodeId,
        sessionId,
        stream::close,
        session -> {
          session.attach(stream);
          session.send(messages.of(told, nodeId, sessionId));
        });
  }

  /** Begins to tell a node what it has to run; {@code opened} is the stream's sending half. */
  public void openAssignments(
      String nodeId, String sessionId, AssignmentStream opened, Outlet<AssignmentsMessage> stream) {
    withSession(
        nodeId,
        sessionId,
        stream::close,
        session -> {
          session.attach(opened);
          opened.flush(told, gate.heldTasks());
        });
  }

  /** Begins to tell a node of its networks; {@code opened} is the stream's sending half. */
  public void openEndpoints(
      String nodeId, String sessionId, EndpointStream opened, Outlet<EndpointsMessage> stream) {
    withSession(
        nodeId,
        sessionId,
        stream::close,
        session -> {
          session.attach(opened);
          flush(nodeId, opened);
        });
  }

  /** A node has applied its tables up to an index. */
  public void acknowledge(String nodeId, EndpointStream stream, long index) {
    stream.acknowledge(index);
    freed(gate.acknowledged(nodeId, index));
  }

  /** A stream can take messages again: send it the newest state. */
  public void writable(String nodeId) {
    Optional.ofNullable(sessions.get(nodeId)).ifPresent(this::flushAll);
  }

  /** The node's half of a stream is gone. */
  public void ended(String nodeId, Outlet<SessionMessage> stream) {
    Optional.ofNullable(sessions.get(nodeId)).ifPresent(found -> found.detach(stream));
  }

  /** The node's half of a stream is gone. */
  public void ended(String nodeId, AssignmentStream stream) {
    Optional.ofNullable(sessions.get(nodeId)).ifPresent(found -> found.detach(stream));
  }

  /** The node's half of a stream is gone. */
  public void ended(String nodeId, EndpointStream stream) {
    Optional.ofNullable(sessions.get(nodeId)).ifPresent(found -> found.detach(stream));
    freed(gate.gone(nodeId));
  }

  /** Watches no more; the streams stay. To be called first, from any thread. */
  public void unsubscribe() {
    subscription.close();
  }

  /** Ends all streams. */
  public void closeAll() {
    sessions.values().forEach(session -> session.close(STOPPED));
  }

  /** How long from now until {@link #look} has something to do, if nothing happens before. */
  public long waitNanos(long nowNanos) {
    long wait = IDLE_LOOK.toNanos();
    if (!collector.isEmpty()) {
      wait = Math.max(lookedNanos + COALESCE.toNanos() - nowNanos, 0);
    }
    wait = Math.min(wait, watch.waitNanos(sessions.values(), nowNanos).orElse(wait));
    OptionalLong stop = gate.nextDeadlineNanos();
    if (stop.isPresent()) {
      wait = Math.min(wait, stop.getAsLong() - nowNanos);
    }
    return Math.max(wait, 0);
  }

  /** Finds out who has been silent for too long, and tells everybody what has changed. */
  public void look(long nowNanos) {
    expireNodes(nowNanos);
    freed(gate.expired(nowNanos));
    if (!collector.isEmpty() && nowNanos - lookedNanos >= COALESCE.toNanos()) {
      lookedNanos = nowNanos;
      spread(collector.take(), nowNanos);
    }
  }

  private void expireNodes(long nowNanos) {
    NodeWatch.Findings found = watch.look(sessions.values(), nowNanos);
    for (String nodeId : found.ask()) {
      Optional.ofNullable(sessions.get(nodeId)).ifPresent(NodeSession::sendAgain);
    }
    found
        .down()
        .forEach(
            (nodeId, reason) -> {
              logger.warn("node {} is down: {}", nodeId, reason);
              end(nodeId, Status.NOT_FOUND.withDescription("node not registered"));
              setStatus(nodeId, NodeStatus.State.DOWN, reason);
            });
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
      logger.warn(
          "node {} could not be marked down, trying again: {}",
          nodeId,
          refused.rejection().message());
      later.accept(
          nowNanos -> {
            if (!sessions.containsKey(nodeId)
                && store.snapshot().find(Kind.NODE, nodeId).isPresent()) {
              watch.expect(nodeId, nowNanos + DOWN_RETRY.toNanos());
            }
          });
    }
  }

  private void spread(ChangeCollector.Sum sum, long nowNanos) {
    told = sum.snapshot;
    for (String nodeId : List.copyOf(sum.nodes)) {
      if (told.find(Kind.NODE, nodeId).isEmpty()) {
        watch.expectNoLonger(nodeId);
        end(nodeId, Status.NOT_FOUND.withDescription("node not found"));
      }
    }
    if (sum.everything || !sum.endpoints.isEmpty()) {
      project(sum);
      for (NodeSession session : sessions.values()) {
        session.endpoints().ifPresent(EndpointStream::markStale);
        apart(session, () -> session.endpoints().ifPresent(it -> flush(session.nodeId(), it)));
      }
    }
    sum.stops.forEach(taskId -> holdStop(taskId, nowNanos));
    for (NodeSession session : sessions.values()) {
      if (sum.everything || sum.assignments.contains(session.nodeId())) {
        session.assignments().ifPresent(AssignmentStream::markStale);
      }
      if (sum.everything || sum.cluster || sum.nodes.contains(session.nodeId())) {
        apart(
            session, () -> session.send(messages.of(told, session.nodeId(), session.sessionId())));
      }
    }
    flushAssignments();
  }

  /** What is done for one node must not keep the others from what is theirs. */
  private static void apart(NodeSession session, Runnable part) {
    try {
      part.run();
    } catch (RuntimeException | Error e) {
      Containment.check(e);
      logger.error("could not tell node {} what has changed", session.nodeId(), e);
    }
  }

  private void holdStop(String taskId, long nowNanos) {
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
    gate.hold(taskId, task.get().getNodeId(), awaited, nowNanos);
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
      apart(session, () -> session.assignments().ifPresent(stream -> stream.flush(told, held)));
    }
  }

  private void flushAll(NodeSession session) {
    session.endpoints().ifPresent(stream -> flush(session.nodeId(), stream));
    session.assignments().ifPresent(stream -> stream.flush(told, gate.heldTasks()));
    session.send(messages.of(told, session.nodeId(), session.sessionId()));
  }

  private void flush(String nodeId, EndpointStream stream) {
    if (stream.flush(projection, encoder)) {
      gate.sent(nodeId, stream.sentIndex());
    }
  }

  private void project(ChangeCollector.Sum sum) {
    EndpointProjection next =
        sum.everything ? projection.anew(told) : projection.next(told, sum.endpoints);
    next.faults()
        .forEach(
            fault ->
                logger.error(
                    "the endpoints of {} could not be computed; nodes keep those that they have",
                    fault.subject(),
                    fault.cause()));
    projection = next;
    encoder = new EndpointEncoder();
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
      String nodeId, String sessionId, Consumer<Status> refuse, Consumer<NodeSession> action) {
    session(nodeId, sessionId)
        .ifPresentOrElse(
            action,
            () ->
                refuse.accept(
                    check(nodeId, sessionId)
                        .orElse(Status.INVALID_ARGUMENT.withDescription("session invalid"))));
  }
}
