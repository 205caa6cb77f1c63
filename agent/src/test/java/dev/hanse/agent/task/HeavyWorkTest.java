package dev.hanse.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
      assertThat(work.begin("a")).isNotNull();
    }
    try (HeavyWork.Place place = work.begin("b")) {
      assertThat(place).isNotNull();
    }
  }

  /** 30 tasks of a service hang; one of another comes last and is the next that is begun. */
  @Test
  @Tag("attack")
  void a_service_whose_work_hangs_keeps_others_waiting_for_one_place_only() throws Exception {
    HeavyWork work = new HeavyWork(2, Duration.ofHours(1));
    HeavyWork.Place first = work.begin("hanging");
    HeavyWork.Place second = work.begin("hanging");
    List<String> begun = new CopyOnWriteArrayList<>();
    List<HeavyWork.Place> places = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (String group :
        Stream.concat(Collections.nCopies(30, "hanging").stream(), Stream.of("good")).toList()) {
      Thread thread =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      places.add(work.begin(group));
                      begun.add(group);
                    } catch (InterruptedException ended) {
                      Thread.currentThread().interrupt();
                    }
                  });
      threads.add(thread);
      awaitWaiting(thread);
    }
    first.close();
    threads.getLast().join();
    assertThat(begun).containsExactly("good");
    for (Thread thread : threads) {
      thread.interrupt();
      thread.join();
    }
    // Who gave up waiting has taken nothing: the place is free once its holder is done.
    places.getFirst().close();
    second.close();
    try (HeavyWork.Place again = work.begin("hanging");
        HeavyWork.Place more = work.begin("hanging")) {
      assertThat(again).isNotSameAs(more);
    }
  }

  private static void awaitWaiting(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      assertThat(thread.isAlive()).isTrue();
      Thread.onSpinWait();
    }
  }

  @Test
  void who_is_done_makes_room_once_and_others_wait_for_it() throws Exception {
    HeavyWork work = new HeavyWork(1, Duration.ofHours(1));
    HeavyWork.Place first = work.begin("a");
    CompletableFuture<HeavyWork.Place> second = new CompletableFuture<>();
    CompletableFuture<HeavyWork.Place> third = new CompletableFuture<>();
    CountDownLatch begun = new CountDownLatch(1);
    Thread other =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    begun.countDown();
                    second.complete(work.begin("a"));
                    third.complete(work.begin("a"));
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
