package dev.hanse.manager.dispatch;

import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.gossip.GossipView;
import dev.hanse.health.Health;
import dev.hanse.health.LivedTime;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.SessionMessage;
import dev.hanse.store.Store;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of {@link Dispatch}. Calls post to its mailbox and wait there for room, which is how a
 * flood is slowed down. It counts lived time: while this process stood still nobody was silent.
 */
public final class DispatchLoop implements Turn<Integer>, AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(DispatchLoop.class);

  private final Mailbox mailbox = new Mailbox();
  private final LivedTime clock = LivedTime.ofProcess();
  private final Dispatch dispatch;
  private final OwnerThread thread;

  /** Taken and not performed yet; of the thread. */
  private final Deque<Runnable> taken = new ArrayDeque<>();

  private final Supplier<GossipView> liveness;

  /** What the dispatcher knows of it; of the thread. */
  private GossipView heard = GossipView.EMPTY;

  /**
   * Starts dispatching.
   *
   * @param submit the control loop
   * @param liveness what gossip says of the nodes now
   * @param stopPatience how long a stop waits for nodes that are silent
   */
  public DispatchLoop(
      Health health,
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      RandomGenerator random,
      SessionMessages messages,
      Supplier<GossipView> liveness,
      Duration stopPatience) {
    this.liveness = liveness;
    this.dispatch =
        new Dispatch(
            store, submit, random, messages, stopPatience, mailbox::wake, this::later, clock.now());
    this.thread = OwnerThread.named(health, "hanse-dispatch").vital().of(this).start();
  }

  /** After a start: no node was heard yet. Each gets time to come back before it is down. */
  public void expectNodes() {
    post(() -> dispatch.expectNodes(clock.now()));
  }

  /** Gossip has something new to say. Never blocks. */
  public void listen() {
    mailbox.wake();
  }

  private void look() {
    GossipView view = liveness.get();
    if (!view.equals(heard)) {
      heard = view;
      dispatch.listen(view);
    }
    dispatch.look(clock.now());
  }

  /**
   * Registers a node, or finds it registered with this session. The future fails with a gRPC
   * status.
   */
  CompletableFuture<String> register(String nodeId, String sessionId) {
    CompletableFuture<String> result = new CompletableFuture<>();
    post(
        () ->
            dispatch
                .register(nodeId, sessionId, clock.now())
                .ifPresentOrElse(
                    result::complete,
                    () ->
                        result.completeExceptionally(
                            Status.UNAVAILABLE
                                .withDescription(
                                    "node "
                                        + nodeId
                                        + " exceeded rate limit count of registrations")
                                .asRuntimeException())),
        stopped -> result.completeExceptionally(stopped.asRuntimeException()));
    return result;
  }

  /** Is this the node's session? Empty if so, else what to answer. */
  public Optional<Status> check(String nodeId, String sessionId) {
    return dispatch.check(nodeId, sessionId);
  }

  /** The node lives; returns when it should say so next. */
  Duration heartbeat(String nodeId, String sessionId) {
    Duration period = dispatch.nextPeriod();
    long now = clock.now();
    post(() -> dispatch.heartbeat(nodeId, sessionId, period, now));
    return period;
  }

  void openSession(String nodeId, String sessionId, Stream<SessionMessage> stream) {
    post(() -> dispatch.openSession(nodeId, sessionId, stream), stream::close);
  }

  void openAssignments(
      String nodeId, String sessionId, AssignmentStream opened, Stream<AssignmentsMessage> stream) {
    post(() -> dispatch.openAssignments(nodeId, sessionId, opened, stream), stream::close);
  }

  void openEndpoints(
      String nodeId, String sessionId, EndpointStream opened, Stream<EndpointsMessage> stream) {
    post(() -> dispatch.openEndpoints(nodeId, sessionId, opened, stream), stream::close);
  }

  void acknowledge(String nodeId, EndpointStream stream, long index) {
    post(() -> dispatch.acknowledge(nodeId, stream, index));
  }

  /** A stream can take messages again: send it the newest state. */
  void writable(String nodeId) {
    post(() -> dispatch.writable(nodeId));
  }

  void ended(String nodeId, Stream<SessionMessage> stream) {
    post(() -> dispatch.ended(nodeId, stream));
  }

  void ended(String nodeId, AssignmentStream stream) {
    post(() -> dispatch.ended(nodeId, stream));
  }

  void ended(String nodeId, EndpointStream stream) {
    post(() -> dispatch.ended(nodeId, stream));
  }

  @Override
  public void close() {
    dispatch.unsubscribe();
    thread.close();
    taken.addAll(mailbox.close());
    taken.forEach(this::performLast);
    dispatch.closeAll();
  }

  private void post(Runnable event) {
    post(event, stopped -> {});
  }

  private void post(Runnable event, Consumer<Status> refuse) {
    if (!mailbox.post(event)) {
      refuse.accept(Dispatch.STOPPED);
    }
  }

  private void later(Consumer<Long> action) {
    Thread.ofVirtual().start(() -> post(() -> action.accept(clock.now())));
  }

  @Override
  public Integer await() throws InterruptedException {
    if (taken.isEmpty()) {
      taken.addAll(mailbox.take(dispatch.waitNanos(clock.now())));
    }
    return taken.size();
  }

  /** One node's fault must not end the dispatching of the others: the rest comes next turn. */
  @Override
  public void perform(Integer events) {
    Runnable next = taken.poll();
    while (next != null) {
      next.run();
      next = taken.poll();
    }
    look();
  }

  /** Callers wait for the answers of some. */
  private void performLast(Runnable event) {
    try {
      event.run();
    } catch (RuntimeException e) {
      logger.error("an event failed while the dispatcher was stopping", e);
    }
  }
}
