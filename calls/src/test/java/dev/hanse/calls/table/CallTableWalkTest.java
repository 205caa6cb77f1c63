package dev.hanse.calls.table;

import static dev.hanse.calls.table.CallTable.End.ANSWERING;
import static dev.hanse.calls.table.CallTable.End.ASKING;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.model.CallFrame;
import dev.hanse.model.CallMessage;
import dev.hanse.model.CallRequest;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two ends do what they like, frames take their time: never is more outstanding than the window,
 * messages come in order and none is lost in a call that ends well, each call ends once at both
 * ends, and in the end nothing is left.
 */
final class CallTableWalkTest {
  private static final int STEPS = 6_000;
  private static final int CALLS_MAX = 8;

  private final CallTable manager = new CallTable(ASKING, CALLS_MAX);
  private final CallTable node = new CallTable(ANSWERING, CALLS_MAX);

  private final ArrayDeque<CallFrame> toNode = new ArrayDeque<>();
  private final ArrayDeque<CallFrame> toManager = new ArrayDeque<>();
  private final Map<Long, Both> calls = new TreeMap<>();
  private int endedWell;
  private int cancelled;
  private int refused;
  private int stalls;

  /** Both ends of a call, and what has gone between them. */
  private static final class Both {
    private final TableCall asked;
    private final int window;
    private final int inputWindow;
    private Optional<TableCall> answered = Optional.empty();
    private final List<Integer> sent = new ArrayList<>();
    private final List<Integer> taken = new ArrayList<>();
    private final List<Integer> inputSent = new ArrayList<>();
    private final List<Integer> inputTaken = new ArrayList<>();
    private long outstanding;
    private long inputOutstanding;
    private boolean admitted;
    private boolean givenUp;

    Both(TableCall asked, int window, int inputWindow) {
      this.asked = asked;
      this.window = window;
      this.inputWindow = inputWindow;
    }
  }

  @ParameterizedTest
  @Tag("attack")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void windows_hold_and_nothing_is_left(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    for (int step = 0; step < STEPS; step++) {
      step(random);
      collect();
      check();
    }
    for (Both both : calls.values()) {
      both.answered.ifPresent(call -> node.finish(call, Outcome.OK));
    }
    collect();
    while (!toNode.isEmpty() || !toManager.isEmpty()) {
      deliver(toNode, node);
      deliver(toManager, manager);
      for (Both both : calls.values()) {
        both.answered.ifPresent(call -> node.finish(call, Outcome.OK));
      }
      collect();
    }
    for (Both both : List.copyOf(calls.values())) {
      while (both.asked.hasArrived()) {
        take(both);
      }
      check(both);
      assertThat(both.asked.outcome()).isPresent();
      both.answered.ifPresent(call -> assertThat(call.outcome()).isPresent());
      if (both.asked.outcome().get().isOk() && !both.givenUp) {
        assertThat(both.taken).isEqualTo(both.sent);
      }
      assertThat(both.asked.outstandingMax()).isZero();
    }
    assertThat(manager.size() + node.size()).isZero();
    assertThat(manager.calls()).isEmpty();
    assertThat(endedWell).isGreaterThan(10);
    assertThat(cancelled).isGreaterThan(10);
    assertThat(stalls).isGreaterThan(10);
    assertThat(refused).isPositive();
  }

  private void step(SplittableRandom random) throws Exception {
    switch (random.nextInt(12)) {
      case 0 -> open(random);
      case 1, 2, 3 -> deliver(toNode, node);
      case 4, 5, 6 -> deliver(toManager, manager);
      default -> {
        List<Both> open = List.copyOf(calls.values());
        if (!open.isEmpty()) {
          act(random, open.get(random.nextInt(open.size())));
        }
      }
    }
  }

  private void open(SplittableRandom random) {
    int window = window(random);
    Optional<TableCall> opened = manager.open(CallRequest.getDefaultInstance(), window);
    if (opened.isEmpty()) {
      assertThat(manager.size()).isEqualTo(CALLS_MAX);
      refused++;
    } else {
      calls.put(opened.get().id(), new Both(opened.get(), window, window(random)));
    }
  }

  private static int window(SplittableRandom random) {
    return random.nextInt(CallLimits.WINDOW_BYTES_MIN, 4 * CallLimits.WINDOW_BYTES_MIN);
  }

