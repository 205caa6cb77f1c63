package dev.hanse.sim.time;

import java.util.ArrayDeque;

/**
 * A daemon's process: what it has begun dies with it, and stands still while it is paused. Its
 * clock may be wrong by a constant.
 */
public final class Machine {
  private final Timeline timeline;
  private final String name;
  private final long clockErrorNanos;
  private long run;
  private boolean up;
  private long pausedUntil;

  /** What came during a pause, in order. */
  private final ArrayDeque<Runnable> deferred = new ArrayDeque<>();

  private boolean catchingUp;

  /** A process that does not run yet. */
  public Machine(Timeline timeline, String name, long clockErrorNanos) {
    this.timeline = timeline;
    this.name = name;
    this.clockErrorNanos = clockErrorNanos;
  }

  /** Its host's name. */
  public String name() {
    return name;
  }

  /** Does it run, if perhaps paused? */
  public boolean isUp() {
    return up;
  }

  /** Is it paused now? */
  public boolean isPaused() {
    return timeline.nanos() < pausedUntil;
  }

  /** Tells one run of the process from another. */
  public long run() {
    return run;
  }

  /** Starts the process. */
  public void start() {
    up = true;
    pausedUntil = 0;
    run++;
  }

  /** Ends the process at once. */
  public void kill() {
    up = false;
    run++;
    deferred.clear();
  }

  /** Stops its threads for so long: a full garbage collection, a SIGSTOP, a starved host. */
  public void pause(long nanos) {
    pausedUntil = Math.max(pausedUntil, timeline.nanos() + nanos);
    timeline.at(pausedUntil, this::catchUp);
  }

  /** Lets a paused process go on. */
  public void resume() {
    pausedUntil = 0;
    timeline.after(0, this::catchUp);
  }

  /** Nanoseconds of a clock that only goes forward. */
  public long nanos() {
    return timeline.nanos();
  }

  /** What its clock shows. */
  public java.time.Instant instant() {
    return timeline.instant().plusNanos(clockErrorNanos);
  }

  /** Has something done by this run of the process. */
  public void after(long nanos, Runnable action) {
    long mine = run;
    timeline.after(nanos, () -> perform(mine, action));
  }

  /** Has something done now, or when the pause is over, by whatever run there is then. */
  public void receive(Runnable action) {
    perform(run, action);
  }

  private void perform(long mine, Runnable action) {
    if (!up || mine != run) {
      return;
    }
    if (isPaused() || (!deferred.isEmpty() && !catchingUp)) {
      deferred.add(action);
    } else {
      action.run();
    }
  }

  /** Does what came during the pause, unless another one has begun. */
  private void catchUp() {
    catchingUp = true;
    while (!deferred.isEmpty() && !isPaused()) {
      deferred.remove().run();
    }
    catchingUp = false;
  }
}
