package dev.hanse.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class UncaughtFaultsTest {
  private final AtomicLong now = new AtomicLong();
  private final Health health = new Health(now::get);

  private static void end(String name, boolean virtual, Throwable fault) throws Exception {
    Runnable body =
        () -> {
          switch (fault) {
            case Error error -> throw error;
            case RuntimeException exception -> throw exception;
            default -> throw new AssertionError(fault);
          }
        };
    Thread thread =
        virtual
            ? Thread.ofVirtual().name(name).start(body)
            : Thread.ofPlatform().name(name).start(body);
    thread.join();
  }

  @Test
  @Tag("attack")
  void whatEndsAThreadIsToldWithItsNameForAWhile() throws Exception {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    try (UncaughtFaults faults = UncaughtFaults.install(health)) {
      assertThat(health.report().isWell()).isTrue();
      end("worker-1", false, new IllegalStateException("boom"));
      assertThat(health.report().faults())
          .containsExactly(
              "uncaught: thread worker-1 was ended by java.lang.IllegalStateException: boom");
      assertThat(health.report().isFit()).as("nothing vital").isTrue();
      end("worker-2", true, new OutOfMemoryError("unable to create native thread"));
      assertThat(health.report().faults())
          .singleElement()
          .asString()
          .contains("worker-2", "OutOfMemoryError", "the 2th since the start");
      end("", true, new StackOverflowError());
      assertThat(health.report().faults())
          .singleElement()
          .asString()
          .contains("thread without a name", "StackOverflowError");

      now.addAndGet(UncaughtFaults.TOLD_FOR.toNanos());
      assertThat(health.report().isWell()).as("at the limit").isFalse();
      now.addAndGet(1);
      assertThat(health.report().isWell()).isTrue();
      assertThat(faults).isSameAs(Thread.getDefaultUncaughtExceptionHandler());
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertThat(health.report().entries()).isEmpty();
  }

  @Test
  @Tag("attack")
  void manyOfThemAndWhatTheySayFillNothing() throws Exception {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    try (UncaughtFaults faults = UncaughtFaults.install(health)) {
      for (int i = 0; i < 2_000; i++) {
        end("worker", true, new IllegalStateException("x".repeat(10_000)));
      }
      now.addAndGet(Duration.ofSeconds(1).toNanos());
      assertThat(health.report().ill())
          .singleElement()
          .satisfies(
              entry ->
                  assertThat(entry.sentence()).hasSizeLessThan(HealthReport.REASON_CHARS_MAX + 20));
      assertThat(faults).isNotNull();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }
}
