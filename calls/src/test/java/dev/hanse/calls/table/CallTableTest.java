package dev.hanse.calls.table;

import static dev.hanse.calls.table.CallTable.End.ANSWERING;
import static dev.hanse.calls.table.CallTable.End.ASKING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hanse.model.CallCancellation;
import dev.hanse.model.CallEnd;
import dev.hanse.model.CallFrame;
import dev.hanse.model.CallMessage;
import dev.hanse.model.CallOpening;
import dev.hanse.model.CallOutcome;
import dev.hanse.model.CallRequest;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogsCall;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls are opened, carry messages within their windows, and end once. */
final class CallTableTest {
  private static final int WINDOW = 64 * 1024;

  private final CallTable manager = new CallTable(ASKING, 2);
  private final CallTable node = new CallTable(ANSWERING, 2);

  @Test
  void a_call_carries_messages_both_ways_and_ends_at_both_ends() throws Exception {
    TableCall asked = manager.open(request("t"), WINDOW).orElseThrow();
    CallTable.Opened opened = deliver(manager, node).getFirst();
    assertThat(opened.request()).isEqualTo(request("t"));
    TableCall answered = opened.call();

    assertThat(asked.hasWindow(CallLimits.cost(message(1)))).isFalse();
    node.admit(answered, WINDOW);
    deliver(node, manager);
    manager.send(asked, message(1));
    manager.endSending(asked);
    manager.endSending(asked);
    deliver(manager, node);
    assertThat(node.take(answered)).contains(message(1));
    assertThat(answered.askerEnded()).isTrue();

    node.send(answered, message(2));
    node.finish(answered, Outcome.OK);
    node.finish(answered, new Outcome(Status.Code.INTERNAL, "too late"));
    deliver(node, manager);
    assertThat(asked.outcome()).contains(Outcome.OK);
    assertThat(manager.take(asked)).contains(message(2));
    assertThat(manager.take(asked)).isEmpty();
    assertThat(manager.outgoing()).isEmpty();
    assertThat(manager.size() + node.size()).isZero();
  }

