package dev.hanse.calls;

import dev.hanse.bounds.MemoryShare;
import dev.hanse.calls.table.CallLimits;
import dev.hanse.calls.table.CallTable;
import dev.hanse.calls.table.CallTable.End;
import dev.hanse.calls.table.CallViolation;
import dev.hanse.calls.table.Outcome;
import dev.hanse.calls.table.TableCall;
import dev.hanse.model.CallFrame;
import dev.hanse.model.CallMessage;
import dev.hanse.model.CallRequest;
import io.grpc.Status;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * One end of a stream of calls, for many threads: a lock around a {@link CallTable}, and the
 * threads that wait for messages or for room. What arrives is taken from the stream at once and
 * waits here, within the window of its call, so that no call holds up another; it counts in a share
 * of the heap before it is kept. When the share is full the call whose reader has taken nothing for
 * longest is cut.
 */
public final class CallStream {
  private static final Outcome TOO_SLOW =
      new Outcome(Status.Code.RESOURCE_EXHAUSTED, "the reader was too slow");
  private static final Outcome GIVEN_UP =
      new Outcome(Status.Code.CANCELLED, "the call was cancelled");

  /** Where frames go. Called with the lock held, so in the order of the frames; must not wait. */
  public interface Sink {
    /** Can it take more without keeping it in memory? */
    boolean isReady();

    /** Takes a frame, in any case. */
    void send(CallFrame frame);
  }

  private final Sink sink;
  private final MemoryShare share;
  private final CallTable table;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Long, Line> lines = new HashMap<>();

  /** Waited for by who wants to open a call. */
  private final Condition writable = lock.newCondition();

  /** Who has a window and waits for the sink, in the order of coming: each sends one message. */
  private final Set<Turn> turns = new LinkedHashSet<>();

  private Optional<Outcome> lost = Optional.empty();

  /**
   * A stream without calls.
   *
   * @param callsMax so many calls at a time
   * @param share of the heap, for what has arrived and was not taken
   */
  public CallStream(End end, int callsMax, MemoryShare share, Sink sink) {
    this.table = new CallTable(end, callsMax);
    this.share = share;
    this.sink = sink;
  }

