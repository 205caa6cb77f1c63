package dev.hanse.manager.loop;

import dev.hanse.control.Containment;
import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.DirtyKeys;
import dev.hanse.control.PassResult;
import dev.hanse.control.Passes;
import dev.hanse.control.Rejection;
import dev.hanse.control.Times;
import dev.hanse.control.command.Batch;
import dev.hanse.control.command.Command;
import dev.hanse.control.decision.Commands;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.store.Changes;
import dev.hanse.store.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the control loop does, without its thread: events in, entries of the log out. One thread at
 * a time may use it ({@link ControlLoop}'s, or a simulated world).
 *
 * <p>It does not wait for the log. What is proposed but not yet committed is added to the last
 * committed snapshot by {@link Snapshot#preview}, and the next decisions stand on that. This is
 * safe because each term's entries go into a line ({@link ReplicatedLog.Line}): after a failed one
 * it takes no later one, and none of an earlier term. Then everything behind it fails, the commands
 * are answered so, and when all have landed the loop begins again from the committed state.
 * Versions in the preview are guesses; nobody outside has seen them, so a command that carries a
 * version can only match one that is committed.
 */
public final class ControlStep {
  /** What callers are told while nobody may write; the words that users of Docker know. */
  public static final String NO_LEADER =
      "The swarm does not have a leader. It's possible that too few managers are online. Make sure"
          + " more than half of the managers are online.";

  private static final String LEADER_CHANGED = "the leader has changed; nothing was written";

  private static final String LEADER_CHANGED_MEANWHILE =
      "the leader changed while this was being written: it may have been written or not";

  private static final String FAILED_BEFORE = "an earlier change could not be written";

  private static final Logger logger = LoggerFactory.getLogger(ControlStep.class);

  private static final Duration FAULT_PAUSE = Duration.ofSeconds(1);

  /** A deadline that has passed already does not make the loop spin. */
  private static final Duration PASS_INTERVAL_MIN = Duration.ofMillis(5);

  /** Room for the requests of one millisecond. */
  private static final int REQUEST_ID_BITS = 20;

  /** A pass now and then that looks at everything, in case a narrowed one has missed something. */
  private static final Duration FULL_PASS_INTERVAL = Duration.ofMinutes(1);

  private final StoreState state;
  private final ReplicatedLog log;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final PassRun passes;
  private final Consumer<Event> mailbox;
  private final Consumer<OptionalLong> terms;
  private final Flights flights = new Flights();

  /** The term in which this manager leads and writes. Read by any thread. */
  private volatile OptionalLong leading = OptionalLong.empty();

  private volatile String refusal = NO_LEADER;

  /** What the log had said of {@link StoreState#leaderTerm} when it was last followed. */
  private OptionalLong term = OptionalLong.empty();

  /** Where entries go while this manager leads. */
  private Optional<ReplicatedLog.Line> line = Optional.empty();

  private Snapshot expected = Snapshot.empty();
  private DirtyKeys dirty = DirtyKeys.full();
  private Optional<Instant> passDeadline = Optional.empty();
  private Instant fullPassDue = Instant.MIN;
  private long requestId;

  /** The last pass failed; the next one waits for the deadline. */
  private boolean paused;

  /** A step failed; the next one that finds nothing in flight begins from the committed state. */
  private boolean beginsAnew;

  private final ToldFaults told = new ToldFaults();

  /** What the loop is told. */
  public sealed interface Event {
    /**
     * Somebody asks for a write; the answer comes when it is committed or refused.
     *
     * @param term the only one in which it may be decided; empty for any
     */
    record Asked(Command command, OptionalLong term, CompletableFuture<Decision> answer)
        implements Event {
      /** For any term. */
      public Asked(Command command, CompletableFuture<Decision> answer) {
        this(command, OptionalLong.empty(), answer);
      }
    }

    /** The log may, or may no longer, be written to; {@link StoreState} knows which. */
    record Leadership(boolean leader) implements Event {}

    /** Something in flight is committed or has failed. */
    record Landed() implements Event {}

    /** Nothing but another look. */
    record Wake() implements Event {}
  }

  /** As {@link Passes#run}. */
  @FunctionalInterface
  public interface PassRun {
    /** Says what has to change so that the state becomes what it should be. */
    PassResult run(Snapshot snapshot, Context context, DirtyKeys dirty);
  }

  private record Answer(CompletableFuture<Decision> future, Decision decision) {}

  /** What is proposed together, and who waits for it. */
  private record Decided(List<Changes> changes, List<Answer> answers) {
    Decided() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    void add(Event.Asked command, Decision.Accepted accepted) {
      changes.add(accepted.changes());
      answers.add(new Answer(command.answer(), accepted));
    }
  }

  /**
   * Over the state that the log's entries are applied to.
   *
   * @param log opened, or about to be
   * @param mailbox takes {@code Landed} and {@code Wake} for the next step, from any thread; may
   *     drop them when there is another event anyway
   */
  public ControlStep(
      StoreState state,
      ReplicatedLog log,
      InstantSource clock,
      RandomGenerator random,
      PassRun passes,
      Consumer<Event> mailbox) {
    this(state, log, clock, random, passes, mailbox, term -> {});
  }

  /**
   * @param terms told within a step, before its commands are decided: the term in which this
   *     manager begins to lead, empty when it leads no more; must not block
   */
  public ControlStep(
      StoreState state,
      ReplicatedLog log,
      InstantSource clock,
      RandomGenerator random,
      PassRun passes,
      Consumer<Event> mailbox,
      Consumer<OptionalLong> terms) {
    this.state = state;
    this.log = log;
    this.clock = clock;
    this.random = random;
    this.passes = passes;
    this.mailbox = mailbox;
    this.terms = terms;
  }

  /** Are writes accepted now? Any thread. */
  public boolean isLeading() {
    return leading.isPresent();
  }

  /** Must the next step wait for {@link #flights}' first? */
  public boolean isFull() {
    return flights.isFull();
  }

  /** What is in flight, in order: each completes when committed, or fails. */
  public List<CompletableFuture<Void>> flights() {
    return flights.list();
  }

  /** When the next step is due if no event comes before; empty if only an event can need one. */
  public Optional<Instant> due() {
    boolean waits = flights.isBroken() || (beginsAnew && !flights.isEmpty());
    return leading.isPresent() && !waits
        ? Optional.of(passDeadline.filter(at -> at.isBefore(fullPassDue)).orElse(fullPassDue))
        : Optional.empty();
  }

  /** Takes events in order; decides the commands among them, runs the passes, proposes. */
  public void step(List<Event> events) {
    followLeadership();
    land();
    if (beginsAnew && flights.isEmpty()) {
      beginsAnew = false;
      follow(state.leaderTerm());
    }
    List<Event.Asked> asked = new ArrayList<>();
    for (Event event : events) {
      switch (event) {
        case Event.Asked command -> {
          if (!refuse(command)) {
            asked.add(command);
          }
        }
        case Event.Leadership _, Event.Landed _, Event.Wake _ -> {} // Followed and landed already.
      }
    }
    if (leading.isEmpty() || flights.isBroken() || beginsAnew) {
      return;
    }
    List<Decided> decided = decide(asked);
    runPasses().ifPresent(decided.getLast().changes()::add);
    decided.forEach(this::propose);
  }

  private boolean refuse(Event.Asked command) {
    if (leading.isEmpty()) {
      return command.answer().complete(unavailable(refusal));
    }
    if (command.term().isPresent() && !command.term().equals(leading)) {
      return command.answer().complete(unavailable(LEADER_CHANGED));
    }
    if (flights.isBroken() || beginsAnew) {
      return command.answer().complete(unavailable(FAILED_BEFORE));
    }
    return false;
  }

  /**
   * A term begins from the committed state, which holds all entries of those before. It numbers its
   * requests above all that were ever written, by whomever and with whatever clock: else the
   * entries of a leader whose clock is ahead would be taken for later ones than ours.
   */
  private void followLeadership() {
    OptionalLong now = state.leaderTerm();
    if (!now.equals(term)) {
      follow(now);
    }
  }

  private void follow(OptionalLong now) {
    flights.clear();
    beginsAnew = false;
    term = now;
    beginLine();
    StoreState.Applied applied = state.applied();
    expected = applied.snapshot();
    requestId = Math.max(requestId, applied.requestId());
    requestId = Math.max(requestId, clock.millis() << REQUEST_ID_BITS);
    dirty = DirtyKeys.full();
    fullPassDue = Instant.MIN;
    passDeadline = Optional.empty();
    paused = false;
    if (now.isPresent()) {
      refusal = NO_LEADER;
    }
    leading = now;
    terms.accept(leading);
  }

  /**
   * After a step that failed somewhere between its decisions: those who asked are told, and what it
   * believed is thrown away. What is in flight may still land, so nothing is decided before.
   */
  void recover(List<Event> events, Throwable fault) {
    beginsAnew = true;
    for (Event event : events) {
      if (event instanceof Event.Asked asked) {
        asked
            .answer()
            .complete(unavailable("internal error, written or not: " + fault.getClass().getName()));
      }
    }
  }

  private void beginLine() {
    line = term.isPresent() ? Optional.of(log.line(term.getAsLong())) : Optional.empty();
  }

  /** The machine is broken under the loop: it writes no more. */
  void giveUp() {
    leading = OptionalLong.empty();
    terms.accept(leading);
    handOver();
  }

  /** After faults of the loop: another manager, if there is one, had better lead. */
  void handOver() {
    var unused =
        log.transferLeadership()
            .exceptionally(
                error -> {
                  logger.warn(
                      "this manager cannot write, and no other has taken over the leadership",
                      error);
                  return null;
                });
  }

  /** Takes what is committed off the flights and puts the rest on top of the committed state. */
  private void land() {
    if (flights.isEmpty()) {
      return;
    }
    StoreState.Applied applied = state.applied();
    if (flights.land(applied)) {
      applied = state.applied();
      dirty = DirtyKeys.full();
      beginLine();
    }
    expected = flights.onTopOf(applied.snapshot());
  }

  /** Each batch stands alone between the others, so that an entry holds it whole. */
  private List<Decided> decide(List<Event.Asked> asked) {
    List<Decided> decided = new ArrayList<>();
    decided.add(new Decided());
    if (asked.isEmpty()) {
      return decided;
    }
    Context context = context();
    for (Event.Asked command : asked) {
      switch (decideOne(command, context)) {
        case Decision.Refused refused -> command.answer().complete(refused);
        case Decision.Accepted accepted -> {
          boolean alone = command.command() instanceof Batch;
          if (alone) {
            decided.add(new Decided());
          }
          decided.getLast().add(command, accepted);
          if (alone) {
            decided.add(new Decided());
          }
        }
      }
    }
    return decided;
  }

  /** A fault in one decision is its command's fault, not the loop's. */
  private Decision decideOne(Event.Asked command, Context context) {
    try {
      Decision decision =
          withinLimits(command.command(), Commands.decide(expected, command.command(), context));
      if (decision instanceof Decision.Accepted accepted) {
        advance(accepted.changes());
      }
      return decision;
    } catch (RuntimeException | Error e) {
      Containment.check(e);
      logger.error(
          "command {} failed with an internal error",
          command.command().getClass().getSimpleName(),
          e);
      return unavailable("internal error: " + e);
    }
  }

  /** Tasks repeat their service's specification, so objects may not fill an entry. */
  private Decision withinLimits(Command command, Decision decision) {
    int bytesMax = log.entryBytesMax() / 2;
    if (command instanceof Batch
        && decision instanceof Decision.Accepted accepted
        && EntrySplitter.split(accepted.changes(), log.entryBytesMax()).size() > 1) {
      return new Decision.Refused(
          new Rejection.Invalid(
              "the batch changes more than one entry of the log can hold: "
                  + log.entryBytesMax()
                  + " bytes"));
    }
    if (decision instanceof Decision.Accepted accepted
        && accepted.changes().actions().stream()
            .anyMatch(action -> action.getSerializedSize() > bytesMax)) {
      return new Decision.Refused(
          new Rejection.Invalid("the object is larger than " + bytesMax + " bytes"));
    }
    return decision;
  }

  private Optional<Changes> runPasses() {
    Instant now = clock.instant();
    if (!now.isBefore(fullPassDue)) {
      dirty.markEverything();
    }
    boolean due = passDeadline.filter(at -> !now.isBefore(at)).isPresent();
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
      mailbox.accept(new Event.Wake()); // Until a pass finds nothing to do.
    }
    return Optional.of(result.changes());
  }

  /** A fault in a pass must not stop the commands, by which a person may remove its cause. */
  private Optional<PassResult> runOnce(DirtyKeys looked) {
    try {
      PassResult result = passes.run(expected, context(), looked);
      told.tell(result.faults(), looked.everything());
      advance(result.changes());
      return Optional.of(result);
    } catch (RuntimeException | Error e) {
      Containment.check(e);
      logger.error("a pass over the state failed; trying again in {}", FAULT_PAUSE, e);
      return Optional.empty();
    }
  }

  private void advance(Changes changes) {
    Snapshot after = expected.preview(changes);
    dirty.add(expected, after, changes);
    expected = after;
  }

  private void propose(Decided decided) {
    Changes changes = Changes.merged(decided.changes());
    List<Answer> answers = decided.answers();
    if (!state.leaderTerm().equals(term)) {
      // Decided in a term that is over: not proposed, since the state may have gone on.
      answer(answers, Optional.of(LEADER_CHANGED));
      return;
    }
    OptionalLong decidedIn = term;
    if (changes.isEmpty()) {
      answerBehindFlights(answers, decidedIn);
      return;
    }
    List<CompletableFuture<Long>> entries = new ArrayList<>();
    for (Changes part : EntrySplitter.split(changes, log.entryBytesMax())) {
      entries.add(proposed(part));
    }
    CompletableFuture<Void> committed =
        CompletableFuture.allOf(entries.toArray(CompletableFuture[]::new));
    flights.add(changes, requestId, committed);
    var unused = committed.whenComplete((nothing, error) -> landed(answers, decidedIn, error));
  }

  /** One that the log does not even take has failed like one that it could not write. */
  private CompletableFuture<Long> proposed(Changes part) {
    try {
      return line.orElseThrow().propose(part.toRequest(++requestId).toByteArray());
    } catch (RuntimeException | Error e) {
      Containment.check(e);
      return CompletableFuture.failedFuture(e);
    }
  }

  /** What changed nothing needs no entry, but what it was decided on may still be in flight. */
  private void answerBehindFlights(List<Answer> answers, OptionalLong decidedIn) {
    if (answers.isEmpty()) {
      return;
    }
    var unused =
        flights.last().whenComplete((nothing, error) -> answer(answers, refusal(decidedIn, error)));
  }

  private static void answer(List<Answer> answers, Optional<String> refusal) {
    for (Answer answer : answers) {
      answer.future().complete(refusal.map(ControlStep::unavailable).orElseGet(answer::decision));
    }
  }

  /** What those are told whose entry was not acknowledged; empty if it was. */
  private Optional<String> refusal(OptionalLong decidedIn, @Nullable Throwable error) {
    return Optional.ofNullable(error)
        .map(fault -> leadsIn(decidedIn) ? reason(fault) : LEADER_CHANGED_MEANWHILE);
  }

  private boolean leadsIn(OptionalLong asked) {
    return asked.isPresent() && state.leaderTerm().equals(asked);
  }

  /** On a thread of the log. */
  private void landed(List<Answer> answers, OptionalLong decidedIn, @Nullable Throwable error) {
    answer(answers, refusal(decidedIn, error));
    if (error != null) {
      logger.warn("changes were not written: {}", reason(error));
      if (leadsIn(decidedIn)) {
        refusal = reason(error); // Not another leader, but this one's disk.
      }
    }
    // If there is no room the loop has work anyway and will look.
    mailbox.accept(new Event.Landed());
  }

  private static String reason(Throwable error) {
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    return String.valueOf(cause == null ? error.getMessage() : cause.getMessage());
  }

  private Context context() {
    return new Context(Times.timestamp(clock.instant()), random);
  }

  static Decision unavailable(String reason) {
    return new Decision.Refused(new Rejection.Unavailable(reason));
  }
}
