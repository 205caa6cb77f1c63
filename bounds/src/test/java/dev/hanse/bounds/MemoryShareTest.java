package dev.hanse.bounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is buffered in total stays in the share, and who must give way is no accident. */
class MemoryShareTest {
  private final MemoryShare share = new MemoryShare(1000);
  private final List<String> cut = new ArrayList<>();

  private MemoryShare.Claim named(String name) {
    return share.yielding(() -> cut.add(name));
  }

  @Test
  void a_share_is_full_at_its_size_and_not_before() {
    MemoryShare.Claim firm = share.firm();
    assertThat(firm.grow(1000)).isTrue();
    assertThat(firm.grow(1)).isFalse();
    assertThat(share.reserved()).isEqualTo(1000);
    firm.close();
    firm.close();
    assertThat(share.reserved()).isZero();
    assertThat(firm.grow(1)).isFalse();
  }

  @Test
  void the_one_that_made_no_progress_for_longest_is_cut() {
    MemoryShare.Claim reads = named("reads");
    MemoryShare.Claim stalled = named("stalled");
    MemoryShare.Claim fresh = named("fresh");
    assertThat(reads.grow(400)).isTrue();
    assertThat(stalled.grow(350)).isTrue();
    assertThat(fresh.grow(50)).isTrue();
    reads.shrink(50);
    assertThat(fresh.grow(251)).isTrue();
    assertThat(cut).containsExactly("stalled");
    assertThat(stalled.isOver()).isTrue();
    assertThat(stalled.grow(1)).isFalse();
    stalled.close();
    stalled.shrink(350);
    assertThat(share.reserved()).isEqualTo(350 + 301);
  }

  @Test
  void who_holds_little_is_not_cut() {
    MemoryShare.Claim little = named("little");
    MemoryShare.Claim greedy = named("greedy");
    assertThat(little.grow(1)).isTrue();
    assertThat(greedy.grow(999)).isTrue();
    assertThat(greedy.grow(1)).isFalse();
    assertThat(cut).containsExactly("greedy");
    assertThat(share.reserved()).isEqualTo(1);
  }

  @Test
  void nobody_is_cut_for_what_could_not_fit() {
    MemoryShare.Claim firm = share.firm();
    assertThat(firm.grow(500)).isTrue();
    MemoryShare.Claim waiting = named("waiting");
    assertThat(waiting.grow(400)).isTrue();
    assertThat(firm.grow(501)).isFalse();
    assertThat(cut).isEmpty();
    assertThat(firm.grow(500)).isTrue();
    assertThat(cut).containsExactly("waiting");
  }

  @Tag("attack")
  @Test
  void many_at_once_never_exceed_it_and_all_is_given_back() throws Exception {
    AtomicInteger cuts = new AtomicInteger();
    AtomicInteger exceeded = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 64; i++) {
        var unused =
            threads.submit(
                () -> {
                  for (int life = 0; life < 20; life++) {
                    try (MemoryShare.Claim claim = share.yielding(cuts::incrementAndGet)) {
                      for (int step = 0; step < 20 && claim.grow(1 + step * 3L); step++) {
                        if (share.reserved() > share.bytesMax()) {
                          exceeded.incrementAndGet();
                        }
                        if (ThreadLocalRandom.current().nextInt(4) == 0) {
                          claim.shrink(2);
                          LockSupport.parkNanos(1);
                        }
                      }
                    }
                  }
                });
      }
    }
    assertThat(exceeded).hasValue(0);
    assertThat(cuts.get()).isPositive();
    assertThat(share.reserved()).isZero();
  }
}
