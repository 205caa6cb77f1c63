package dev.hanse.manager.dispatch;

import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.gossip.GossipView;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.SessionMessage;
import dev.hanse.store.Store;
import io.grpc.Status;
import java.time.Duration;
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
 * flood is slowed down.
 */
public final class DispatchLoop implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(DispatchLoop.class);

  private final Mailbox mailbox = new Mailbox();
  private final Dispatch dispatch;
  private final Thread thread = Thread.ofVirtual().name("hanse-dispatch").unstarted(this::run);

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
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      RandomGenerator random,
      SessionMessages messages,
      Supplier<GossipView> liveness,
      Duration stopPatience) {
    this.liveness = liveness;
    this.dispatch =
        new Dispatch(
            store,
            submit,
            random,
            messages,
            stopPatience,
            mailbox::wake,
            this::later,
            System.nanoTime());
    thread.start();
  }

  /** After a start: no node was heard yet. Each gets time to come back before it is down. */
  public void expectNodes() {
    post(() -> dispatch.expectNodes(System.nanoTime()));
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
    dispatch.look(System.nanoTime());
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
                .register(nodeId, sessionId, System.nanoTime())
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
  Optional<Status> check(String nodeId, String sessionId) {
    return dispatch.check(nodeId, sessionId);
  }

  /** The node lives; returns when it should say so next. */
  Duration heartbeat(String nodeId, String sessionId) {
    Duration period = dispatch.nextPeriod();
    long now = System.nanoTime();
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
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
    Thread.ofVirtual().start(() -> post(() -> action.accept(System.nanoTime())));
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        mailbox.take(dispatch.waitNanos(System.nanoTime())).forEach(this::perform);
        perform(this::look);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Closed.
    } finally {
      mailbox.close().forEach(this::perform);
      dispatch.closeAll();
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
}
