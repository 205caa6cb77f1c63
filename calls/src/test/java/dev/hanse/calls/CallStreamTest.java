package dev.hanse.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hanse.bounds.MemoryShare;
import dev.hanse.calls.table.CallLimits;
import dev.hanse.calls.table.CallTable.End;
import dev.hanse.calls.table.CallViolation;
import dev.hanse.calls.table.Outcome;
import dev.hanse.model.CallFrame;
import dev.hanse.model.CallMessage;
import dev.hanse.model.CallRequest;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Threads at both ends of a stream; frames are handed over one by one. */
final class CallStreamTest {
  private static final int WINDOW = CallLimits.WINDOW_BYTES_MIN;
  private static final long SHARE_BYTES = 3L * WINDOW;

  private final MemoryShare share = new MemoryShare(SHARE_BYTES);
  private final MemoryShare nodeShare = new MemoryShare(1 << 20);
  private final Pipe toNode = new Pipe();
  private final Pipe toManager = new Pipe();
  private final CallStream manager = new CallStream(End.ASKING, 10, share, toNode);
  private final CallStream node = new CallStream(End.ANSWERING, 10, nodeShare, toManager);
  private final BlockingQueue<CallStream.Incoming> arrived = new LinkedBlockingQueue<>();

  /** Frames on their way. */
  private static final class Pipe implements CallStream.Sink {
    private final BlockingQueue<CallFrame> frames = new LinkedBlockingQueue<>();
    private volatile boolean ready = true;
    private volatile boolean single;
    private volatile long lastCallId;

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void send(CallFrame frame) {
      lastCallId = frame.getCallId();
      if (single) {
        ready = false;
      }
      frames.add(frame);
    }
  }

  @Test
  @Tag("attack")
  void a_reader_that_stalls_holds_up_neither_its_stream_nor_the_heap() throws Exception {
    NodeCall stalled = open();
    CallStream.Incoming toStalled = next(arrived);
    NodeCall quick = open();
    CallStream.Incoming toQuick = next(arrived);
    toStalled.send(longest());
    CompletableFuture<Void> second = inThread(() -> toStalled.send(longest()));
    for (int i = 0; i < 100; i++) {
      toQuick.send(longest());
      deliver();
      assertThat(quick.next()).contains(longest());
      deliver();
    }
    assertThat(second).isNotDone();
    assertThat(share.reserved()).isEqualTo(WINDOW);
    assertThat(stalled.next()).contains(longest());
    deliver();
    second.get(60, TimeUnit.SECONDS);
    stalled.close();
    quick.close();
    deliver();
    assertNothingIsLeft();
  }

  /** However quickly they come back: else a log written fast would keep all others of its node. */
  @Test
  @Tag("attack")
  void calls_take_turns_when_the_stream_has_little_room() throws Exception {
    Thread[] senders = new Thread[5];
    long[] ids = new long[senders.length];
    toManager.single = true;
    toManager.ready = false;
    for (int i = 0; i < senders.length; i++) {
      NodeCall call = manager.open(CallRequest.getDefaultInstance(), CallLimits.WINDOW_BYTES_MAX);
      deliver();
      CallStream.Incoming answered = next(arrived);
      senders[i] = Thread.ofVirtual().start(() -> sendUntilOver(answered));
      awaitWaiting(senders[i]);
      ids[i] = toNode.lastCallId;
      assertThat(call).isNotNull();
    }
    for (int round = 0; round < 20; round++) {
      for (long id : ids) {
        toManager.ready = true;
        node.writable();
        assertThat(next(toManager.frames).getCallId()).isEqualTo(id);
        for (Thread sender : senders) {
          awaitWaiting(sender);
        }
      }
    }
    node.lost(new Outcome(Status.Code.UNAVAILABLE, "gone"));
    for (Thread sender : senders) {
      sender.join();
    }
  }

  private static void sendUntilOver(CallStream.Incoming call) {
    try {
      while (true) {
        call.send(CallMessage.getDefaultInstance());
      }
    } catch (CallException | InterruptedException over) {
      assertThat(over).hasMessage("gone");
    }
  }

