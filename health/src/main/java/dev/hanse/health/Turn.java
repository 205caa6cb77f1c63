package dev.hanse.health;

/**
 * What an {@link OwnerThread} does again and again. Waiting and working are told apart, so that a
 * thread that is stuck in its work can be told from one that has none.
 *
 * @param <E> what it waits for
 */
public interface Turn<E> {
  /**
   * Waits for something to do, or until it is time to do something.
   *
   * @throws InterruptedException when the thread is closed
   */
  E await() throws Exception;

  /** Does it. */
  void perform(E event) throws Exception;
}
