package dev.hanse.bounds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class KeyedTurnsTest {
  private final KeyedTurns turns = new KeyedTurns(1);

  @Test
  void oneThingIsWaitedForAndAnotherIsNot() throws Exception {
    CountDownLatch second = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> waiting;
      try (KeyedTurns.Turn _ = turns.await("a")) {
        waiting =
            threads.submit(
                () -> {
                  try (KeyedTurns.Turn _ = turns.await("a")) {
                    second.countDown();
                  }
                  return second;
                });
        try (KeyedTurns.Turn _ = turns.await("b")) {
          assertThat(second.getCount()).isOne();
          assertThat(turns.keys()).isEqualTo(2);
        }
      }
      waiting.get();
      assertThat(second.getCount()).isZero();
    }
    assertThat(turns.keys()).isZero();
  }

  @Test
  void whoGivesUpLeavesNothing() throws Exception {
    try (KeyedTurns.Turn _ = turns.await("a")) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> turns.await("a")).isInstanceOf(InterruptedException.class);
      assertThat(turns.keys()).isOne();
    }
    assertThat(turns.keys()).isZero();
  }
}
