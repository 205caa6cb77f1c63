package dev.hanse.control;

/**
 * One of the deciders that run one after the other over the state ({@link Passes}). It says what
 * has to change, by writing into the run's transaction, and looks only at what the run's {@link
 * Look} names: whatever else it looked at would come to the same. What it remembers from one run to
 * the next is a convenience that {@link #forget} ends: a full run finds all of it again.
 *
 * <p>To join, a pass is put into the list of {@link Passes#standard}. That a narrowed run of it
 * comes to what a full one does is then held by the tests and by the simulator, which compare the
 * two after each pass of the list, in every world they run.
 */
public interface Pass {
  /** What it is called in faults and tests; no two have the same name. */
  String name();

  /** Begins anew: the run that follows is a full one. */
  default void forget() {}

  /** Writes what has to change. */
  void run(Look look);
}
