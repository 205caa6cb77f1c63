package dev.hanse.agent.log;

/**
 * Where an entry begins in a container's log. A file that is gone by now stands for the beginning
 * of the oldest that is there.
 *
 * @param file its number; 0 for the first there is
 * @param offset bytes from its beginning
 */
public record LogPosition(long file, long offset) {
  /** The beginning of the log. */
  public static final LogPosition BEGIN = new LogPosition(0, 0);
}
