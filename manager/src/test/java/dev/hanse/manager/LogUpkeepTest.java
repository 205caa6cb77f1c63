package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.model.RaftConfig;
import dev.hanse.raft.log.SnapshotPolicy;
import org.junit.jupiter.api.Test;

final class LogUpkeepTest {
  @Test
  void anyNumbersMakeAPolicy() {
    assertThat(LogUpkeep.policy(raft(100, 3))).isEqualTo(new SnapshotPolicy(100, 3));
    assertThat(LogUpkeep.policy(raft(0, 0)))
        .isEqualTo(new SnapshotPolicy(SnapshotPolicy.DEFAULT.entries(), 0));
    assertThat(LogUpkeep.policy(raft(-1, -1)))
        .isEqualTo(new SnapshotPolicy(Long.MAX_VALUE, Integer.MAX_VALUE));
    assertThat(LogUpkeep.policy(raft(1, 1L + Integer.MAX_VALUE)))
        .isEqualTo(new SnapshotPolicy(1, Integer.MAX_VALUE));
  }

  private static RaftConfig raft(long interval, long older) {
    return RaftConfig.newBuilder().setSnapshotInterval(interval).setKeepOldSnapshots(older).build();
  }
}
