package dev.hanse.systemtest.faults;

import dev.hanse.health.Turn;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * In the daemon: makes turns throw as the file {@link #ROUND} says, and writes to the file {@link
 * #NOTES} what the threads do. Its methods are called by what {@link TurnClasses} puts into the
 * classes of turns.
 */
public final class TurnFaults {
  static final String ROUND = "round";
  static final String NOTES = "notes";
  private static final long LOOK_MS = 50;

  private static final Map<String, String> PLACES = new ConcurrentHashMap<>();
  private static final Map<Thread, Life> LIVES = new ConcurrentHashMap<>();

  private static volatile Path directory = Path.of("/");
  private static volatile Round round = Round.NONE;

  private TurnFaults() {}

  /** What a thread did; all but {@link #toldToEnd} is the thread's own. */
  private static final class Life {
    private final String thread;

    /** The last round in which it threw. */
    Round thrown = Round.NONE;

    boolean armed;
    boolean well = true;
    private boolean wentOn = true;
    private boolean toldToEnd;

    Life(Thread thread) {
      this.thread = thread.getName();
    }

    synchronized void threw() {
      note(Note.Kind.THREW);
      wentOn = false;
      if (toldToEnd) {
        goesOn();
      }
    }

    synchronized void goesOn() {
      if (!wentOn) {
        wentOn = true;
        note(Note.Kind.WENT_ON);
      }
    }

    synchronized void tellToEnd() {
      toldToEnd = true;
      goesOn();
    }

    void note(Note.Kind kind) {
      write(new Note(thrown.number(), kind, PLACES.getOrDefault(thread, "?"), thread));
    }
  }

  private static Life life(Thread thread) {
    return LIVES.computeIfAbsent(thread, Life::new);
  }

  /** The agent's beginning, before that of the daemon. */
  public static void premain(String given, Instrumentation instrumentation) throws IOException {
    directory = Path.of(given);
    look();
    instrumentation.addTransformer(new TurnClasses());
    Thread.ofPlatform().daemon().name("turn-faults").start(TurnFaults::follow);
  }

  private static void follow() {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        look();
      }
    } catch (InterruptedException | IOException fault) {
      System.err.println("faults of turns: " + fault);
    }
  }

  private static void look() throws IOException {
    try {
      round = Round.parse(Files.readString(directory.resolve(ROUND)));
    } catch (NoSuchFileException none) {
      round = Round.NONE;
    }
  }

  /** At the beginning of {@code OwnerThread.named}. */
  public static void named(String thread) {
    PLACES.put(
        thread,
        StackWalker.getInstance()
            .walk(
                frames ->
                    frames
                        .skip(2)
                        .findFirst()
                        .map(frame -> frame.getClassName() + ":" + frame.getLineNumber())
                        .orElseThrow()));
  }

  /** When an {@code OwnerThread} is told to end. */
  public static void ended(Thread thread) {
    life(thread).tellToEnd();
  }

  /** In the place of {@code turn.await()}. */
  public static @Nullable Object await(Turn<?> turn) throws Exception {
    life(Thread.currentThread()).goesOn();
    return turn.await();
  }

  /** In the place of {@code turn.perform(event)}. */
  public static <E> void perform(Turn<E> turn, E event) throws Exception {
    Round present = round;
    Life life = life(Thread.currentThread());
    if (present.number() > life.thrown.number()
        && present.threads().has(Thread.currentThread().getName())) {
      performBadly(turn, event, life, present);
    } else {
      turn.perform(event);
      if (!life.well) {
        life.well = true;
        life.note(Note.Kind.WELL);
      }
    }
  }

  private static <E> void performBadly(Turn<E> turn, E event, Life life, Round present)
      throws Exception {
    life.thrown = present;
    life.well = false;
    life.armed = true;
    try {
      if (present.place() == Round.Place.BEGINNING) {
        turn.perform(event);
      } else {
        life.armed = false;
        turn.perform(event);
        life.armed = true;
      }
    } finally {
      // A turn that calls nothing of ours throws at its end.
      if (life.armed) {
        raise(life);
      }
    }
  }

  /** Before each call of ours in a turn's work. */
  public static void inside() {
    Life life = life(Thread.currentThread());
    if (life.armed && life.thrown.place() == Round.Place.BEGINNING) {
      raise(life);
    }
  }

  private static void raise(Life life) {
    life.armed = false;
    life.threw();
    throw life.thrown.fault().raise();
  }

  private static synchronized void write(Note note) {
    try {
      Files.writeString(
          directory.resolve(NOTES),
          note.line() + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException fault) {
      System.err.println("faults of turns: " + fault);
    }
  }
}
