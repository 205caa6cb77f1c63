package dev.hanse.raft.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.health.LivedTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When a follower takes its leader for dead; time is scripted. */
final class LeaderSuspicionTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final LivedTime clock = new LivedTime(nanos::get);
  private final LeaderSuspicion suspicion = new LeaderSuspicion(clock);
  private final List<String> asked = new ArrayList<>();

  private void live(int milliseconds) {
    for (int i = 0; i < milliseconds; i += 100) {
      pause(100);
    }
  }

  /** Nothing of this process runs meanwhile. */
  private void pause(int milliseconds) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(milliseconds));
    clock.tick();
  }

  private boolean yes(String nodeId, Duration patience) {
    asked.add(nodeId);
    return true;
  }

  private boolean no(String nodeId, Duration patience) {
    asked.add(nodeId);
    return false;
  }

  private boolean refused(String nodeId, Duration patience) throws IOException {
    asked.add(nodeId);
    throw new IOException("connection refused");
  }

  @Test
  void timeInWhichTheProcessStoodStillDoesNotCount() {
    live(1_000);
    assertThat(clock.now()).isEqualTo(TimeUnit.SECONDS.toNanos(1));
    pause(60_000);
    assertThat(clock.now()).isEqualTo(TimeUnit.SECONDS.toNanos(1) + LivedTime.STEP_MAX.toNanos());
    nanos.addAndGet(-5);
    assertThat(clock.now()).isEqualTo(TimeUnit.SECONDS.toNanos(1) + LivedTime.STEP_MAX.toNanos());
  }

  @Test
  void aLeaderThatAnswersIsNotReplaced() {
    suspicion.heard("m1", 7);
    live(2_000);
    assertThatThrownBy(() -> suspicion.confirm("m2", this::yes)).hasMessageContaining("m1 is late");
    assertThatThrownBy(() -> suspicion.confirm("m2", this::yes)).hasMessageContaining("m1 is late");
    assertThat(asked).containsExactly("m1", "m1");
  }

  @Test
  void aLeaderThatDoesNotAnswerIsAskedOnce() throws IOException {
    suspicion.heard("m1", 7);
    live(2_000);
    suspicion.confirm("m2", this::refused);
    suspicion.confirm("m2", this::yes);
    assertThat(asked).containsExactly("m1");
    suspicion.heard("m1", 7);
    live(2_000);
    assertThatThrownBy(() -> suspicion.confirm("m2", this::yes)).isInstanceOf(IOException.class);
  }

  @Test
  void whoLeadsNoMoreIsReplaced() throws IOException {
    suspicion.confirm("m2", this::yes);
    assertThat(asked).isEmpty();
    suspicion.heard("m1", 7);
    live(2_000);
    suspicion.confirm("m1", this::yes);
    assertThat(asked).isEmpty();
    suspicion.confirm("m2", this::no);
    assertThat(asked).containsExactly("m1");
    live(60_000);
    suspicion.confirm("m2", this::yes);
    assertThat(asked).containsExactly("m1");
  }

  @Test
  void aFollowerThatStoodStillSuspectsNobody() {
    suspicion.heard("m1", 7);
    live(200);
    pause(30_000);
    assertThatThrownBy(() -> suspicion.confirm("m2", this::refused))
        .hasMessageContaining("this process has stood still");
    assertThat(asked).isEmpty();
  }

  @Test
  void aSuspectedLeaderCountsForAMoment() {
    suspicion.heard("m1", 7);
    live(1_000);
    Duration second = Duration.ofMillis(1_100);
    assertThat(suspicion.leader(7, second)).contains("m1");
    assertThat(suspicion.leader(8, second)).isEmpty();
    live(200);
    assertThat(suspicion.leader(7, second)).isEmpty();
  }

  @Test
  void anAnswerToACandidateIsHeldBackOnlyForAMoment() throws IOException {
    suspicion.listen("m2");
    suspicion.heard("m1", 7);
    suspicion.listen("m2"); // So fresh that the candidate is wrong.
    live(RatisTuning.ELECTION_MS_MIN + 100);
    suspicion.listen("m2"); // So long ago that it may be right.
    assertThat(suspicion.leader(7, Duration.ofSeconds(1))).contains("m1");
  }
}
