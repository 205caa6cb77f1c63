package dev.hanse.health;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A thread that owns state and takes turns until it is closed. Whatever a turn throws, errors
 * included, is logged and answered by the one {@link FaultPolicy} of the thread; faults that follow
 * one another make it pause, so that it never spins. How it does is part of the node's {@link
 * Health}: several faults in a row, work that does not come back, the end.
 *
 * <p>Nothing else ends it: an interruption that is not {@link #close} is a fault like any other.
 */
public final class OwnerThread implements AutoCloseable {
  private static final long PAUSE_FIRST_MS = 10;
  private static final long PAUSE_LAST_MS = 1_000;

  private final Health health;
  private final ThreadPart part;
  private final Thread thread;
  private final FaultLog faults;
  private volatile boolean closed;

  /** The thread that a turn runs on, and how much depends on it. */
  public static final class Plan {
    private static final Duration STUCK_AFTER = Duration.ofSeconds(30);

    private final Health health;
    private final String name;
    private boolean vital;
    private boolean virtual;
    private boolean keepsProcess;
    private Duration stuckAfter = STUCK_AFTER;
    private FaultPolicy policy = FaultPolicy.goOn();

    private Plan(Health health, String name) {
      this.health = health;
      this.name = name;
    }

    /** Without it the node can run no tasks, or rule no cluster. */
    public Plan vital() {
      vital = true;
      return this;
    }

    /** On a virtual thread: for one that mostly waits for others, and makes no native calls. */
    public Plan virtual() {
      virtual = true;
      return this;
    }

    /** The process does not end before it. */
    public Plan keepingProcess() {
      keepsProcess = true;
      return this;
    }

    /** A turn's work may take so long; the usual is 30 seconds. */
    public Plan stuckAfter(Duration limit) {
      stuckAfter = limit;
      return this;
    }

    /** The usual is {@link FaultPolicy#goOn}. */
    public Plan policy(FaultPolicy after) {
      policy = after;
      return this;
    }

    /** The thread, which is not started yet. */
    public <E> OwnerThread of(Turn<E> turn) {
      return new OwnerThread(this, turn);
    }

    /** One that waits for so long before each turn. */
    public OwnerThread every(Duration interval, Runnable action) {
      return of(
          new Turn<Runnable>() {
            @Override
            public Runnable await() throws InterruptedException {
              TimeUnit.NANOSECONDS.sleep(interval.toNanos());
              return action;
            }

            @Override
            public void perform(Runnable due) {
              due.run();
            }
          });
    }
  }

  /** Plans a thread. */
  public static Plan named(Health health, String name) {
    return new Plan(health, name);
  }

  private <E> OwnerThread(Plan plan, Turn<E> turn) {
    this.part = new ThreadPart(plan.health, plan.name, plan.vital, plan.stuckAfter);
    this.faults = new FaultLog(plan.name);
    this.health = plan.health;
    FaultPolicy policy = plan.policy;
    Runnable run = () -> run(turn, policy);
    this.thread =
        plan.virtual
            ? Thread.ofVirtual().name(plan.name).unstarted(run)
            : Thread.ofPlatform().daemon(!plan.keepsProcess).name(plan.name).unstarted(run);
  }

  /** Begins to take turns. */
  public OwnerThread start() {
    health.add(part);
    thread.start();
    return this;
  }

  /** Whether this is called by one of its turns. */
  public boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  /** Whether it was told to end. */
  public boolean isClosed() {
    return closed;
  }

  /** Whether it has begun and has not ended. */
  public boolean isAlive() {
    return thread.isAlive();
  }

  /** Lets it end after the present turn, without interrupting that. */
  public void endAfterTurn() {
    closed = true;
    part.close();
  }

  /** Interrupts it to end it, and does not wait. */
  public void interruptAndEnd() {
    closed = true;
    thread.interrupt();
    part.close();
  }

  /** Interrupts it and waits for its end; a turn of its own that calls it is only told to end. */
  @Override
  public void close() {
    interruptAndEnd();
    awaitEnd();
  }

  /** Waits for its end, however long that takes; a turn of its own that calls it does not wait. */
  public void awaitEnd() {
    boolean interrupted = false;
    while (!isCurrent() && thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for its end, but not longer; false if it goes on. */
  public boolean join(Duration limit) {
    if (isCurrent() || thread.getState() == Thread.State.NEW) {
      return !thread.isAlive();
    }
    try {
      return thread.join(limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !thread.isAlive();
    }
  }

  private <E> void run(Turn<E> turn, FaultPolicy policy) {
    boolean broken = false;
    while (!closed) {
      Throwable fault = broken ? rebuild(policy) : turn(turn);
      if (fault == null) {
        broken = false;
      } else if (!closed) {
        int inRow = part.faulted(fault);
        log(fault, inRow);
        switch (policy) {
          case FaultPolicy.GoOn _ -> pause(inRow);
          case FaultPolicy.Rebuild _ -> {
            broken = true;
            pause(inRow);
          }
          case FaultPolicy.GiveUp(var last) -> {
            part.ended(ThreadPart.told(fault));
            last.accept(fault);
            return;
          }
        }
      }
    }
    part.close();
  }

  /** The log may lack the memory that the turn lacked before; that ends no thread either. */
  private void log(Throwable fault, int inRow) {
    try {
      faults.log(fault, inRow);
    } catch (Throwable _) {
      // What it was is in the node's health.
    }
  }

  /** Empty (null) if all went well: this is on the way of each event. */
  private <E> @Nullable Throwable turn(Turn<E> turn) {
    try {
      E event = turn.await();
      part.works();
      try {
        turn.perform(event);
      } finally {
        part.waits();
      }
      part.didWell();
      return null;
    } catch (Throwable fault) {
      return fault;
    }
  }

  private @Nullable Throwable rebuild(FaultPolicy policy) {
    try {
      if (policy instanceof FaultPolicy.Rebuild(var rebuilding)) {
        part.works();
        try {
          rebuilding.rebuild();
        } finally {
          part.waits();
        }
      }
      return null;
    } catch (Throwable fault) {
      return fault;
    }
  }

  private void pause(int inRow) {
    if (inRow == 1) {
      return;
    }
    try {
      TimeUnit.MILLISECONDS.sleep(
          Math.min(PAUSE_FIRST_MS << Math.min(inRow - 2, 10), PAUSE_LAST_MS));
    } catch (InterruptedException e) {
      // Closed, or a stray one: either way the loop looks.
    }
  }
}
