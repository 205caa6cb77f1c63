package dev.hanse.agent.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.health.Health;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class IllnessTest {
  private final AtomicLong now = new AtomicLong();
  private final Health health = new Health(now::get);
  private final Illness illness = new Illness();
  private final AtomicReference<Optional<String>> containerd = condition("containerd", true);
  private final AtomicReference<Optional<String>> disk = condition("disk", true);
  private final AtomicReference<Optional<String>> managers = condition("managers", false);

  private AtomicReference<Optional<String>> condition(String name, boolean vital) {
    AtomicReference<Optional<String>> fault = new AtomicReference<>(Optional.empty());
    health.condition(name, vital, fault::get);
    return fault;
  }

  private Optional<String> look() {
    return illness.look(health.report(), now.get());
  }

  private Optional<String> lookAfter(Duration time) {
    now.addAndGet(time.toNanos());
    return look();
  }

  @Test
  void an_illness_is_told_when_it_lasts_and_so_is_its_end() {
    assertThat(look()).isEmpty();
    containerd.set(Optional.of("does not answer"));
    assertThat(look()).isEmpty();
    assertThat(lookAfter(Illness.TOLD_AFTER)).as("at the limit").isEmpty();
    assertThat(lookAfter(Duration.ofNanos(1))).contains("containerd: does not answer");
    assertThat(lookAfter(Duration.ofHours(1))).as("nothing new").isEmpty();
    containerd.set(Optional.empty());
    assertThat(lookAfter(Duration.ofNanos(1))).isEmpty();
    assertThat(lookAfter(Illness.TOLD_AFTER)).contains("");
    assertThat(lookAfter(Duration.ofHours(1))).isEmpty();
  }

  @Test
  @Tag("attack")
  void one_that_comes_and_goes_changes_nothing_at_the_managers() {
    for (int i = 0; i < 100; i++) {
      containerd.set(Optional.of("does not answer"));
      assertThat(look()).isEmpty();
      assertThat(lookAfter(Duration.ofMillis(1900))).as("a short one").isEmpty();
      containerd.set(Optional.empty());
      assertThat(lookAfter(Duration.ofMillis(100))).isEmpty();
    }
    containerd.set(Optional.of("does not answer"));
    assertThat(look()).isEmpty();
    assertThat(lookAfter(Duration.ofSeconds(3))).isPresent();
    for (int i = 0; i < 100; i++) {
      containerd.set(Optional.empty());
      assertThat(lookAfter(Duration.ofMillis(500))).as("well for a moment").isEmpty();
      assertThat(lookAfter(Duration.ofMillis(1400))).isEmpty();
      containerd.set(Optional.of("is away for the %dth time".formatted(i)));
      assertThat(lookAfter(Duration.ofMillis(1))).as("still told").isEmpty();
    }
    assertThat(illness.told()).isEqualTo("containerd: does not answer");
  }

  @Test
  void what_is_told_follows_the_parts_and_not_their_words() {
    containerd.set(Optional.of("does not answer"));
    assertThat(look()).isEmpty();
    assertThat(lookAfter(Duration.ofSeconds(3))).contains("containerd: does not answer");
    containerd.set(Optional.of("has not answered for 5 s"));
    assertThat(lookAfter(Duration.ofSeconds(3))).isEmpty();
    disk.set(Optional.of("full"));
    assertThat(look()).isEmpty();
    assertThat(lookAfter(Duration.ofSeconds(3)))
        .contains("containerd: has not answered for 5 s; disk: full");
    containerd.set(Optional.empty());
    assertThat(lookAfter(Duration.ofSeconds(3))).contains("disk: full");
  }

  @Test
  void what_is_not_vital_is_not_told() {
    managers.set(Optional.of("no manager serves this node"));
    assertThat(look()).isEmpty();
    assertThat(lookAfter(Duration.ofHours(1))).isEmpty();
  }
}
