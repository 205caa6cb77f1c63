package dev.hanse.calls.table;

import dev.hanse.model.CallCancellation;
import dev.hanse.model.CallEnd;
import dev.hanse.model.CallFrame;
import dev.hanse.model.CallMessage;
import dev.hanse.model.CallOpening;
import dev.hanse.model.CallRequest;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The calls of one stream, seen from one of its ends. Frames from the other end come in by {@link
 * #receive}; frames for it are collected and handed out, in their order, by {@link #outgoing}. Each
 * call ends once at each end, and then nothing is known of it any more.
 *
 * <p>Pure, and not safe for several threads.
 */
public final class CallTable {
  /** Which end of the stream this is. */
  public enum End {
    /** A manager, which opens calls. */
    ASKING,
    /** A node, which answers them. */
    ANSWERING
  }

  /** A call that the other end has opened. */
  public record Opened(TableCall call, CallRequest request) {}

  private final End end;
  private final int callsMax;
  private final Map<Long, TableCall> calls = new HashMap<>();
  private List<CallFrame> outgoing = new ArrayList<>();
  private long lastId;

  /**
   * A table without calls.
   *
   * @param callsMax of which there may be so many at a time
   */
  public CallTable(End end, int callsMax) {
    this.end = end;
    this.callsMax = callsMax;
  }

  /** Is this the end that opens calls? */
  public boolean isAsking() {
    return end == End.ASKING;
  }

  /** How many calls go on. */
  public int size() {
    return calls.size();
  }

  /** All calls that go on. */
  public List<TableCall> calls() {
    return List.copyOf(calls.values());
  }

  /** The call of that number, if it goes on. */
  public Optional<TableCall> find(long id) {
    return Optional.ofNullable(calls.get(id));
  }

  /** The frames to be sent since this was last asked, in order. */
  public List<CallFrame> outgoing() {
    List<CallFrame> frames = outgoing;
    outgoing = new ArrayList<>();
    return frames;
  }

  /**
   * Opens a call.
   *
   * @param windowBytes what the node may send that was not taken here
   * @return empty if there are too many calls
   * @throws IllegalArgumentException if request or window are out of their limits
   */
  public Optional<TableCall> open(CallRequest request, int windowBytes) {
    require(End.ASKING);
    if (request.getSerializedSize() > CallLimits.REQUEST_BYTES_MAX) {
      throw new IllegalArgumentException("the request is too long");
    }
    requireWindow(windowBytes);
    if (calls.size() >= callsMax) {
      return Optional.empty();
    }
    TableCall call = new TableCall(++lastId);
    calls.put(call.id(), call);
    call.admit(windowBytes);
    send(
        call,
        CallFrame.newBuilder()
            .setOpening(CallOpening.newBuilder().setRequest(request).setWindowBytes(windowBytes)));
    return Optional.of(call);
  }

  /**
   * The node is ready to be sent messages in a call; once in each call.
   *
   * @param windowBytes what may be sent that was not taken here
   */
  public void admit(TableCall call, int windowBytes) {
    require(End.ANSWERING);
    requireWindow(windowBytes);
    if (call.room() != 0) {
      throw new IllegalStateException("messages are admitted already");
    }
    if (call.outcome().isEmpty()) {
      call.admit(windowBytes);
      send(call, CallFrame.newBuilder().setCreditBytes(windowBytes));
    }
  }

  /**
   * Sends a message.
   *
   * @throws IllegalStateException if the call has ended or has no window for it
   * @throws IllegalArgumentException if the message is too long
   */
  public void send(TableCall call, CallMessage message) {
    int cost = CallLimits.cost(message);
    if (message.getSerializedSize() > CallLimits.MESSAGE_BYTES_MAX) {
      throw new IllegalArgumentException("the message is too long");
    }
    if (!call.hasWindow(cost) || (end == End.ASKING && call.askerEnded())) {
      throw new IllegalStateException("the call takes no message");
    }
    call.sent(cost);
    send(call, CallFrame.newBuilder().setMessage(message));
  }

  /** The next message that has arrived in a call, which may be over. */
  public Optional<CallMessage> take(TableCall call) {
    Optional<CallMessage> message = call.take();
    boolean more = end == End.ASKING || !call.askerEnded();
    long credit = message.isPresent() && more ? call.settle() : 0;
    if (credit > 0) {
      send(call, CallFrame.newBuilder().setCreditBytes((int) credit));
    }
    return message;
  }

  /** The end that asks sends no more messages in a call; nothing happens the second time. */
  public void endSending(TableCall call) {
    require(End.ASKING);
    if (call.outcome().isEmpty() && !call.askerEnded()) {
      call.endAsker();
      send(call, CallFrame.newBuilder().setEnd(CallEnd.getDefaultInstance()));
    }
  }

  /**
   * The end that asks wants no more of a call: what has arrived is forgotten. Nothing but that
   * happens if it is over.
   */
  public void cancel(TableCall call, Outcome how) {
    require(End.ASKING);
    call.dropInbox();
    if (call.outcome().isEmpty()) {
      send(call, CallFrame.newBuilder().setCancellation(CallCancellation.getDefaultInstance()));
      over(call, how);
    }
  }

  /** The node has answered a call; nothing happens if it is over. */
  public void finish(TableCall call, Outcome how) {
    require(End.ANSWERING);
    call.dropInbox();
    if (call.outcome().isEmpty()) {
      send(call, CallFrame.newBuilder().setOutcome(how.message()));
      over(call, how);
    }
  }

  /** The stream is gone: so are its calls. */
  public void lost(Outcome how) {
    for (TableCall call : calls()) {
      over(call, how);
    }
    outgoing.clear();
  }

  /**
   * Takes a frame of the other end.
   *
   * @return the call that it opens, if it does
   * @throws CallViolation if the other end does not keep to the protocol
   */
  public Optional<Opened> receive(CallFrame frame) throws CallViolation {
    if (frame.getPartCase() == CallFrame.PartCase.OPENING) {
      return opened(frame.getCallId(), frame.getOpening());
    }
    if (frame.getCallId() <= 0 || frame.getCallId() > lastId) {
      throw new CallViolation("a frame for call " + frame.getCallId() + ", which was not opened");
    }
    Optional<TableCall> call = find(frame.getCallId());
    if (call.isPresent()) {
      receive(call.get(), frame);
    }
    return Optional.empty();
  }

  private Optional<Opened> opened(long id, CallOpening opening) throws CallViolation {
    check(end == End.ANSWERING, "an opening from a node");
    check(id > lastId, "call " + id + " was opened before");
    check(
        opening.getRequest().getSerializedSize() <= CallLimits.REQUEST_BYTES_MAX,
        "a request that is too long");
    check(
        opening.getWindowBytes() >= CallLimits.WINDOW_BYTES_MIN
            && opening.getWindowBytes() <= CallLimits.WINDOW_BYTES_MAX,
        "a window of " + opening.getWindowBytes() + " bytes");
    lastId = id;
    TableCall call = new TableCall(id);
    calls.put(id, call);
    if (calls.size() > callsMax) {
      finish(
          call,
          new Outcome(
              Status.Code.RESOURCE_EXHAUSTED, "the node answers too many calls at the moment"));
      return Optional.empty();
    }
    call.widen(opening.getWindowBytes());
    return Optional.of(new Opened(call, opening.getRequest()));
  }

  private void receive(TableCall call, CallFrame frame) throws CallViolation {
    switch (frame.getPartCase()) {
      case MESSAGE -> arrived(call, frame.getMessage());
      case CREDIT_BYTES -> {
        int bytes = frame.getCreditBytes();
        check(bytes > 0 && !call.exceeds(bytes), "too much credit");
        call.widen(bytes);
      }
      case END -> {
        check(end == End.ANSWERING && !call.askerEnded(), "an end out of place");
        call.endAsker();
      }
      case OUTCOME -> {
        check(end == End.ASKING, "an outcome from a manager");
        over(call, Outcome.of(frame.getOutcome()));
      }
      case CANCELLATION -> {
        check(end == End.ANSWERING, "a cancellation from a node");
        call.dropInbox();
        over(call, new Outcome(Status.Code.CANCELLED, "the call was cancelled"));
      }
      case GREETING, OPENING, PART_NOT_SET ->
          throw new CallViolation("a frame out of place: " + frame.getPartCase());
    }
  }

  private void arrived(TableCall call, CallMessage message) throws CallViolation {
    check(
        message.getSerializedSize() <= CallLimits.MESSAGE_BYTES_MAX, "a message that is too long");
    check(end == End.ASKING || !call.askerEnded(), "a message after the last");
    check(call.arrived(message, CallLimits.cost(message)), "a message without a window for it");
  }

  private void over(TableCall call, Outcome how) {
    call.end(how);
    calls.remove(call.id());
  }

  private void send(TableCall call, CallFrame.Builder frame) {
    outgoing.add(frame.setCallId(call.id()).build());
  }

  private void require(End wanted) {
    if (end != wanted) {
      throw new IllegalStateException("this end is " + end);
    }
  }

  private static void requireWindow(int bytes) {
    if (bytes < CallLimits.WINDOW_BYTES_MIN || bytes > CallLimits.WINDOW_BYTES_MAX) {
      throw new IllegalArgumentException("a window of " + bytes + " bytes");
    }
  }

  private static void check(boolean kept, String otherwise) throws CallViolation {
    if (!kept) {
      throw new CallViolation(otherwise);
    }
  }
}