  private static void awaitWaiting(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  @Test
  @Tag("attack")
  void when_the_share_is_full_the_reader_is_cut_that_has_taken_nothing_for_longest()
      throws Exception {
    NodeCall[] calls = new NodeCall[4];
    for (int i = 0; i < calls.length; i++) {
      calls[i] = open();
      next(arrived).send(longest());
      deliver();
      assertThat(share.reserved()).isLessThanOrEqualTo(SHARE_BYTES);
    }
    assertThatThrownBy(calls[0]::next)
        .isInstanceOfSatisfying(
            CallException.class,
            cut -> assertThat(cut.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED))
        .hasMessage("the reader was too slow");
    for (int i = 1; i < calls.length; i++) {
      assertThat(calls[i].next()).contains(longest());
    }
    for (NodeCall call : calls) {
      call.close();
    }
    deliver();
    assertNothingIsLeft();
  }

  @Test
  void a_call_that_has_ended_well_but_was_cut_before_it_was_read_says_so() throws Exception {
    NodeCall[] calls = new NodeCall[4];
    for (int i = 0; i < calls.length; i++) {
      calls[i] = open();
      CallStream.Incoming answered = next(arrived);
      answered.send(longest());
      answered.finish(Outcome.OK);
      deliver();
    }
    assertThatThrownBy(calls[0]::next).hasMessage("the reader was too slow");
    assertThat(calls[3].next()).contains(longest());
    assertThat(calls[3].next()).isEmpty();
    for (NodeCall call : calls) {
      call.close();
    }
    assertNothingIsLeft();
  }

  @Test
  void input_flows_when_it_is_wanted_and_ends() throws Exception {
    NodeCall call = open();
    CallStream.Incoming answered = next(arrived);
    CompletableFuture<Void> sent =
        inThread(
            () -> {
              for (int i = 0; i < 10; i++) {
                call.send(longest());
              }
              call.endSending();
            });
    assertThat(toNode.frames).isEmpty();
    int taken = 0;
    CompletableFuture<Optional<CallMessage>> next = inThreadGiving(answered::next);
    while (true) {
      while (!next.isDone()) {
        deliver();
      }
      if (next.get().isEmpty()) {
        break;
      }
      taken++;
      next = inThreadGiving(answered::next);
    }
    assertThat(taken).isEqualTo(10);
    sent.get(60, TimeUnit.SECONDS);
    answered.finish(new Outcome(Status.Code.NOT_FOUND, "no such container"));
    deliver();
    assertThatThrownBy(call::next)
        .isInstanceOfSatisfying(
            CallException.class, end -> assertThat(end.code()).isEqualTo(Status.Code.NOT_FOUND))
        .hasMessage("no such container");
    call.close();
    assertNothingIsLeft();
  }

  @Test
  void whoever_waits_is_woken_by_the_end_from_either_side() throws Exception {
    NodeCall call = open();
    CallStream.Incoming answered = next(arrived);
    CompletableFuture<Void> over = new CompletableFuture<>();
    answered.onOver(() -> over.complete(null));
    CompletableFuture<Optional<CallMessage>> input = inThreadGiving(answered::next);
    CompletableFuture<Optional<CallMessage>> output = inThreadGiving(call::next);
    call.close();
    assertThat(output)
        .failsWithin(60, TimeUnit.SECONDS)
        .withThrowableThat()
        .withMessageContaining("the call was cancelled");
    assertThat(over).isNotDone();
    while (!over.isDone()) {
      deliver();
    }
    assertThat(input)
        .failsWithin(60, TimeUnit.SECONDS)
        .withThrowableThat()
        .withMessageContaining("the call was cancelled");
    CompletableFuture<Void> late = new CompletableFuture<>();
    answered.onOver(() -> late.complete(null));
    assertThat(late).isDone();
    assertNothingIsLeft();
  }

  @Test
  void a_lost_stream_ends_its_calls_and_takes_no_more() throws Exception {
    NodeCall call = open();
    CallStream.Incoming answered = next(arrived);
    toNode.ready = false;
    CompletableFuture<NodeCall> opening =
        inThreadGiving(() -> manager.open(CallRequest.getDefaultInstance(), WINDOW));
    Outcome gone = new Outcome(Status.Code.UNAVAILABLE, "the leader has changed");
    manager.lost(gone);
    node.lost(gone);
    assertThatThrownBy(call::next).hasMessage("the leader has changed");
    assertThatThrownBy(() -> answered.send(longest())).hasMessage("the leader has changed");
    assertThat(opening)
        .failsWithin(60, TimeUnit.SECONDS)
        .withThrowableThat()
        .withMessageContaining("the leader has changed");
    assertThatThrownBy(() -> manager.open(CallRequest.getDefaultInstance(), WINDOW))
        .isInstanceOfSatisfying(CallException.class, end -> assertThat(end.isPassing()).isTrue());
    assertNothingIsLeft();
  }

  @Test
  void what_has_arrived_before_the_end_is_read_before_it() throws Exception {
    NodeCall call = open();
    CallStream.Incoming answered = next(arrived);
    answered.send(longest());
    deliver();
    manager.lost(new Outcome(Status.Code.UNAVAILABLE, "gone"));
    assertThat(share.reserved()).isEqualTo(WINDOW);
    assertThat(call.next()).contains(longest());
    assertThat(share.reserved()).isZero();
    assertThatThrownBy(call::next).hasMessage("gone");
  }

  private void assertNothingIsLeft() {
    assertThat(manager.size() + node.size()).isZero();
    assertThat(share.reserved()).isZero();
    assertThat(nodeShare.reserved()).isZero();
  }

  private NodeCall open() throws Exception {
    NodeCall call = manager.open(CallRequest.getDefaultInstance(), WINDOW);
    deliver();
    return call;
  }

  private void deliver() throws CallViolation {
    for (CallFrame frame = toNode.frames.poll(); frame != null; frame = toNode.frames.poll()) {
      node.receive(frame, arrived::add);
    }
    for (CallFrame frame = toManager.frames.poll();
        frame != null;
        frame = toManager.frames.poll()) {
      manager.receive(
          frame,
          opened -> {
            throw new AssertionError("a node opens no calls");
          });
    }
  }

  private static CallMessage longest() {
    return CallMessage.newBuilder()
        .setChunk(ByteString.copyFrom(new byte[CallLimits.MESSAGE_BYTES_MAX - 4]))
        .build();
  }

  private static <T> T next(BlockingQueue<T> queue) throws Exception {
    return Optional.ofNullable(queue.poll(60, TimeUnit.SECONDS)).orElseThrow();
  }

  private interface Work {
    void run() throws Exception;
  }

  private interface Asking<T> {
    T call() throws Exception;
  }

  private static CompletableFuture<Void> inThread(Work work) {
    return inThreadGiving(
            () -> {
              work.run();
              return true;
            })
        .thenAccept(done -> {});
  }

  private static <T> CompletableFuture<T> inThreadGiving(Asking<T> asking) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                result.complete(asking.call());
              } catch (Exception e) {
                result.completeExceptionally(e);
              }
            });
    return result;
  }
}
