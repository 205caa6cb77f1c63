package dev.hanse.manager.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** When may a task be told to stop? */
final class StopGateTest {
  private static final long PATIENCE = 2_000;

  private final StopGate gate = new StopGate(PATIENCE);

  @Test
  void theStopIsFreeWhenAllNodesHaveAcknowledged() {
    hold(Map.of("a", OptionalLong.of(7), "b", OptionalLong.of(9)));
    assertThat(gate.acknowledged("a", 6)).isEmpty();
    assertThat(gate.acknowledged("a", 7)).isEmpty();
    assertThat(gate.heldTasks()).containsExactly("task");
    assertThat(gate.acknowledged("b", 12)).containsExactly("runs");
    assertThat(gate.heldTasks()).isEmpty();
  }

  @Test
  void aNodeThatWasNotYetToldMustFirstBeTold() {
    hold(Map.of("a", OptionalLong.empty()));
    assertThat(gate.acknowledged("a", 100)).isEmpty();
    gate.sent("a", 101);
    gate.sent("a", 150);
    assertThat(gate.acknowledged("a", 100)).isEmpty();
    assertThat(gate.acknowledged("a", 101)).containsExactly("runs");
  }

  @Test
  void aNodeThatIsGoneIsNotWaitedFor() {
    hold(Map.of("a", OptionalLong.of(7), "b", OptionalLong.of(7)));
    assertThat(gate.gone("a")).isEmpty();
    assertThat(gate.acknowledged("b", 7)).containsExactly("runs");
  }

  @Test
  void patienceEnds() {
    hold(Map.of("a", OptionalLong.of(7)));
    assertThat(gate.nextDeadlineNanos()).hasValue(1_000 + PATIENCE);
    assertThat(gate.expired(999 + PATIENCE)).isEmpty();
    assertThat(gate.expired(1_000 + PATIENCE)).containsExactly("runs");
    assertThat(gate.nextDeadlineNanos()).isEmpty();
  }

  @Test
  void nobodyToWaitForIsNoHold() {
    hold(Map.of());
    assertThat(gate.heldTasks()).isEmpty();
  }

  private void hold(Map<String, OptionalLong> awaited) {
    gate.hold("task", "runs", awaited, 1_000);
  }
}
