package dev.hanse.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class HealthReportTest {
  private final AtomicLong now = new AtomicLong();
  private final Health health = new Health(now::get);

  private static ThreadPart thread(Health health, String name, boolean vital) {
    return health.add(new ThreadPart(health, name, vital, Duration.ofSeconds(5)));
  }

  @Test
  void a_part_is_ill_for_as_long_as_it_was_seen_to_be() {
    AtomicReference<Optional<String>> fault = new AtomicReference<>(Optional.of("full"));
    health.condition("disk", true, fault::get);
    assertThat(health.report().ill())
        .singleElement()
        .satisfies(entry -> assertThat(entry.illFor()).isZero());
    now.addAndGet(Duration.ofSeconds(3).toNanos());
    assertThat(health.report().ill())
        .singleElement()
        .satisfies(entry -> assertThat(entry.illFor()).isEqualTo(Duration.ofSeconds(3)));
    fault.set(Optional.empty());
    assertThat(health.report().entries())
        .singleElement()
        .satisfies(entry -> assertThat(entry.illFor()).isZero());
    fault.set(Optional.of("full again"));
    now.addAndGet(Duration.ofSeconds(3).toNanos());
    assertThat(health.report().ill())
        .singleElement()
        .satisfies(entry -> assertThat(entry.illFor()).as("a new illness").isZero());
  }

  @Test
  void only_what_is_vital_makes_the_node_unfit() {
    health.condition("managers", false, () -> Optional.of("none answers"));
    assertThat(health.report().isWell()).isFalse();
    assertThat(health.report().isFit()).isTrue();
    health.condition("containerd", true, () -> Optional.of("does not answer"));
    assertThat(health.report().isFit()).isFalse();
    assertThat(health.report().faults())
        .containsExactly("containerd: does not answer", "managers: none answers");
  }

  @Test
  void a_new_process_is_needed_for_vital_threads_that_are_stuck_or_ended_and_nothing_else() {
    ThreadPart lasting = thread(health, "lasting", true);
    ThreadPart minor = thread(health, "minor", false);
    health.condition("containerd", true, () -> Optional.of("does not answer"));
    minor.ended("for good");
    for (int i = 0; i < ThreadPart.FAULTS_TOLERATED; i++) {
      lasting.faulted(new IllegalStateException("no disk"));
    }
    assertThat(health.vitalFaults()).as("ill in two ways").hasSize(2);
    assertThat(health.report().needsNewProcess()).isFalse();

    lasting.works();
    now.addAndGet(Duration.ofSeconds(5).toNanos());
    assertThat(health.report().needsNewProcess()).as("at the limit").isFalse();
    now.addAndGet(1);
    assertThat(health.report().needsNewProcess()).as("stuck").isTrue();
    lasting.waits();
    assertThat(health.report().needsNewProcess()).as("it has come back").isFalse();
    lasting.ended("for good");
    assertThat(health.report().needsNewProcess()).as("ended").isTrue();
    lasting.close();
    assertThat(health.report().needsNewProcess()).as("no part any more").isFalse();
  }

  @Test
  @Tag("attack")
  void a_reason_is_one_line_of_limited_length_whatever_it_quotes() {
    String limit = "x".repeat(HealthReport.REASON_CHARS_MAX);
    assertThat(new HealthReport.Faulty(limit).reason()).isEqualTo(limit);
    assertThat(new HealthReport.Ended(limit + "y").reason()).isEqualTo(limit);
    assertThat(new HealthReport.Faulty("a\nb\u001b[31mc").reason()).isEqualTo("a b [31mc");
  }
}
