package dev.hanse.runtime.containers;

import java.nio.ByteBuffer;

/**
 * Receives what a container or an exec writes. Called by one reader thread, in order per stream;
 * must not block: while it does, no container's output is read.
 */
public interface OutputListener {
  /** Which of the two standard streams. */
  enum Stream {
    /** Standard output; everything of a terminal. */
    STDOUT,
    /** Standard error. */
    STDERR
  }

  /** Somebody who does not care. */
  OutputListener NONE = (stream, chunk) -> {};

  /**
   * A piece of output, as it came.
   *
   * @param chunk valid during the call only
   */
  void output(Stream stream, ByteBuffer chunk);

  /** Both streams have ended: nothing more will come of this run. */
  default void ended() {}
}
