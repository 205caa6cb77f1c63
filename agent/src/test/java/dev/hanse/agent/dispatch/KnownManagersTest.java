package dev.hanse.agent.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which manager is tried next. */
class KnownManagersTest {
  @TempDir Path directory;

  @RepeatedTest(5)
  void what_somebody_names_is_tried_before_what_was_known() throws Exception {
    KnownManagers managers = KnownManagers.in(directory.resolve("managers"), new Random());
    managers.add(List.of("old1:2377", "old2:2377"));
    managers.prefer(List.of("new:2377"));
    assertThat(managers.choose()).contains("new:2377");
    managers.ended("new:2377", false);
    assertThat(managers.choose()).isPresent();
    assertThat(managers.all()).containsExactlyInAnyOrder("old1:2377", "old2:2377", "new:2377");
  }

  @Test
  void what_somebody_names_survives_a_restart() throws Exception {
    Path file = directory.resolve("managers");
    KnownManagers.in(file, new Random(1)).prefer(List.of("new:2377"));
    assertThat(KnownManagers.in(file, new Random(1)).choose()).contains("new:2377");
  }
}
