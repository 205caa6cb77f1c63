package dev.hanse.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class OwnerThreadTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final AtomicLong now = new AtomicLong();
  private final Health health = new Health(now::get);
  private final BlockingQueue<Runnable> mailbox = new ArrayBlockingQueue<>(100);

  private final Turn<Runnable> turn =
      new Turn<>() {
        @Override
        public Runnable await() throws InterruptedException {
          return mailbox.take();
        }

        @Override
        public void perform(Runnable event) {
          event.run();
        }
      };

  @Test
  void whateverATurnThrowsTheNextIsTaken() throws Exception {
    try (OwnerThread thread = OwnerThread.named(health, "loop").vital().of(turn).start()) {
      mailbox.put(
          () -> {
            throw new IllegalStateException("first");
          });
      mailbox.put(
          () -> {
            throw new StackOverflowError();
          });
      mailbox.put(
          () -> {
            throw new OutOfMemoryError("third");
          });
      mailbox.put(() -> Thread.currentThread().interrupt());
      CompletableFuture<Boolean> reached = new CompletableFuture<>();
      mailbox.put(() -> reached.complete(true));
      assertThat(reached.get(20, TimeUnit.SECONDS)).isTrue();
      await(() -> health.report().isWell());
      assertThat(thread.isAlive()).isTrue();
    }
    assertThat(health.report().entries()).isEmpty();
  }

  @Test
  @Tag("attack")
  void aFaultThatCannotEvenBeSaidEndsNoThread() throws Exception {
    try (OwnerThread thread = OwnerThread.named(health, "loop").of(turn).start()) {
      for (int i = 0; i < 2; i++) {
        mailbox.put(
            () -> {
              throw new IllegalStateException() {
                @Override
                public String getMessage() {
                  throw new OutOfMemoryError("no room for a message");
                }
              };
            });
      }
      CompletableFuture<Boolean> reached = new CompletableFuture<>();
      mailbox.put(() -> reached.complete(true));
      assertThat(reached.get(20, TimeUnit.SECONDS)).isTrue();
      assertThat(thread.isAlive()).isTrue();
    }
  }

  @Test
  void severalFaultsInARowMakeTheNodeIllUntilATurnGoesWell() throws Exception {
    try (OwnerThread thread =
        OwnerThread.named(health, "loop").vital().virtual().of(turn).start()) {
      for (int i = 0; i < ThreadPart.FAULTS_TOLERATED; i++) {
        mailbox.put(
            () -> {
              throw new IllegalStateException("no disk");
            });
      }
      await(() -> !health.report().isWell());
      assertThat(health.vitalFaults()).singleElement().asString().contains("loop", "no disk");
      mailbox.put(() -> {});
      await(() -> health.vitalFaults().isEmpty());
      assertThat(thread.isClosed()).isFalse();
    }
  }

  @Test
  void workThatDoesNotComeBackIsSeenAndWaitingIsNot() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    try (OwnerThread thread =
        OwnerThread.named(health, "loop").stuckAfter(Duration.ofSeconds(5)).of(turn).start()) {
      now.addAndGet(Duration.ofSeconds(60).toNanos());
      assertThat(health.report().isWell()).as("it waits").isTrue();
      mailbox.put(
          () -> {
            entered.countDown();
            awaitQuietly(leave);
          });
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
      now.addAndGet(Duration.ofSeconds(6).toNanos());
      assertThat(health.report().faults()).containsExactly("loop has been stuck for 6 s");
      assertThat(health.vitalFaults()).as("nothing depends on it").isEmpty();
      leave.countDown();
      await(() -> health.report().isWell());
      assertThat(thread.isAlive()).isTrue();
    }
  }

  @Test
  void theStateIsMadeAnewUntilThatSucceeds() throws Exception {
    AtomicInteger rebuilt = new AtomicInteger();
    FaultPolicy policy =
        FaultPolicy.rebuild(
            () -> {
              if (rebuilt.incrementAndGet() < 4) {
                throw new java.io.IOException("not yet");
              }
            });
    try (OwnerThread thread = OwnerThread.named(health, "loop").policy(policy).of(turn).start()) {
      mailbox.put(
          () -> {
            throw new AssertionError("half done");
          });
      CompletableFuture<Integer> reached = new CompletableFuture<>();
      mailbox.put(() -> reached.complete(rebuilt.get()));
      assertThat(reached.get(20, TimeUnit.SECONDS)).isEqualTo(4);
      assertThat(thread.isAlive()).isTrue();
    }
  }

  @Test
  void stateThatDoesNotGetDoneIsSeenToo() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    FaultPolicy policy =
        FaultPolicy.rebuild(
            () -> {
              entered.countDown();
              awaitQuietly(leave);
            });
    try (OwnerThread thread =
        OwnerThread.named(health, "loop")
            .vital()
            .stuckAfter(Duration.ofSeconds(5))
            .policy(policy)
            .of(turn)
            .start()) {
      mailbox.put(
          () -> {
            throw new IllegalStateException("half done");
          });
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
      now.addAndGet(Duration.ofSeconds(6).toNanos());
      assertThat(health.vitalFaults()).containsExactly("loop has been stuck for 6 s");
      leave.countDown();
      await(() -> health.report().isWell());
      assertThat(thread.isAlive()).isTrue();
    }
  }

  @Test
  void whoGivesUpSaysSo() throws Exception {
    CompletableFuture<Throwable> last = new CompletableFuture<>();
    OwnerThread thread =
        OwnerThread.named(health, "loop")
            .vital()
            .policy(FaultPolicy.giveUp(last::complete))
            .of(turn)
            .start();
    mailbox.put(
        () -> {
          throw new IllegalStateException("lost");
        });
    assertThat(last.get(20, TimeUnit.SECONDS)).hasMessage("lost");
    assertThat(thread.join(LIMIT)).isTrue();
    assertThat(health.vitalFaults()).singleElement().asString().contains("has ended", "lost");
    thread.close();
    assertThat(health.report().entries()).isEmpty();
  }

  @Test
  void aThreadIsClosedFromOneOfItsTurns() throws Exception {
    CompletableFuture<OwnerThread> self = new CompletableFuture<>();
    OwnerThread thread = OwnerThread.named(health, "loop").of(turn).start();
    mailbox.put(() -> self.join().close());
    self.complete(thread);
    assertThat(thread.join(LIMIT)).isTrue();
  }

  @Test
  void conditionsAreLookedAtWhenSomebodyAsks() {
    AtomicInteger asked = new AtomicInteger();
    try (Health.Part disk =
        health.condition(
            "disk",
            true,
            () -> {
              if (asked.incrementAndGet() > 1) {
                throw new IllegalStateException("gone");
              }
              return java.util.Optional.of("full");
            })) {
      assertThat(disk.name()).isEqualTo("disk");
      assertThat(health.vitalFaults()).containsExactly("disk: full");
      assertThat(health.vitalFaults()).singleElement().asString().contains("cannot be looked at");
    }
    assertThat(health.report().isWell()).isTrue();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }
}
