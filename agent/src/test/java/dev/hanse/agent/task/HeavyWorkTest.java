package dev.hanse.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeavyWorkTest {
  @Test
  @Tag("attack")
  void who_never_ends_holds_nobody_up() throws Exception {
    HeavyWork work = new HeavyWork(2, Duration.ofMillis(50));
    for (int hanging = 0; hanging < 6; hanging++) {
      assertThat(work.begin()).isNotNull();
    }
    try (HeavyWork.Place place = work.begin()) {
      assertThat(place).isNotNull();
    }
  }

  @Test
  void who_is_done_makes_room_once_and_others_wait_for_it() throws Exception {
    HeavyWork work = new HeavyWork(1, Duration.ofHours(1));
    HeavyWork.Place first = work.begin();
    CompletableFuture<HeavyWork.Place> second = new CompletableFuture<>();
    CompletableFuture<HeavyWork.Place> third = new CompletableFuture<>();
    CountDownLatch begun = new CountDownLatch(1);
    Thread other =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    begun.countDown();
                    second.complete(work.begin());
                    third.complete(work.begin());
                  } catch (InterruptedException ended) {
                    Thread.currentThread().interrupt();
                  }
                });
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(second).isNotDone();
    first.close();
    first.close(); // Of no effect: there is no place for the third yet.
    HeavyWork.Place taken = second.get(20, TimeUnit.SECONDS);
    assertThat(third).isNotDone();
    taken.close();
    assertThat(third).succeedsWithin(20, TimeUnit.SECONDS);
    other.join();
  }
}
