package dev.hanse.agent.dispatch;

import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.AssignmentsRequest;
import dev.hanse.model.DispatcherGrpc;
import dev.hanse.model.HeartbeatRequest;
import dev.hanse.model.HeartbeatResponse;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.SessionRequest;
import dev.hanse.model.UpdateTaskStatusRequest;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session with one manager. Its parts (session stream, heartbeats, assignments, statuses,
 * endpoints, calls) each run on a virtual thread; when one ends, all end.
 */
final class ManagerSession {
  private static final Logger LOG = LoggerFactory.getLogger(ManagerSession.class);
  private static final Duration REGISTER_MAX = Duration.ofSeconds(10);
  private static final Duration CALL_MAX = Duration.ofSeconds(10);
  private static final Duration ANSWER_MIN = Duration.ofSeconds(3);
  private static final Duration HEARTBEAT_MIN = Duration.ofMillis(50);
  private static final Duration HEARTBEAT_MAX = Duration.ofMinutes(1);
  private static final int STATUSES_MAX = 1024;

  private final Membership membership;
  private final KnownManagers managers;
  private final StatusReports reports;
  private final Consumer<AssignmentsMessage> assignments;
  private final NodeAnswers answers;
  private final Supplier<SelfReport> self;
  private final CompletableFuture<String> registered = new CompletableFuture<>();
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final Semaphore heartbeatsAsked = new Semaphore(0);
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean unknown;
  private volatile @Nullable String id;

  ManagerSession(
      Membership membership,
      KnownManagers managers,
      StatusReports reports,
      Consumer<AssignmentsMessage> assignments,
      NodeAnswers answers,
      Supplier<SelfReport> self) {
    this.membership = membership;
    this.managers = managers;
    this.reports = reports;
    this.assignments = assignments;
    this.answers = answers;
    this.self = self;
  }

  /** The next heartbeat comes now: there is something to say. */
  void speakUp() {
    heartbeatsAsked.release();
  }

  /** Its id, once the manager has accepted it. */
  Optional<String> id() {
    return Optional.ofNullable(id);
  }

  /** Has the manager said that it does not know this session? */
  boolean isUnknown() {
    return unknown;
  }

  void end(String reason) {
    ended.complete(reason);
  }

  /** Serves until something ends it, and says what. */
  String run(Channel channel, String earlierId, NodeDescription description)
      throws InterruptedException {
    Context.CancellableContext context = Context.ROOT.withCancellation();
    try {
      part(context, "session", () -> session(channel, earlierId, description));
      String sessionId = awaitRegistration();
      if (sessionId.isEmpty()) {
        return ended.getNow("the manager did not accept the session in time");
      }
      id = sessionId;
      reports.resendAll();
      // Not virtual: it must not wait for whoever holds the processors' threads up.
      begin(
          Thread.ofPlatform().daemon().name("manager-heartbeat"),
          context.wrap(() -> runPart("heartbeat", () -> heartbeat(channel, sessionId))));
      part(context, "assignments", () -> assignments(channel, sessionId));
      part(context, "statuses", () -> statuses(channel, sessionId));
      part(
          context,
          "endpoints",
          () -> new EndpointSubscription(membership.endpoints()).serve(channel, sessionId));
      part(context, "calls", () -> calls(context, channel, sessionId));
      return ended.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("the end of a session is never exceptional", impossible);
    } finally {
      ended.complete("closing");
      context.cancel(null);
      threads.forEach(Thread::interrupt);
    }
  }

  /** One part of the session. */
  @FunctionalInterface
  private interface Part {
    void run() throws InterruptedException;
  }

  private void part(Context.CancellableContext context, String name, Part part) {
    begin(Thread.ofVirtual().name("manager-" + name), context.wrap(() -> runPart(name, part)));
  }

  private void begin(Thread.Builder kind, Runnable part) {
    Thread thread = kind.unstarted(part);
    // The parts that wait for something other than the manager are woken by an interrupt.
    threads.add(thread);
    thread.start();
  }

  private void runPart(String name, Part part) {
    try {
      part.run();
      ended.complete(name + " stream closed by the manager");
    } catch (StatusRuntimeException failure) {
      ended.complete(name + ": " + failure.getStatus().getCode() + " " + reason(failure));
    } catch (InterruptedException closing) {
      ended.complete("closing");
    } catch (RuntimeException | Error fault) {
      LOG.error("part \"{}\" of the session with a manager failed", name, fault);
      ended.complete(name + ": " + fault.getMessage());
    }
  }

  private static String reason(StatusRuntimeException failure) {
    Throwable cause = failure.getStatus().getCause();
    String description = failure.getStatus().getDescription();
    String text = description == null ? "" : description;
    return cause == null ? text : text + " (" + cause.getMessage() + ")";
  }

