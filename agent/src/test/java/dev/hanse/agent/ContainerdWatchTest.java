package dev.hanse.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.health.Health;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ContainerdWatchTest {
  private final AtomicLong now = new AtomicLong();
  private final AtomicBoolean answers = new AtomicBoolean(true);
  private final Health health = new Health(now::get);

  @Test
  void a_silence_that_a_restart_takes_is_no_illness_and_a_longer_one_is() {
    try (ContainerdWatch watch = ContainerdWatch.of(health, within -> answers.get(), now::get)) {
      answers.set(false);
      now.addAndGet(ContainerdWatch.SILENCE_MAX.toNanos());
      watch.ask();
      assertThat(health.report().isWell()).as("at the limit").isTrue();
      now.addAndGet(1);
      assertThat(health.vitalFaults()).containsExactly("containerd: does not answer");
      assertThat(health.report().needsNewProcess()).as("another daemon helps nobody").isFalse();
      answers.set(true);
      watch.ask();
      assertThat(health.report().isWell()).isTrue();
    }
    assertThat(health.report().entries()).isEmpty();
  }
}
