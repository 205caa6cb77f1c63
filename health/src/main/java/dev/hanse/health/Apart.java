package dev.hanse.health;

import org.jspecify.annotations.Nullable;

/**
 * Pieces of one turn, none of which keeps the others from being done by what it throws. At the end
 * {@link #check} throws the first fault, so that the turn has failed all the same.
 */
public final class Apart {
  private static final int SUPPRESSED_MAX = 8;

  private @Nullable RuntimeException exception;
  private @Nullable Error error;
  private int others;

  /** Does a piece. */
  public void run(Runnable piece) {
    try {
      piece.run();
    } catch (RuntimeException fault) {
      if (isFirst(fault)) {
        exception = fault;
      }
    } catch (Error fault) {
      if (isFirst(fault)) {
        error = fault;
      }
    }
  }

  private boolean isFirst(Throwable fault) {
    Throwable first = exception != null ? exception : error;
    if (first != null && first != fault && others++ < SUPPRESSED_MAX) {
      first.addSuppressed(fault);
    }
    return first == null;
  }

  /** Throws what the first of those threw that failed; nothing if none did. */
  public void check() {
    if (exception != null) {
      throw exception;
    }
    if (error != null) {
      throw error;
    }
  }
}