  /** A manager that knows no calls may still know subscriptions to logs. */
  private void calls(Context context, Channel channel, String sessionId)
      throws InterruptedException {
    if (!new CallsFromManagers(answers, context).serve(channel, sessionId)) {
      new LogSubscriptions(answers.logs(), context).serve(channel);
    }
  }

  private String awaitRegistration() throws InterruptedException {
    CompletableFuture<String> first =
        registered.applyToEither(ended.thenApply(reason -> ""), found -> found);
    try {
      return first.get(REGISTER_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException tooLong) {
      return "";
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("neither future is ever exceptional", impossible);
    }
  }

  private void session(Channel channel, String earlierId, NodeDescription description) {
    SelfReport now = self.get();
    Iterator<SessionMessage> messages =
        DispatcherGrpc.newBlockingStub(channel)
            .session(
                SessionRequest.newBuilder()
                    .setDescription(description)
                    .setSessionId(earlierId)
                    .setLeaving(now.leaving())
                    .setIllness(now.illness())
                    .build());
    while (messages.hasNext()) {
      SessionMessage message = messages.next();
      managers.learned(message.getManagersList());
      membership.sessionMessages().accept(message);
      boolean first = registered.complete(message.getSessionId());
      if (!first) {
        heartbeatsAsked.release();
      }
    }
  }

  /**
   * A message of the session is answered with a heartbeat at once: so a manager that has its doubts
   * need not wait for the next.
   */
  private void heartbeat(Channel channel, String sessionId) throws InterruptedException {
    HeartbeatRequest.Builder request = HeartbeatRequest.newBuilder().setSessionId(sessionId);
    Duration limit = CALL_MAX;
    while (!ended.isDone()) {
      try {
        SelfReport now = self.get();
        HeartbeatResponse response =
            DispatcherGrpc.newBlockingStub(channel)
                .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS)
                .heartbeat(request.setLeaving(now.leaving()).setIllness(now.illness()).build());
        Duration period = period(response);
        // Time is left to try another manager before this node is held for dead.
        limit =
            Duration.ofMillis(
                Math.clamp(period.toMillis(), ANSWER_MIN.toMillis(), CALL_MAX.toMillis()));
        if (heartbeatsAsked.tryAcquire(period.toNanos(), TimeUnit.NANOSECONDS)) {
          heartbeatsAsked.drainPermits();
        }
      } catch (StatusRuntimeException failure) {
        unknown = failure.getStatus().getCode() == Status.Code.NOT_FOUND;
        throw failure;
      }
    }
  }

  private static Duration period(HeartbeatResponse response) {
    Duration asked =
        Duration.ofSeconds(response.getPeriod().getSeconds(), response.getPeriod().getNanos());
    if (asked.compareTo(HEARTBEAT_MIN) < 0) {
      return HEARTBEAT_MIN;
    }
    return asked.compareTo(HEARTBEAT_MAX) > 0 ? HEARTBEAT_MAX : asked;
  }

  /** A gap in the stream is closed by asking for the complete set again. */
  private void assignments(Channel channel, String sessionId) {
    AssignmentsRequest request = AssignmentsRequest.newBuilder().setSessionId(sessionId).build();
    boolean gap = true;
    while (gap && !ended.isDone()) {
      Context.CancellableContext call = Context.current().withCancellation();
      Context outer = call.attach();
      try {
        Iterator<AssignmentsMessage> messages =
            DispatcherGrpc.newBlockingStub(channel).assignments(request);
        gap = follow(messages);
      } finally {
        call.detach(outer);
        call.cancel(null);
      }
    }
  }

  private boolean follow(Iterator<AssignmentsMessage> messages) {
    AssignmentSequence sequence = new AssignmentSequence();
    while (messages.hasNext()) {
      AssignmentsMessage message = messages.next();
      if (!sequence.accept(message)) {
        LOG.warn(
            "an assignment is missing before {}: asking for all of them", message.getResultsIn());
        return true;
      }
      assignments.accept(message);
    }
    return false;
  }

  private void statuses(Channel channel, String sessionId) throws InterruptedException {
    while (!ended.isDone()) {
      List<TaskStatusUpdate> batch = reports.take(STATUSES_MAX);
      boolean arrived = false;
      try {
        DispatcherGrpc.newBlockingStub(channel)
            .withDeadlineAfter(CALL_MAX.toMillis(), TimeUnit.MILLISECONDS)
            .updateTaskStatus(
                UpdateTaskStatusRequest.newBuilder()
                    .setSessionId(sessionId)
                    .addAllUpdates(batch)
                    .build());
        arrived = true;
      } finally {
        if (!arrived) {
          reports.failed(batch);
        }
      }
    }
  }
}
