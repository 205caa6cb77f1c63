package dev.hanse.sim.history;

/**
 * One operation of a client.
 *
 * @param client who asked; one client may have several operations open
 * @param action what was asked, and what was answered
 * @param called when the request was sent, in any unit that all operations share
 * @param returned when the answer was there; {@link #NEVER} if none came: it may have taken effect
 *     at any time after the call, or not at all
 */
public record Operation<A>(String client, A action, long called, long returned) {
  /** No answer. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Is it unknown what came of it? */
  public boolean isOpen() {
    return returned == NEVER;
  }
}