  private void act(SplittableRandom random, Both both) {
    switch (random.nextInt(16)) {
      case 0 -> {
        if (both.answered.isPresent() && random.nextInt(6) == 0) {
          node.finish(both.answered.get(), Outcome.OK);
        }
      }
      case 1 -> {
        if (random.nextInt(6) == 0) {
          cancelled++;
          both.givenUp = true;
          both.outstanding = 0;
          manager.cancel(both.asked, new Outcome(Status.Code.CANCELLED, "enough"));
        }
      }
      case 2 -> manager.endSending(both.asked);
      case 3, 4 -> sendInput(random, both);
      case 5, 6, 7 -> takeInput(both);
      case 8, 9, 10, 11 -> send(random, both);
      default -> take(both);
    }
    if (both.asked.outcome().isPresent()
        && !both.asked.hasArrived()
        && both.answered.map(call -> call.outcome().isPresent()).orElse(false)) {
      if (both.asked.outcome().get().isOk() && !both.givenUp) {
        endedWell++;
        assertThat(both.taken).isEqualTo(both.sent);
      }
      calls.remove(both.asked.id());
    }
  }

  private void send(SplittableRandom random, Both both) {
    if (both.answered.isEmpty()) {
      return;
    }
    TableCall call = both.answered.get();
    CallMessage message = message(random, both.sent.size());
    if (!call.hasWindow(CallLimits.cost(message))) {
      stalls++;
      return;
    }
    node.send(call, message);
    both.sent.add(both.sent.size());
    if (!both.givenUp) {
      both.outstanding += CallLimits.cost(message);
    }
  }

  private void take(Both both) {
    manager
        .take(both.asked)
        .ifPresent(
            message -> {
              both.outstanding -= CallLimits.cost(message);
              both.taken.add(number(message));
            });
  }

  private void sendInput(SplittableRandom random, Both both) {
    CallMessage message = message(random, both.inputSent.size());
    if (!both.asked.askerEnded() && both.asked.hasWindow(CallLimits.cost(message))) {
      manager.send(both.asked, message);
      both.inputOutstanding += CallLimits.cost(message);
      both.inputSent.add(both.inputSent.size());
    }
  }

  private void takeInput(Both both) {
    if (both.answered.isEmpty()) {
      return;
    }
    if (!both.admitted) {
      both.admitted = true;
      node.admit(both.answered.get(), both.inputWindow);
    }
    node.take(both.answered.get())
        .ifPresent(
            message -> {
              both.inputOutstanding -= CallLimits.cost(message);
              both.inputTaken.add(number(message));
            });
  }

  private void deliver(ArrayDeque<CallFrame> frames, CallTable table) throws CallViolation {
    CallFrame frame = frames.poll();
    if (frame != null) {
      table
          .receive(frame)
          .ifPresent(
              opened ->
                  Objects.requireNonNull(calls.get(opened.call().id())).answered =
                      Optional.of(opened.call()));
    }
  }

  private void collect() {
    toNode.addAll(manager.outgoing());
    toManager.addAll(node.outgoing());
  }

  private void check() {
    assertThat(manager.size()).isLessThanOrEqualTo(CALLS_MAX);
    assertThat(node.size()).isLessThanOrEqualTo(CALLS_MAX);
    calls.values().forEach(CallTableWalkTest::check);
  }

  private static void check(Both both) {
    assertThat(both.outstanding).isBetween(0L, (long) both.window);
    assertThat(both.inputOutstanding).isBetween(0L, (long) both.inputWindow);
    assertThat(both.asked.inboxBytes()).isLessThanOrEqualTo(both.window);
    assertThat(both.asked.outstandingMax()).isLessThanOrEqualTo(both.window);
    assertThat(both.taken).isEqualTo(both.sent.subList(0, both.taken.size()));
    assertThat(both.inputTaken).isEqualTo(both.inputSent.subList(0, both.inputTaken.size()));
  }

  private static CallMessage message(SplittableRandom random, int number) {
    int size =
        random.nextInt(4) == 0
            ? random.nextInt(4, CallLimits.MESSAGE_BYTES_MAX - 8)
            : random.nextInt(4, 2_000);
    byte[] bytes = new byte[size];
    bytes[0] = (byte) (number >> 24);
    bytes[1] = (byte) (number >> 16);
    bytes[2] = (byte) (number >> 8);
    bytes[3] = (byte) number;
    return CallMessage.newBuilder().setChunk(ByteString.copyFrom(bytes)).build();
  }

  private static int number(CallMessage message) {
    return message.getChunk().asReadOnlyByteBuffer().getInt();
  }
}
