package dev.hanse.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.health.Health;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDiskTest {
  private static final long GIBIBYTE = 1L << 30;

  @Test
  void a_disk_without_room_for_the_state_is_unusable() {
    assertThat(DataDisk.unusable(true, DataDisk.BYTES_MIN)).isEmpty();
    assertThat(DataDisk.unusable(true, DataDisk.BYTES_MIN - 1)).contains("the data root is full");
    assertThat(DataDisk.unusable(false, GIBIBYTE)).get().asString().contains("written");
  }

  @Test
  void little_room_is_a_fiftieth_of_a_small_disk_and_a_limit_of_a_large_one() {
    assertThat(DataDisk.low(GIBIBYTE / 50, GIBIBYTE)).isEmpty();
    assertThat(DataDisk.low(GIBIBYTE / 50 - 1, GIBIBYTE)).isPresent();
    assertThat(DataDisk.low(DataDisk.RESERVE_BYTES_MAX, 1000 * GIBIBYTE)).isEmpty();
    assertThat(DataDisk.low(DataDisk.RESERVE_BYTES_MAX - 1, 1000 * GIBIBYTE))
        .contains("the data root is nearly full: 511 MiB free");
  }

  @Test
  void it_is_watched_until_closed(@TempDir Path directory) throws Exception {
    Health health = new Health();
    Path gone = directory.resolve("gone");
    try (AutoCloseable watch = DataDisk.watch(health, directory);
        AutoCloseable other = DataDisk.watch(health, gone)) {
      assertThat(watch).isNotSameAs(other);
      assertThat(health.report().entries()).hasSize(4);
      assertThat(health.vitalFaults()).containsExactly("disk: the data root cannot be written to");
    }
    assertThat(health.report().entries()).isEmpty();
  }
}
