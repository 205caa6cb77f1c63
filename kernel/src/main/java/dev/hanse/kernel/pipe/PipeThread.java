package dev.hanse.kernel.pipe;

/**
 * The thread that {@link Pipes} are served on, made by whoever has them: what becomes of a turn
 * that fails, and who learns of it, is decided there.
 */
@FunctionalInterface
public interface PipeThread {
  /**
   * Begins to take turns on one thread of the kernel, again and again, whatever they throw.
   *
   * @return ends it after the present turn and waits for that, unless called by a turn
   */
  AutoCloseable begin(Work work);

  /** What the thread does again and again. */
  interface Work {
    /** Waits for something to do. */
    void await();

    /** Does it. */
    void perform();
  }
}
