package dev.hanse.manager.loop;

import dev.hanse.store.Changes;
import dev.hanse.store.Snapshot;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Changes on their way through the log, in order. When some have failed, those behind them fail
 * too, but those before may still arrive, and of several entries of one change some: what the state
 * will be is known when all have landed, and nothing is decided until then.
 */
final class Flights {
  /** Changes proposed and not yet committed. */
  private static final int MAX = 16;

  private record Flight(Changes changes, long lastRequestId, CompletableFuture<Void> committed) {}

  private final ArrayDeque<Flight> flying = new ArrayDeque<>();
  private boolean broken;

  boolean isFull() {
    return flying.size() >= MAX;
  }

  boolean isEmpty() {
    return flying.isEmpty();
  }

  /** Has one failed, and have not all landed since? */
  boolean isBroken() {
    return broken;
  }

  /** In order: each completes when committed, or fails. */
  List<CompletableFuture<Void>> list() {
    return flying.stream().map(Flight::committed).toList();
  }

  /** The last one, or if there is none something that is done. */
  CompletableFuture<Void> last() {
    return flying.isEmpty()
        ? CompletableFuture.completedFuture(null)
        : flying.getLast().committed();
  }

  /** Changes have been proposed, the last entry under this number. */
  void add(Changes changes, long lastRequestId, CompletableFuture<Void> committed) {
    flying.addLast(new Flight(changes, lastRequestId, committed));
  }

  /** What flies concerns this term no more. */
  void clear() {
    flying.clear();
    broken = false;
  }

  /**
   * Takes off what has landed.
   *
   * @param applied the committed state, not older than what has landed
   * @return whether something has failed and all have landed now: whoever proposes may begin anew,
   *     on the state as it is after this
   */
  boolean land(StoreState.Applied applied) {
    broken |= flying.stream().anyMatch(flight -> flight.committed().isCompletedExceptionally());
    if (broken) {
      flying.removeIf(flight -> flight.committed().isDone());
      broken = !flying.isEmpty();
      return !broken;
    }
    while (!flying.isEmpty() && flying.getFirst().lastRequestId() <= applied.requestId()) {
      flying.removeFirst();
    }
    return false;
  }

  /** The state as it will be when all have landed. */
  Snapshot onTopOf(Snapshot committed) {
    Snapshot expected = committed;
    for (Flight flight : flying) {
      expected = expected.preview(flight.changes());
    }
    return expected;
  }
}
