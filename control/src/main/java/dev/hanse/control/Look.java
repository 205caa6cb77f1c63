package dev.hanse.control;

import dev.hanse.store.Transaction;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What one pass gets to see and to write in one run.
 *
 * @param transaction the state with what earlier passes of the run have written; takes this one's
 * @param context the time and the random numbers of the run
 * @param isolation keeps what one object makes its part throw away from the others
 * @param scope what is to be looked at: what changed since the last run, and what earlier passes of
 *     this run have written
 * @param deadlines when this pass wants to look again at which of its keys, whatever those are
 */
public record Look(
    Transaction transaction,
    Context context,
    Isolation isolation,
    Scope scope,
    Deadlines deadlines) {
  /** The time of the run. */
  public Instant now() {
    return Times.instant(context.now());
  }

  /** The keys of this pass whose time has come. */
  public List<String> due() {
    return deadlines.due(now());
  }

  /**
   * Does for each key its part of the pass. A key that is looked at has no deadline any more unless
   * its part sets one; if the part throws, what it wrote is taken back, and the key is looked at
   * again when it changes and in each full run.
   *
   * @param kind what the keys name: "service"
   */
  public void each(String kind, Set<String> keys, Consumer<String> part) {
    for (String key : keys) {
      deadlines.clear(key);
      if (!isolation.run(kind, key, () -> part.accept(key))) {
        deadlines.clear(key); // What it asked for on its way to the fault would make runs spin.
      }
    }
  }
}