  @Test
  void a_window_is_used_to_its_last_byte_and_given_back_when_messages_are_taken() throws Exception {
    TableCall asked = manager.open(request("t"), CallLimits.WINDOW_BYTES_MIN).orElseThrow();
    TableCall answered = deliver(manager, node).getFirst().call();
    CallMessage longest = message(CallLimits.MESSAGE_BYTES_MAX - 4);
    assertThat(longest.getSerializedSize()).isEqualTo(CallLimits.MESSAGE_BYTES_MAX);
    CallMessage empty = CallMessage.getDefaultInstance();
    node.send(answered, longest);
    assertThat(answered.hasWindow(CallLimits.cost(empty))).isFalse();
    assertThatThrownBy(() -> node.send(answered, empty)).isInstanceOf(IllegalStateException.class);
    deliver(node, manager);
    assertThat(asked.inboxBytes()).isEqualTo(CallLimits.WINDOW_BYTES_MIN);
    assertThat(manager.take(asked)).contains(longest);
    assertThat(asked.inboxBytes()).isZero();
    deliver(manager, node);
    node.send(answered, longest);
    assertThatThrownBy(() -> node.send(answered, message(CallLimits.MESSAGE_BYTES_MAX - 3)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_cancelled_call_is_forgotten_at_once_and_frames_on_their_way_do_no_harm() throws Exception {
    TableCall asked = manager.open(request("t"), WINDOW).orElseThrow();
    TableCall answered = deliver(manager, node).getFirst().call();
    node.send(answered, message(1));
    deliver(node, manager);
    node.send(answered, message(2));
    manager.cancel(asked, new Outcome(Status.Code.CANCELLED, "enough"));
    manager.cancel(asked, new Outcome(Status.Code.INTERNAL, "too late"));
    assertThat(asked.hasArrived()).isFalse();
    assertThat(asked.outcome().orElseThrow().text()).isEqualTo("enough");
    deliver(node, manager);
    assertThat(asked.hasArrived()).isFalse();
    deliver(manager, node);
    assertThat(answered.outcome().orElseThrow().code()).isEqualTo(Status.Code.CANCELLED);
    assertThat(answered.hasWindow(CallLimits.cost(message(1)))).isFalse();
    node.finish(answered, Outcome.OK);
    assertThat(node.outgoing()).isEmpty();
    assertThat(manager.size() + node.size()).isZero();
  }

  @Test
  void a_stream_that_is_lost_ends_its_calls() throws Exception {
    TableCall one = manager.open(request("1"), WINDOW).orElseThrow();
    TableCall other = manager.open(request("2"), WINDOW).orElseThrow();
    TableCall answered = deliver(manager, node).getFirst().call();
    node.send(answered, message(1));
    deliver(node, manager);
    Outcome gone = new Outcome(Status.Code.UNAVAILABLE, "gone");
    manager.lost(gone);
    node.lost(gone);
    assertThat(List.of(one, other, answered)).allMatch(call -> call.outcome().equals(at(gone)));
    assertThat(manager.take(one)).contains(message(1)); // What has arrived can be read.
    assertThat(manager.outgoing()).isEmpty();
    assertThat(manager.size() + node.size()).isZero();
  }

  @Test
  @Tag("attack")
  void so_many_calls_and_not_one_more() throws Exception {
    TableCall first = manager.open(request("1"), WINDOW).orElseThrow();
    assertThat(manager.open(request("2"), WINDOW)).isPresent();
    assertThat(manager.open(request("3"), WINDOW)).isEmpty();
    deliver(manager, node);
    manager.cancel(first, Outcome.OK);
    TableCall third = manager.open(request("3"), WINDOW).orElseThrow();
    List<CallFrame> frames = manager.outgoing();
    // The other end may think otherwise, and opens one before the first is gone here.
    CallTable careful = new CallTable(ANSWERING, 1);
    assertThat(careful.receive(opening(1, WINDOW))).isPresent();
    assertThat(careful.receive(opening(2, WINDOW))).isEmpty();
    assertThat(careful.outgoing().getFirst().getOutcome().getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED.value());
    assertThat(careful.size()).isEqualTo(1);
    for (CallFrame frame : frames) {
      node.receive(frame);
    }
    assertThat(node.find(third.id())).isPresent();
    assertThat(node.size()).isEqualTo(2);
  }

  @Test
  @Tag("attack")
  void whoever_breaks_the_rules_is_found_out() throws Exception {
    assertThat(manager.open(request("1"), WINDOW)).isPresent();
    deliver(manager, node);
    CallMessage fits = message(1);
    List<CallFrame> lies =
        List.of(
            frame(0).setMessage(fits).build(),
            frame(2).setMessage(fits).build(),
            frame(-1).setMessage(fits).build(),
            frame(1).build(),
            opening(1, WINDOW),
            opening(2, CallLimits.WINDOW_BYTES_MIN - 1),
            opening(2, CallLimits.WINDOW_BYTES_MAX + 1),
            opening(2, -1),
            frame(1).setCreditBytes(0).build(),
            frame(1).setCreditBytes(-5).build(),
            frame(1).setCreditBytes(CallLimits.WINDOW_BYTES_MAX - WINDOW + 1).build(),
            frame(1).setMessage(fits).build(), // Not admitted.
            frame(1).setOutcome(CallOutcome.getDefaultInstance()).build());
    for (CallFrame lie : lies) {
      assertThatThrownBy(() -> node.receive(lie)).as("%s", lie).isInstanceOf(CallViolation.class);
    }
    node.receive(frame(1).setCreditBytes(CallLimits.WINDOW_BYTES_MAX - WINDOW).build());
    node.receive(frame(1).setEnd(CallEnd.getDefaultInstance()).build());
    assertThatThrownBy(() -> node.receive(frame(1).setEnd(CallEnd.getDefaultInstance()).build()))
        .isInstanceOf(CallViolation.class);

    for (CallFrame lie :
        List.of(
            opening(2, WINDOW),
            frame(1).setEnd(CallEnd.getDefaultInstance()).build(),
            frame(1).setCancellation(CallCancellation.getDefaultInstance()).build(),
            frame(1).setMessage(message(CallLimits.MESSAGE_BYTES_MAX - 3)).build())) {
      assertThatThrownBy(() -> manager.receive(lie)).isInstanceOf(CallViolation.class);
    }
    manager.receive(frame(1).setMessage(message(CallLimits.MESSAGE_BYTES_MAX - 4)).build());
    assertThatThrownBy(
            () ->
                manager.receive(
                    frame(1).setMessage(message(CallLimits.MESSAGE_BYTES_MAX - 4)).build()))
        .isInstanceOf(CallViolation.class)
        .hasMessage("a message without a window for it");
  }

  @Test
  @Tag("attack")
  void a_request_at_the_limit_is_asked_and_one_past_it_is_not() {
    int around = request("").getSerializedSize();
    CallRequest longest = request("x".repeat(CallLimits.REQUEST_BYTES_MAX - around - 6));
    assertThat(longest.getSerializedSize()).isEqualTo(CallLimits.REQUEST_BYTES_MAX);
    assertThat(manager.open(longest, WINDOW)).isPresent();
    assertThat(manager.outgoing().getFirst().getSerializedSize())
        .isLessThanOrEqualTo(CallLimits.FRAME_BYTES_MAX);
    CallRequest longer = request("x".repeat(CallLimits.REQUEST_BYTES_MAX - around - 5));
    assertThatThrownBy(() -> manager.open(longer, WINDOW))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<CallTable.Opened> deliver(CallTable from, CallTable to) throws Exception {
    List<CallTable.Opened> opened = new ArrayList<>();
    for (CallFrame frame : from.outgoing()) {
      to.receive(frame).ifPresent(opened::add);
    }
    return opened;
  }

  private static Optional<Outcome> at(Outcome outcome) {
    return Optional.of(outcome);
  }

  private static CallFrame.Builder frame(long id) {
    return CallFrame.newBuilder().setCallId(id);
  }

  private static CallFrame opening(long id, int window) {
    return frame(id)
        .setOpening(CallOpening.newBuilder().setRequest(request("t")).setWindowBytes(window))
        .build();
  }

  private static CallRequest request(String taskId) {
    return CallRequest.newBuilder()
        .setLogs(LogsCall.newBuilder().setSelector(LogSelector.newBuilder().addTaskIds(taskId)))
        .build();
  }

  private static CallMessage message(int bytes) {
    return CallMessage.newBuilder().setChunk(ByteString.copyFrom(new byte[bytes])).build();
  }
}
