package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.MemberState;
import dev.hanse.gossip.NodeLiveness;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SilenceTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);
  private static final Instant LONG_AGO = NOW.minus(Silence.SUSPECTED_MAX);

  private final Map<String, NodeLiveness> nodes = new HashMap<>();

  @Test
  void the_dead_and_those_who_left_do_not_answer() {
    node("dead", MemberState.DEAD, NOW, false);
    node("left", MemberState.LEFT, NOW, false);
    node("alive", MemberState.ALIVE, LONG_AGO, false);
    node("self", MemberState.LEFT, NOW, false);
    assertThat(silence()).isEqualTo(new Silence(Set.of("dead", "left"), Optional.empty()));
  }

  @Test
  void a_daemon_that_stops_for_a_while_leaves_its_containers_running() {
    node("away", MemberState.AWAY, LONG_AGO, false);
    assertThat(silence()).isEqualTo(Silence.NONE);
  }

  @Test
  void a_suspicion_counts_when_it_has_lasted() {
    node("old", MemberState.SUSPECT, LONG_AGO, false);
    node("young", MemberState.SUSPECT, NOW.minusMillis(200), false);
    node("younger", MemberState.SUSPECT, NOW.minusMillis(100), false);
    Instant next = NOW.minusMillis(200).plus(Silence.SUSPECTED_MAX);
    assertThat(silence()).isEqualTo(new Silence(Set.of("old"), Optional.of(next)));
  }

  @Test
  void a_machine_that_answers_without_its_daemon_is_reached() {
    node("stopped", MemberState.SUSPECT, LONG_AGO, true);
    assertThat(silence()).isEqualTo(Silence.NONE);
  }

  private void node(String nodeId, MemberState state, Instant since, boolean machineAnswers) {
    nodes.put(nodeId, new NodeLiveness(state, since, "192.0.2.1:7946", 1, machineAnswers));
  }

  private Silence silence() {
    return Silence.of(new GossipView(nodes), "self", NOW);
  }
}
