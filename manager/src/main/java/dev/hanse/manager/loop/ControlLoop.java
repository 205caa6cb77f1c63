package dev.hanse.manager.loop;

import com.google.protobuf.Timestamp;
import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.DirtyKeys;
import dev.hanse.control.PassResult;
import dev.hanse.control.Passes;
import dev.hanse.control.Rejection;
import dev.hanse.control.Times;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.Commands;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.store.Changes;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer. A single thread takes commands from a bounded mailbox, decides all that wait
 * (group commit), runs the passes on top of that, and proposes all of it as one entry: a new
 * service is written together with its addresses and its assigned tasks.
 *
 * <p>It does not wait for the log. What is proposed but not yet committed is added to the last
 * committed snapshot by {@link Snapshot#preview}, and the next decisions stand on that. This is
 * safe because the log keeps the order of one proposer, and because after a failed entry it takes
 * no later one: then everything in flight fails, the commands are answered so, and the loop begins
 * again from the committed state. Versions in the preview are guesses; nobody outside has seen
 * them, so a command that carries a version can only match one that is committed.
 */
public final class ControlLoop implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ControlLoop.class);

  /** Commands that may wait; more are refused. */
  static final int MAILBOX_MAX = 10_000;

  /** Commands decided before their changes are proposed. */
  private static final int BATCH_COMMANDS_MAX = 500;

  /** Entries proposed and not yet committed. */
  private static final int IN_FLIGHT_MAX = 16;

  private static final Duration FAULT_PAUSE = Duration.ofSeconds(1);

  /** A deadline that has passed already does not make the loop spin. */
  private static final Duration PASS_INTERVAL_MIN = Duration.ofMillis(5);

  private static final Duration LANDING_TIMEOUT = Duration.ofSeconds(2);

  /** Room for the requests of one millisecond. */
  private static final int REQUEST_ID_BITS = 20;

  /** A pass now and then that looks at everything, in case a narrowed one has missed something. */
  private static final Duration FULL_PASS_INTERVAL = Duration.ofMinutes(1);

  private final StoreState state;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Passes passes = new Passes();
  private final BlockingQueue<Event> mailbox = new ArrayBlockingQueue<>(MAILBOX_MAX);
  private final Thread thread = Thread.ofPlatform().name("hanse-control").unstarted(this::run);
  private final ArrayDeque<Flight> flights = new ArrayDeque<>();
  private volatile boolean closed;

  /** Written by the thread only. */
  private volatile boolean leading;

  private volatile String refusal = "the manager is starting";

  // Set once, before the thread starts.
  private @Nullable ReplicatedLog replicatedLog;

  // Owned by the thread.
  private Snapshot expected = Snapshot.empty();
  private DirtyKeys dirty = DirtyKeys.full();
  private Optional<Instant> passDeadline = Optional.empty();
  private Instant fullPassDue = Instant.MIN;
  private long requestId;

  /** The last pass failed; the next one waits for the deadline. */
  private boolean paused;

  private sealed interface Event {
    record Asked(Command command, CompletableFuture<Decision> answer) implements Event {}

    record Leadership(boolean leader) implements Event {}

    record Landed(Flight flight) implements Event {}

    record Wake() implements Event {}
  }

  /** Changes on their way through the log, and who waits for them. */
  private record Flight(
      Changes changes,
      long lastRequestId,
      List<Answer> answers,
      CompletableFuture<Void> committed) {}

  private record Answer(CompletableFuture<Decision> future, Decision decision) {}

  /** A loop over the state that the log's entries are applied to. */
  public ControlLoop(Store store, InstantSource clock, RandomGenerator random) {
    this.state = new StoreState(store, this::leadership);
    this.clock = clock;
    this.random = random;
    // Larger than any that an earlier run has written.
    this.requestId = clock.millis() << REQUEST_ID_BITS;
  }

  /** What the log is to be opened with. */
  public StoreState state() {
    return state;
  }

  /** Starts with an opened log. */
  public void start(ReplicatedLog openedLog) {
    replicatedLog = openedLog;
    thread.start();
  }

  /**
   * Asks for a write. The answer comes when it is committed and visible in the store, or refused;
   * it comes on a thread that must not be blocked, and never as an exception.
   */
  public CompletableFuture<Decision> submit(Command command) {
    CompletableFuture<Decision> answer = new CompletableFuture<>();
    if (closed) {
      answer.complete(unavailable("the manager is stopped"));
    } else if (!mailbox.offer(new Event.Asked(command, answer))) {
      answer.complete(
          new Decision.Refused(new Rejection.Exhausted("too many requests are waiting")));
    } else if (closed) {
      answer.complete(unavailable("the manager is stopped")); // Perhaps nobody reads it any more.
    }
    return answer;
  }

  /** Does the loop accept writes now? */
  public boolean isLeading() {
    return leading;
  }

  /** The log may (or may no longer) be written to; told by the log. */
  private void leadership(boolean leader) {
    Event event = new Event.Leadership(leader);
    if (!mailbox.offer(event)) {
      // Rare, and must not be lost: wait for room elsewhere.
      Thread.ofVirtual().start(() -> putUninterrupted(event));
    }
  }

  private void putUninterrupted(Event event) {
    try {
      mailbox.put(event);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    refuseWaiting("the manager is stopped");
    flights.forEach(ControlLoop::awaitLanding);
  }

  /** What is proposed is nearly written; its callers should hear that rather than a failure. */
  private static void awaitLanding(Flight flight) {
    try {
      flight.committed().get(LANDING_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      logger.warn("stopped while changes were being written", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Event> events = new ArrayList<>();
    try {
      while (!closed) {
        takeEvents(events);
        step(events);
        events.clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Closed.
    } catch (RuntimeException | Error e) {
      logger.error("the control loop failed; this manager accepts no more writes", e);
      closed = true;
      refuseWaiting("the control loop failed: " + e);
      throw e;
    }
  }

  private void takeEvents(List<Event> events) throws InterruptedException {
    Event first = pollUntilDeadline();
    if (first != null) {
      events.add(first);
      mailbox.drainTo(events, BATCH_COMMANDS_MAX - 1);
    }
  }

  private @Nullable Event pollUntilDeadline() throws InterruptedException {
    if (flights.size() >= IN_FLIGHT_MAX) {
      awaitFirstFlight();
      return new Event.Wake();
    }
    if (!leading) {
      return mailbox.take();
    }
    Instant due = passDeadline.filter(at -> at.isBefore(fullPassDue)).orElse(fullPassDue);
    long waitMs = Math.clamp(Duration.between(clock.instant(), due).toMillis() + 1, 0, 60_000);
    return mailbox.poll(waitMs, TimeUnit.MILLISECONDS);
  }

  /** The mailbox fills up meanwhile, and callers are refused: that is the back-pressure. */
  private void awaitFirstFlight() throws InterruptedException {
    try {
      flights.getFirst().committed().get();
    } catch (java.util.concurrent.ExecutionException e) {
      logger.debug("an entry failed; said where it landed", e);
    }
  }

  private void step(List<Event> events) {
    land();
    List<Event.Asked> asked = new ArrayList<>();
    for (Event event : events) {
      switch (event) {
        case Event.Asked command -> asked.add(command);
        case Event.Leadership(boolean leader) -> changeLeadership(leader);
        case Event.Landed(Flight flight) -> logger.trace("landed {}", flight);
        case Event.Wake() -> {}
      }
    }
    if (!leading) {
      asked.forEach(command -> command.answer().complete(unavailable(refusal)));
      return;
    }
    List<Changes> changes = new ArrayList<>();
    List<Answer> answers = decide(asked, changes);
    runPasses().ifPresent(changes::add);
    propose(Changes.merged(changes), answers);
  }

  private void changeLeadership(boolean leader) {
    leading = leader;
    refusal = "the manager cannot write now";
    flights.clear();
    expected = state.applied().snapshot();
    dirty = DirtyKeys.full();
    fullPassDue = Instant.MIN;
    passDeadline = Optional.empty();
  }

  /** Takes what is committed off the flights and puts the rest on top of the committed state. */
  private void land() {
    if (flights.isEmpty()) {
      return;
    }
    StoreState.Applied applied = state.applied();
    if (flights.stream().anyMatch(flight -> flight.committed().isCompletedExceptionally())) {
      flights.clear(); // Those behind it fail, too.
      dirty = DirtyKeys.full();
    }
    while (!flights.isEmpty() && flights.getFirst().lastRequestId() <= applied.requestId()) {
      flights.removeFirst();
    }
    expected = applied.snapshot();
    for (Flight flight : flights) {
      expected = expected.preview(flight.changes());
    }
  }

  private List<Answer> decide(List<Event.Asked> asked, List<Changes> changes) {
    List<Answer> answers = new ArrayList<>();
    if (asked.isEmpty()) {
      return answers;
    }
    Context context = context();
    for (Event.Asked command : asked) {
      switch (decideOne(command, context)) {
        case Decision.Refused refused -> command.answer().complete(refused);
        case Decision.Accepted accepted -> {
          advance(accepted.changes());
          changes.add(accepted.changes());
          answers.add(new Answer(command.answer(), accepted));
        }
      }
    }
    return answers;
  }

  /** A fault in one decision is its command's fault, not the loop's. */
  private Decision decideOne(Event.Asked command, Context context) {
    try {
      return withinLimits(Commands.decide(expected, command.command(), context));
    } catch (RuntimeException e) {
      logger.error("deciding {}", command.command().getClass().getSimpleName(), e);
      return unavailable("internal error: " + e);
    }
  }

  /** Tasks repeat their service's specification, so objects may not fill an entry. */
  private Decision withinLimits(Decision decision) {
    int bytesMax = log().entryBytesMax() / 2;
    if (decision instanceof Decision.Accepted accepted
        && accepted.changes().actions().stream()
            .anyMatch(action -> action.getSerializedSize() > bytesMax)) {
      return new Decision.Refused(
          new Rejection.Invalid("the object is larger than " + bytesMax + " bytes"));
    }
    return decision;
  }

  private ReplicatedLog log() {
    return java.util.Objects.requireNonNull(replicatedLog, "started without a log");
  }

  private Optional<Changes> runPasses() {
    Instant now = clock.instant();
    if (!now.isBefore(fullPassDue)) {
      dirty.markEverything();
    }
    boolean due = passDeadline.isPresent() && !now.isBefore(passDeadline.get());
    if (paused ? !due : dirty.isEmpty() && !due) {
      return Optional.empty();
    }
    if (dirty.everything()) {
      fullPassDue = now.plus(FULL_PASS_INTERVAL);
    }
    DirtyKeys looked = dirty;
    dirty = new DirtyKeys();
    Optional<PassResult> ran = runOnce(looked);
    if (ran.isEmpty()) {
      dirty = DirtyKeys.full();
      passDeadline = Optional.of(now.plus(FAULT_PAUSE));
      paused = true;
      return Optional.empty();
    }
    paused = false;
    PassResult result = ran.get();
    Instant soonest = now.plus(PASS_INTERVAL_MIN);
    passDeadline =
        result.nextDeadline().map(Times::instant).map(at -> at.isBefore(soonest) ? soonest : at);
    if (!result.changes().isEmpty()) {
      advance(result.changes());
      mailbox.offer(new Event.Wake()); // Until a pass finds nothing to do.
    }
    return Optional.of(result.changes());
  }

  /** A fault in a pass must not stop the commands, by which a person may remove its cause. */
  private Optional<PassResult> runOnce(DirtyKeys looked) {
    try {
      return Optional.of(passes.run(expected, context(), looked));
    } catch (RuntimeException e) {
      logger.error("a pass over the state failed; trying again in {}", FAULT_PAUSE, e);
      return Optional.empty();
    }
  }

  private void advance(Changes changes) {
    Snapshot before = expected;
    expected = before.preview(changes);
    dirty.add(before, expected, changes);
  }

  private void propose(Changes changes, List<Answer> answers) {
    if (changes.isEmpty()) {
      answerBehindFlights(answers);
      return;
    }
    ReplicatedLog target = log();
    List<CompletableFuture<Long>> entries = new ArrayList<>();
    for (Changes part : EntrySplitter.split(changes, target.entryBytesMax())) {
      entries.add(target.propose(part.toRequest(++requestId).toByteArray()));
    }
    CompletableFuture<Void> committed =
        CompletableFuture.allOf(entries.toArray(CompletableFuture[]::new));
    Flight flight = new Flight(changes, requestId, answers, committed);
    flights.addLast(flight);
    var unused = committed.whenComplete((nothing, error) -> landed(flight, error));
  }

  /** What changed nothing needs no entry, but what it was decided on may still be in flight. */
  private void answerBehindFlights(List<Answer> answers) {
    if (answers.isEmpty()) {
      return;
    }
    CompletableFuture<Void> committed =
        flights.isEmpty() ? CompletableFuture.completedFuture(null) : flights.getLast().committed();
    var unused = committed.whenComplete((nothing, error) -> answer(answers, error));
  }

  private static void answer(List<Answer> answers, @Nullable Throwable error) {
    for (Answer answer : answers) {
      if (error == null) {
        answer.future().complete(answer.decision());
      } else {
        answer.future().complete(unavailable(reason(error)));
      }
    }
  }

  /** On a thread of the log. */
  private void landed(Flight flight, @Nullable Throwable error) {
    answer(flight.answers(), error);
    if (error != null) {
      refusal = reason(error);
      logger.warn("changes were not written: {}", refusal);
    }
    // If there is no room the loop has work anyway and will look.
    mailbox.offer(new Event.Landed(flight));
  }

  private static String reason(Throwable error) {
    Throwable cause = error;
    while (cause instanceof java.util.concurrent.CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  private void refuseWaiting(String reason) {
    List<Event> waiting = new ArrayList<>();
    mailbox.drainTo(waiting);
    for (Event event : waiting) {
      if (event instanceof Event.Asked asked) {
        asked.answer().complete(unavailable(reason));
      }
    }
  }

  private Context context() {
    Timestamp now = Times.timestamp(clock.instant());
    return new Context(now, random);
  }

  private static Decision unavailable(String reason) {
    return new Decision.Refused(new Rejection.Unavailable(reason));
  }
}
