package dev.hanse.agent.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.MemberState;
import dev.hanse.gossip.NodeLiveness;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ReturnsTest {
  private static final List<String> MANAGERS = List.of("10.0.0.1:2377", "[fd00::2]:2377");

  private final List<String> told = new ArrayList<>();
  private final Returns returns = new Returns(() -> MANAGERS, told::add);

  private static NodeLiveness node(String address, MemberState state) {
    return new NodeLiveness(state, Instant.EPOCH, address, 1, false);
  }

  private void hear(MemberState first, MemberState second, MemberState worker) {
    returns.listen(
        new GossipView(
            Map.of(
                "m1", node("10.0.0.1:7946", first),
                "m2", node("[fd00::2]:7946", second),
                "w1", node("10.0.0.3:7946", worker))));
  }

  @Test
  void a_manager_that_answers_again_is_told_once() {
    hear(MemberState.DEAD, MemberState.DEAD, MemberState.ALIVE);
    assertThat(told).isEmpty();
    hear(MemberState.DEAD, MemberState.ALIVE, MemberState.ALIVE);
    hear(MemberState.DEAD, MemberState.ALIVE, MemberState.ALIVE);
    assertThat(told).containsExactly("[fd00::2]:2377");
    hear(MemberState.ALIVE, MemberState.SUSPECT, MemberState.DEAD);
    assertThat(told).containsExactly("[fd00::2]:2377", "10.0.0.1:2377");
  }

  @Test
  void workers_are_not() {
    hear(MemberState.AWAY, MemberState.LEFT, MemberState.DEAD);
    hear(MemberState.AWAY, MemberState.LEFT, MemberState.ALIVE);
    assertThat(told).isEmpty();
  }
}
