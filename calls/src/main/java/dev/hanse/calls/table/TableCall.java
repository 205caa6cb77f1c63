package dev.hanse.calls.table;

import dev.hanse.model.CallMessage;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * One call at one end. The {@link CallTable} alone changes it, and knows it until it is over; what
 * has arrived by then stays here to be read.
 */
public final class TableCall {
  private record Arrived(CallMessage message, int cost) {}

  private final long id;
  private final ArrayDeque<Arrived> inbox = new ArrayDeque<>();
  private long inboxBytes;

  /** What may still be sent, bytes. */
  private long sendWindow;

  /** What the other end may still send, bytes. */
  private long receiveWindow;

  /** What this end has room for, what it has read and given no credit for; bytes. */
  private long room;

  private long owed;

  private boolean askerEnded;
  private Optional<Outcome> outcome = Optional.empty();

  TableCall(long id) {
    this.id = id;
  }

  /** Its number in the stream. */
  public long id() {
    return id;
  }

  /** What has arrived and was not taken, bytes. */
  public long inboxBytes() {
    return inboxBytes;
  }

  /** Is there a message to be taken? */
  public boolean hasArrived() {
    return !inbox.isEmpty();
  }

  /** May a message of that cost be sent now? */
  public boolean hasWindow(int cost) {
    return outcome.isEmpty() && cost <= sendWindow;
  }

  /** Has the end that asks said that it sends no more? */
  public boolean askerEnded() {
    return askerEnded;
  }

  /** How it has ended; empty while it goes on. */
  public Optional<Outcome> outcome() {
    return outcome;
  }

  /** What the other end may have sent that was not taken here, at most; bytes. */
  long outstandingMax() {
    return inboxBytes + receiveWindow;
  }

  long room() {
    return room;
  }

  void widen(long bytes) {
    sendWindow += bytes;
  }

  boolean exceeds(long bytes) {
    return sendWindow + bytes > CallLimits.WINDOW_BYTES_MAX;
  }

  void sent(int cost) {
    sendWindow -= cost;
  }

  void admit(long bytes) {
    room = bytes;
    receiveWindow += bytes;
  }

  /** False if there is no window for it. */
  boolean arrived(CallMessage message, int cost) {
    if (cost > receiveWindow) {
      return false;
    }
    receiveWindow -= cost;
    inboxBytes += cost;
    inbox.add(new Arrived(message, cost));
    return true;
  }

  Optional<CallMessage> take() {
    Optional<Arrived> first = Optional.ofNullable(inbox.poll());
    first.ifPresent(
        arrived -> {
          inboxBytes -= arrived.cost();
          owed += arrived.cost();
        });
    return first.map(Arrived::message);
  }

  /**
   * What to give back to the other end now: not each byte alone, but always so much that the
   * longest message fits when all has been read; nothing after the end.
   */
  long settle() {
    boolean due = owed * 2 >= room || room - owed < CallLimits.WINDOW_BYTES_MIN;
    if (outcome.isPresent() || !due) {
      return 0;
    }
    long credit = owed;
    owed = 0;
    receiveWindow += credit;
    return credit;
  }

  void endAsker() {
    askerEnded = true;
  }

  void end(Outcome how) {
    if (outcome.isPresent()) {
      throw new IllegalStateException("call " + id + " has ended before: " + outcome.get());
    }
    outcome = Optional.of(how);
    receiveWindow = 0;
    sendWindow = 0;
  }

  void dropInbox() {
    inbox.clear();
    inboxBytes = 0;
  }
}
