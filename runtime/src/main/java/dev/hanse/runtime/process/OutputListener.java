package dev.hanse.runtime.process;

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

  /** What is read for a listener, which may hold it up. */
  interface Flow {
    /**
     * Reads no more until {@link #resume}; of each stream one chunk more may come. The process
     * waits when it has filled its pipe.
     */
    void pause();

    /** Reads again. */
    void resume();
  }

  /** Somebody who does not care. */
  OutputListener NONE = (stream, chunk) -> {};

  /** Before anything else: how to hold the output up. */
  default void begins(Flow flow) {}

  /**
   * A piece of output, as it came.
   *
   * @param chunk valid during the call only
   */
  void output(Stream stream, ByteBuffer chunk);

  /** Both streams have ended: nothing more will come of this run. */
  default void ended() {}
}
