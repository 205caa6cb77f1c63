package dev.hanse.manager.loop;

import dev.hanse.control.Containment;
import dev.hanse.control.Decision;
import dev.hanse.control.Passes;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.Command;
import dev.hanse.health.FaultPolicy;
import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.manager.loop.ControlStep.Event;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer. A single thread takes commands from a bounded mailbox, decides all that wait
 * (group commit), runs the passes on top of that, and proposes all of it as one entry: a new
 * service is written together with its addresses and its assigned tasks. What it does with what it
 * takes is {@link ControlStep}. No decision, pass or step ends it ({@link Containment}).
 */
public final class ControlLoop implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ControlLoop.class);

  /** Commands that may wait; more are refused. */
  static final int MAILBOX_MAX = 10_000;

  /** Commands decided before their changes are proposed. */
  private static final int BATCH_COMMANDS_MAX = 500;

  private static final Duration WAIT_MAX = Duration.ofMinutes(1);
  private static final Duration FAULT_PAUSE = Duration.ofSeconds(1);

  /** Steps that fail one after the other before another manager is asked to lead. */
  private static final int HAND_OVER_FAULTS = 3;

  private static final Duration LANDING_TIMEOUT = Duration.ofSeconds(2);

  private final StoreState state;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final BlockingQueue<Event> mailbox = new ArrayBlockingQueue<>(MAILBOX_MAX);
  private final OwnerThread thread;
  private final Health.Part steps;
  private volatile boolean closed;

  /** Steps that have failed one after the other. */
  private volatile int faults;

  /** Set before the thread starts. */
  private volatile @Nullable ControlStep control;

  /**
   * A loop over the state that the log's entries are applied to.
   *
   * @param health what its thread reports to
   */
  public ControlLoop(Health health, Store store, InstantSource clock, RandomGenerator random) {
    this.state = new StoreState(store, this::leadership);
    this.clock = clock;
    this.random = random;
    // A step's fault is contained; only what Containment does not take ends the thread.
    this.thread =
        OwnerThread.named(health, "hanse-control")
            .vital()
            .keepingProcess()
            .policy(FaultPolicy.giveUp(this::giveUp))
            .of(new Steps());
    this.steps = health.condition("hanse-control steps", true, this::failing);
  }

  private Optional<String> failing() {
    int inRow = faults;
    return inRow < HAND_OVER_FAULTS
        ? Optional.empty()
        : Optional.of(inRow + " steps have failed one after the other");
  }

  /** What the log is to be opened with. */
  public StoreState state() {
    return state;
  }

  /**
   * Starts with an opened log.
   *
   * @param terms told on the loop's thread, which it must not block: the term in which this manager
   *     begins to lead, empty when it leads no more
   */
  public void start(ReplicatedLog openedLog, Consumer<OptionalLong> terms) {
    // If there is no room in the mailbox the loop has work anyway and will look.
    control =
        new ControlStep(state, openedLog, clock, random, new Passes()::run, mailbox::offer, terms);
    thread.start();
  }

  /**
   * Asks for a write. The answer comes when it is committed and visible in the store, or refused;
   * it comes on a thread that must not be blocked, and never as an exception.
   */
  public CompletableFuture<Decision> submit(Command command) {
    return submit(command, OptionalLong.empty());
  }

  /**
   * The way to write for what exists during one term of this leader only. After its end everything
   * is refused, also when this manager leads again: what was seen in an old term may be wrong in a
   * new one.
   */
  public Function<Command, CompletableFuture<Decision>> during(long term) {
    return command -> submit(command, OptionalLong.of(term));
  }

  private CompletableFuture<Decision> submit(Command command, OptionalLong term) {
    CompletableFuture<Decision> answer = new CompletableFuture<>();
    if (closed) {
      answer.complete(ControlStep.unavailable("the manager is stopped"));
    } else if (!mailbox.offer(new Event.Asked(command, term, answer))) {
      answer.complete(
          new Decision.Refused(new Rejection.Exhausted("too many requests are waiting")));
    } else if (closed) {
      // Perhaps nobody reads it any more.
      answer.complete(ControlStep.unavailable("the manager is stopped"));
    }
    return answer;
  }

  /** Does the loop accept writes now? */
  public boolean isLeading() {
    ControlStep started = control;
    return started != null && started.isLeading();
  }

  /** Told by the log; if there is no room the loop has work anyway and will look. */
  private void leadership(boolean leader) {
    if (!mailbox.offer(new Event.Leadership(leader))) {
      logger.debug("the control loop is busy while leadership changes");
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.close();
    steps.close();
    refuseWaiting("the manager is stopped");
    ControlStep started = control;
    if (started != null) {
      awaitLanding(started.flights());
    }
  }

  /** What is proposed is nearly written; its callers should hear that rather than a failure. */
  private static void awaitLanding(List<CompletableFuture<Void>> flights) {
    try {
      CompletableFuture.allOf(flights.toArray(CompletableFuture[]::new))
          .get(LANDING_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      logger.warn("stopped while changes were being written", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whatever a step throws, the loop goes on from the committed state. */
  private final class Steps implements Turn<List<Event>> {
    private final List<Event> events = new ArrayList<>();

    @Override
    public List<Event> await() throws InterruptedException {
      ControlStep started = started();
      while (true) {
        events.clear();
        if (faults > 0) {
          pause(started, faults);
        }
        try {
          takeEvents(started, events);
          return events;
        } catch (RuntimeException | Error e) {
          recover(started, e);
        }
      }
    }

    @Override
    public void perform(List<Event> taken) {
      ControlStep started = started();
      try {
        started.step(taken);
        faults = 0;
      } catch (RuntimeException | Error e) {
        recover(started, e);
      }
    }

    private void recover(ControlStep started, Throwable fault) {
      Containment.check(fault);
      logger.error("a step of the control loop failed; going on in {}", FAULT_PAUSE, fault);
      int inRow = faults + 1; // Only this thread writes it.
      faults = inRow;
      started.recover(events, fault);
    }
  }

  private ControlStep started() {
    return Objects.requireNonNull(control, "started without a log");
  }

  /** Only what {@link Containment} does not take comes here: the machine is broken. */
  private void giveUp(Throwable fault) {
    closed = true;
    started().giveUp();
    refuseWaiting("the control loop failed: " + fault);
  }

  /** The mailbox fills up meanwhile: that is the back-pressure. */
  private static void pause(ControlStep started, int faults) throws InterruptedException {
    if (faults % HAND_OVER_FAULTS == 0) {
      started.handOver();
    }
    Thread.sleep(FAULT_PAUSE);
  }

  private void takeEvents(ControlStep started, List<Event> events) throws InterruptedException {
    Event first = pollUntilDue(started);
    if (first != null) {
      events.add(first);
      mailbox.drainTo(events, BATCH_COMMANDS_MAX - 1);
    }
  }

  private @Nullable Event pollUntilDue(ControlStep started) throws InterruptedException {
    if (started.isFull()) {
      awaitFirst(started.flights());
      return new Event.Wake();
    }
    Optional<Instant> due = started.due();
    if (due.isEmpty()) {
      return mailbox.take();
    }
    Instant now = clock.instant();
    Instant latest = now.plus(WAIT_MAX);
    Instant until = due.get().isBefore(latest) ? due.get() : latest;
    long waitMs = until.isAfter(now) ? Duration.between(now, until).toMillis() + 1 : 0;
    return mailbox.poll(waitMs, TimeUnit.MILLISECONDS);
  }

  /** The mailbox fills up meanwhile, and callers are refused: that is the back-pressure. */
  private static void awaitFirst(List<CompletableFuture<Void>> flights)
      throws InterruptedException {
    try {
      flights.getFirst().get();
    } catch (java.util.concurrent.ExecutionException e) {
      logger.debug("an entry failed; said where it landed", e);
    }
  }

  private void refuseWaiting(String reason) {
    List<Event> waiting = new ArrayList<>();
    mailbox.drainTo(waiting);
    for (Event event : waiting) {
      if (event instanceof Event.Asked asked) {
        asked.answer().complete(ControlStep.unavailable(reason));
      }
    }
  }
}