  /**
   * Opens a call, waiting until the other end reads the stream.
   *
   * @param windowBytes what may arrive that was not taken; from {@link CallLimits#WINDOW_BYTES_MIN}
   *     to {@link CallLimits#WINDOW_BYTES_MAX}
   * @throws CallException RESOURCE_EXHAUSTED if there are too many, or why the stream is gone
   */
  public NodeCall open(CallRequest request, int windowBytes)
      throws CallException, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (lost.isEmpty() && !sink.isReady()) {
        writable.await();
      }
      if (lost.isPresent()) {
        throw new CallException(lost.get());
      }
      TableCall call =
          table
              .open(request, windowBytes)
              .orElseThrow(
                  () ->
                      new CallException(
                          Status.Code.RESOURCE_EXHAUSTED, "too many calls to the node are open"));
      return new Asked(begin(call));
    } finally {
      flush();
      lock.unlock();
    }
  }

  /** A call that the other end has opened; its answering is up to the taker. */
  public final class Incoming implements AnsweredCall {
    private final Line line;
    private final CallRequest request;

    private Incoming(Line line, CallRequest request) {
      this.line = line;
      this.request = request;
    }

    @Override
    public CallRequest request() {
      return request;
    }

    @Override
    public void send(CallMessage message) throws CallException, InterruptedException {
      line.send(message);
    }

    @Override
    public Optional<CallMessage> next() throws CallException, InterruptedException {
      return line.nextInput();
    }

    /** Has something done when the call is over; at once if it is. Must not wait. */
    public void onOver(Runnable action) {
      lock.lock();
      try {
        if (line.call.outcome().isEmpty()) {
          line.whenOver = action;
          return;
        }
      } finally {
        lock.unlock();
      }
      action.run();
    }

    /** The call has been answered; nothing happens if it is over. */
    public void finish(Outcome outcome) {
      lock.lock();
      try {
        table.finish(line.call, outcome);
        afterChange(line);
      } finally {
        flush();
        lock.unlock();
      }
    }
  }

  /**
   * Takes a frame of the other end. One thread at a time.
   *
   * @param arrivals takes calls that are opened; must not wait
   * @throws CallViolation if the stream is to be ended, since the other end breaks the rules
   */
  public void receive(CallFrame frame, Consumer<Incoming> arrivals) throws CallViolation {
    if (frame.getPartCase() == CallFrame.PartCase.MESSAGE && !admits(frame)) {
      return;
    }
    Optional<Incoming> opened;
    lock.lock();
    try {
      if (lost.isPresent()) {
        return;
      }
      opened =
          table.receive(frame).map(found -> new Incoming(begin(found.call()), found.request()));
      Line line = lines.get(frame.getCallId());
      if (line != null) {
        afterChange(line);
      }
    } finally {
      flush();
      lock.unlock();
    }
    opened.ifPresent(arrivals);
  }

  /**
   * Counts a message before it is kept. Without the lock: room may be made by cutting other calls.
   */
  private boolean admits(CallFrame frame) {
    Line line;
    lock.lock();
    try {
      line = lines.get(frame.getCallId());
    } finally {
      lock.unlock();
    }
    if (line == null || line.memory.grow(CallLimits.cost(frame.getMessage()))) {
      return true; // The table says what becomes of it.
    }
    line.cut(TOO_SLOW);
    return false;
  }

  /** The sink has room again. */
  public void writable() {
    lock.lock();
    try {
      writable.signalAll();
      nextTurn();
    } finally {
      lock.unlock();
    }
  }

  /** The stream is gone: all calls end like this, and none can be opened. */
  public void lost(Outcome how) {
    lock.lock();
    try {
      if (lost.isEmpty()) {
        lost = Optional.of(how);
        table.lost(how);
        for (Line line : Map.copyOf(lines).values()) {
          afterChange(line);
        }
        writable.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many calls go on. */
  public int size() {
    lock.lock();
    try {
      return table.size();
    } finally {
      lock.unlock();
    }
  }

  /** With the lock held. */
  private void nextTurn() {
    if (!turns.isEmpty() && sink.isReady()) {
      turns.iterator().next().line.changed.signalAll();
    }
  }

  private boolean isNext(Turn turn) {
    return turns.iterator().next() == turn;
  }

  private Line begin(TableCall call) {
    Line line = new Line(call);
    lines.put(call.id(), line);
    return line;
  }

  /** With the lock held. */
  private void afterChange(Line line) {
    if (line.call.outcome().isPresent()) {
      lines.remove(line.call.id());
      if (!table.isAsking() || !line.call.hasArrived()) {
        line.memory.close();
      }
      Runnable action = line.whenOver;
      line.whenOver = () -> {};
      action.run();
    }
    line.changed.signalAll();
  }

  /** With the lock held. */
  private void flush() {
    var frames = table.outgoing();
    if (lost.isEmpty()) {
      frames.forEach(sink::send);
    }
  }

  /** One thread's, which sends in a call; not equal to another. */
  private static final class Turn {
    private final Line line;

    Turn(Line line) {
      this.line = line;
    }
  }

  /** A call and who waits for it. */
  private final class Line {
    private final TableCall call;
    private final Condition changed = lock.newCondition();
    private final MemoryShare.Claim memory = share.yielding(() -> cut(TOO_SLOW));
    private Runnable whenOver = () -> {};
    private boolean admitted;

    /** Why messages were dropped that had arrived, if some were. */
    private Optional<Outcome> torn = Optional.empty();

    Line(TableCall call) {
      this.call = call;
    }

    void send(CallMessage message) throws CallException, InterruptedException {
      int cost = CallLimits.cost(message);
      lock.lockInterruptibly();
      try {
        do {
          while (call.outcome().isEmpty() && !call.hasWindow(cost)) {
            changed.await();
          }
          awaitTurn();
          // Meanwhile another thread may have used the window up.
        } while (call.outcome().isEmpty() && !call.hasWindow(cost));
        if (call.outcome().isPresent()) {
          throw new CallException(call.outcome().get());
        }
        table.send(call, message);
      } finally {
        flush();
        lock.unlock();
      }
    }

    /** Until the sink has room and nobody has waited for it for longer, or the call is over. */
    private void awaitTurn() throws InterruptedException {
      if (turns.isEmpty() && sink.isReady()) {
        return;
      }
      Turn turn = new Turn(this);
      turns.add(turn);
      try {
        while (call.outcome().isEmpty() && !(isNext(turn) && sink.isReady())) {
          changed.await();
        }
      } finally {
        turns.remove(turn);
        nextTurn(); // If this one is not used, or leaves room.
      }
    }

    Optional<CallMessage> nextOutput() throws CallException, InterruptedException {
      lock.lockInterruptibly();
      try {
        while (!call.hasArrived() && call.outcome().isEmpty()) {
          changed.await();
        }
        Optional<CallMessage> message = take();
        Outcome how = torn.or(call::outcome).orElse(Outcome.OK);
        if (message.isEmpty() && !how.isOk()) {
          throw new CallException(how);
        }
        return message;
      } finally {
        flush();
        lock.unlock();
      }
    }

    Optional<CallMessage> nextInput() throws CallException, InterruptedException {
      lock.lockInterruptibly();
      try {
        if (!admitted) {
          admitted = true;
          table.admit(call, CallLimits.INPUT_WINDOW_BYTES);
          flush();
        }
        while (!call.hasArrived() && !call.askerEnded() && call.outcome().isEmpty()) {
          changed.await();
        }
        if (call.outcome().isPresent()) {
          throw new CallException(call.outcome().get());
        }
        return take();
      } finally {
        flush();
        lock.unlock();
      }
    }

    private Optional<CallMessage> take() {
      Optional<CallMessage> message = table.take(call);
      message.ifPresent(taken -> memory.shrink(CallLimits.cost(taken)));
      if (call.outcome().isPresent() && !call.hasArrived()) {
        memory.close();
      }
      return message;
    }

    void cut(Outcome how) {
      lock.lock();
      try {
        if (call.hasArrived()) {
          torn = Optional.of(how);
        }
        if (table.isAsking()) {
          table.cancel(call, how);
        } else {
          table.finish(call, how);
        }
        memory.close();
        afterChange(this);
      } finally {
        flush();
        lock.unlock();
      }
    }
  }

  private final class Asked implements NodeCall {
    private final Line line;

    Asked(Line line) {
      this.line = line;
    }

    @Override
    public void send(CallMessage message) throws CallException, InterruptedException {
      line.send(message);
    }

    @Override
    public void endSending() {
      lock.lock();
      try {
        table.endSending(line.call);
      } finally {
        flush();
        lock.unlock();
      }
    }

    @Override
    public Optional<CallMessage> next() throws CallException, InterruptedException {
      return line.nextOutput();
    }

    @Override
    public void close() {
      line.cut(GIVEN_UP);
    }
  }
}
