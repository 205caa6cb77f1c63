package dev.hanse.docker.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("attack")
class SilentRegistriesTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private final SilentRegistries silent = new SilentRegistries();

  @Test
  void one_silent_repository_takes_no_other_along() {
    silent.remember("r", "a", NOW);
    assertThat(silent.isSilent("r", "a", NOW)).isTrue();
    assertThat(silent.isSilent("r", "b", NOW)).isFalse();
    silent.remember("r", "a", NOW);
    assertThat(silent.isSilent("r", "b", NOW)).isFalse();
  }

  @Test
  void a_registry_with_several_is_silent_for_a_while_and_no_other_is() {
    silent.remember("r", "a", NOW);
    silent.remember("r", "b", NOW);
    assertThat(silent.isSilent("r", "c", NOW)).isTrue();
    assertThat(silent.isSilent("r2", "c", NOW)).isFalse();
    assertThat(silent.isSilent("r", "c", NOW.plus(SilentRegistries.REMEMBERED))).isFalse();
  }

  @Test
  void however_many_are_silent_only_so_many_are_remembered() {
    for (int number = 0; number < 10_000; number++) {
      silent.remember("r" + number, "a", NOW);
    }
    assertThat(silent.isSilent("r9999", "a", NOW)).isTrue();
    assertThat(silent.isSilent("r0", "a", NOW)).isFalse();
  }
}
