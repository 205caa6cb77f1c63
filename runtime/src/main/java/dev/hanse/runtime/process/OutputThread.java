package dev.hanse.runtime.process;

import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.kernel.pipe.PipeThread;

/** The thread that moves what containers write; without it the node can run none. */
public final class OutputThread implements PipeThread {
  private final Health health;

  /** Registers the thread as vital there. */
  public OutputThread(Health health) {
    this.health = health;
  }

  @Override
  public AutoCloseable begin(PipeThread.Work work) {
    OwnerThread thread =
        OwnerThread.named(health, "container output")
            .vital()
            .of(
                new Turn<PipeThread.Work>() {
                  @Override
                  public PipeThread.Work await() {
                    work.await();
                    return work;
                  }

                  @Override
                  public void perform(PipeThread.Work ready) {
                    ready.perform();
                  }
                })
            .start();
    return () -> {
      // Not interrupted: what it is handing over shall arrive.
      thread.endAfterTurn();
      thread.awaitEnd();
    };
  }
}
