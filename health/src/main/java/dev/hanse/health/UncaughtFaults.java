package dev.hanse.health;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a fault that has ended a thread which nobody watches: it is logged with the
 * thread's name, and the node's health tells of it for some minutes. It ends nothing else. That
 * holds for an OutOfMemoryError, too, as far as one gets here: for a heap that is full the virtual
 * machine ends the process at once, as it is told to at its start.
 */
public final class UncaughtFaults implements Thread.UncaughtExceptionHandler, AutoCloseable {
  /** Longer than people look away, short enough to be gone when it does not matter any more. */
  public static final Duration TOLD_FOR = Duration.ofMinutes(10);

  private record Last(String text, long nanos) {}

  private final Health health;
  private final FaultLog log = new FaultLog("a thread that nobody watches");
  private final Health.Part part;
  private long count;
  private volatile @Nullable Last last;

  private UncaughtFaults(Health health) {
    this.health = health;
    this.part = health.condition("uncaught", false, this::fault);
  }

  /** For all threads of this process that have no handler of their own, until it is closed. */
  public static UncaughtFaults install(Health health) {
    UncaughtFaults faults = new UncaughtFaults(health);
    Thread.setDefaultUncaughtExceptionHandler(faults);
    return faults;
  }

  @Override
  public void uncaughtException(Thread thread, Throwable fault) {
    try {
      note(new EndOfThread(thread.getName(), fault));
    } catch (Throwable another) {
      // No memory even for this: it is counted, and the next says so.
    }
  }

  private synchronized void note(EndOfThread end) {
    count++;
    String others = count == 1 ? "" : ", the " + count + "th since the start";
    last = new Last(end.getMessage() + others, health.now());
    log.log(end, 1);
  }

  private Optional<String> fault() {
    Last present = last;
    return present == null || health.now() - present.nanos > TOLD_FOR.toNanos()
        ? Optional.empty()
        : Optional.of(present.text);
  }

  /** Takes the handler out, if it still is the process's. */
  @Override
  public void close() {
    if (Thread.getDefaultUncaughtExceptionHandler() == this) {
      Thread.setDefaultUncaughtExceptionHandler(null);
    }
    part.close();
  }

  /** So that the log has the thread's name beside the trace of what has ended it. */
  private static final class EndOfThread extends Exception {
    private static final long serialVersionUID = 1;

    private final String text;

    EndOfThread(String thread, Throwable fault) {
      super("", fault, false, false);
      this.text =
          "thread " + (thread.isEmpty() ? "without a name" : thread) + " was ended by " + fault;
    }

    @Override
    public String getMessage() {
      return text;
    }
  }
}
