package dev.hanse.agent.dispatch;

import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.NodeDescription;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one session with some manager: when it ends, begins another, with a pause that doubles up
 * to a limit and is spread at random so that the nodes of a swarm do not come back all at once.
 */
public final class ManagerClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ManagerClient.class);

  /** The first attempt comes at once, but the nodes of a lost manager do not come together. */
  private static final Duration PAUSE_FIRST = Duration.ofMillis(150);

  /** While managers may be electing a leader, which takes a second or two. */
  private static final Duration PAUSE_MAX_SOON = Duration.ofSeconds(1);

  private static final int FAILURES_SOON_MAX = 15;
  private static final Duration PAUSE_MAX = Duration.ofSeconds(5);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(5);

  private final Membership membership;
  private final KnownManagers managers;
  private final Supplier<NodeDescription> description;
  private final StatusReports reports;
  private final Consumer<AssignmentsMessage> assignments;
  private final NodeAnswers answers;
  private final IntFunction<Duration> pauses;
  private final Semaphore returned = new Semaphore(0);
  private final OwnerThread thread;

  /** So many attempts have failed one after the other; of the thread. */
  private int failures;

  /** Of the last session; of the thread. */
  private String lastId = "";

  private volatile boolean closed;
  private volatile SelfReport self = SelfReport.WELL;
  private volatile @Nullable ManagerSession session;

  /**
   * With everything that a session needs; {@link #start} begins.
   *
   * @param health what its thread reports to
   * @param description asked at the begin of each session
   * @param assignments takes the assignments in order, none missing since the last COMPLETE one
   */
  public ManagerClient(
      Health health,
      Membership membership,
      KnownManagers managers,
      Supplier<NodeDescription> description,
      StatusReports reports,
      Consumer<AssignmentsMessage> assignments,
      NodeAnswers answers,
      RandomGenerator random) {
    this(
        health,
        membership,
        managers,
        description,
        reports,
        assignments,
        answers,
        failures -> pause(failures, random));
  }

  /** With other pauses after so many failures. */
  ManagerClient(
      Health health,
      Membership membership,
      KnownManagers managers,
      Supplier<NodeDescription> description,
      StatusReports reports,
      Consumer<AssignmentsMessage> assignments,
      NodeAnswers answers,
      IntFunction<Duration> pauses) {
    this.membership = membership;
    this.managers = managers;
    this.description = description;
    this.reports = reports;
    this.assignments = assignments;
    this.answers = answers;
    this.pauses = pauses;
    this.thread = OwnerThread.named(health, "managers").vital().virtual().of(new Attempts());
  }

  /** Begins to look for a manager. */
  public void start() {
    thread.start();
  }

  /** Ends the present session, to begin another: certificate or description have changed. */
  public void reconnect() {
    ManagerSession present = session;
    if (present != null) {
      present.end("reconnecting");
    }
  }

  /**
   * A manager is there again: without a session this one is tried next, and soon; an attempt that
   * has no answer so far is given up.
   */
  public void managerReturned(String address) {
    if (sessionId().isEmpty()) {
      // Before the thread is woken: the attempt that it then makes must not be ended.
      ManagerSession present = session;
      managers.tryFirst(address);
      returned.release();
      if (present != null && present.id().isEmpty()) {
        present.end("the manager at " + address + " is there again");
      }
    }
  }

  /**
   * The machine goes down: every session says so from now on, and the present one at once. The
   * managers then hold the node for DOWN and take its tasks away.
   */
  public synchronized void announceLeaving() {
    announce(self.asLeaving());
  }

  /**
   * What keeps this node from running tasks: every session says so from now on, and the present one
   * at once.
   *
   * @param illness "" if nothing does
   */
  public synchronized void announceIllness(String illness) {
    announce(self.withIllness(illness));
  }

  private void announce(SelfReport report) {
    self = report;
    ManagerSession present = session;
    if (present != null) {
      present.speakUp();
    }
  }

  /** The id of the present session. */
  public Optional<String> sessionId() {
    return Optional.ofNullable(session).flatMap(ManagerSession::id);
  }

  /** Sessions, one after the other: to serve one is to wait for its end. */
  private final class Attempts implements Turn<Optional<ManagerSession>> {
    private boolean begun;

    @Override
    public Optional<ManagerSession> await() throws InterruptedException {
      if (begun) {
        pause();
      }
      begun = true;
      failures++; // Until it turns out otherwise.
      Optional<String> address = managers.choose();
      return address.isEmpty() ? Optional.empty() : Optional.of(serve(address.get(), lastId));
    }

    @Override
    public void perform(Optional<ManagerSession> tried) {
      if (tried.isPresent()) {
        ManagerSession ended = tried.get();
        failures = ended.id().isPresent() ? 0 : failures;
        // A session that the manager no longer knows must not be asked for again.
        lastId = ended.isUnknown() ? "" : ended.id().orElse(lastId);
      }
    }

    private void pause() throws InterruptedException {
      if (returned.tryAcquire(pauses.apply(failures).toMillis(), TimeUnit.MILLISECONDS)) {
        returned.drainPermits();
        failures = 0;
        Thread.sleep(pauses.apply(failures));
      }
    }
  }

  private ManagerSession serve(String address, String sessionId) throws InterruptedException {
    ManagerSession current =
        new ManagerSession(membership, managers, reports, assignments, answers, () -> self);
    session = current;
    try {
      ManagedChannel channel = membership.channels().open(address);
      try {
        LOG.debug("beginning a session with the manager at {}", address);
        String reason = current.run(channel, sessionId, description.get());
        if (!closed) {
          LOG.warn("session with the manager at {} has ended: {}", address, reason);
        }
      } finally {
        channel.shutdownNow();
      }
    } catch (IOException | IllegalArgumentException | IllegalStateException refused) {
      LOG.warn("no connection to the manager at {}: {}", address, refused.getMessage());
    } finally {
      session = null;
    }
    // Whatever has ended it: the others may well be better off.
    managers.ended(address, current.id().isPresent());
    return current;
  }

  /** Longer from failure to failure, and at random, so that managers are not overrun. */
  static Duration pause(int failures, RandomGenerator random) {
    if (failures == 0) {
      return Duration.ofMillis(random.nextLong(PAUSE_FIRST.toMillis() + 1));
    }
    Duration most = failures <= FAILURES_SOON_MAX ? PAUSE_MAX_SOON : PAUSE_MAX;
    long grown = PAUSE_FIRST.toMillis() << Math.min(failures, 10);
    long bound = Math.min(grown, most.toMillis());
    return Duration.ofMillis(bound / 2 + random.nextLong(bound / 2 + 1));
  }

  /** Ends the session for good. */
  @Override
  public void close() {
    closed = true;
    ManagerSession present = session;
    if (present != null) {
      present.end("closing");
    }
    thread.interruptAndEnd();
    if (!thread.join(CLOSE_WAIT_MAX)) {
      LOG.warn("the session with a manager has not ended within {}", CLOSE_WAIT_MAX);
    }
  }
}
