package dev.hanse.manager.dispatch;

import static dev.hanse.gossip.MemberState.ALIVE;
import static dev.hanse.gossip.MemberState.AWAY;
import static dev.hanse.gossip.MemberState.DEAD;
import static dev.hanse.gossip.MemberState.LEFT;
import static dev.hanse.gossip.MemberState.SUSPECT;
import static dev.hanse.manager.dispatch.Suspicions.PATIENCE_NANOS;
import static dev.hanse.manager.dispatch.Suspicions.RENEWAL_NANOS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.MemberState;
import dev.hanse.gossip.NodeLiveness;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SuspicionsTest {
  private static final Set<String> BOTH = Set.of("a", "b");

  private final Suspicions suspicions = new Suspicions("self");

  @Test
  void a_node_that_nobody_hears_is_down_as_soon_as_gossip_has_given_it_up() {
    report(Map.of("a", SUSPECT, "b", ALIVE));
    assertThat(suspicions.step(BOTH, 0)).isEqualTo(ask("a"));
    assertThat(suspicions.step(BOTH, PATIENCE_NANOS)).as("only suspected").isEqualTo(nothing());
    report(Map.of("a", DEAD, "b", ALIVE));
    assertThat(suspicions.step(BOTH, PATIENCE_NANOS + 1)).isEqualTo(down("a"));
    assertThat(suspicions.step(BOTH, PATIENCE_NANOS + 2)).as("once").isEqualTo(nothing());
    assertThat(suspicions.nextNanos()).isEmpty();
  }

  @Test
  void a_node_whose_session_is_gone_is_not_asked() {
    report(Map.of("a", SUSPECT, "b", ALIVE));
    assertThat(suspicions.step(Set.of("b"), 0)).isEqualTo(nothing());
    report(Map.of("a", DEAD, "b", ALIVE));
    assertThat(suspicions.step(Set.of("b"), 1)).isEqualTo(down("a"));
  }

  @Test
  void a_node_given_up_without_warning_has_time_for_a_sign_of_life() {
    report(Map.of("a", DEAD, "b", ALIVE));
    assertThat(suspicions.step(BOTH, 10)).isEqualTo(ask("a"));
    assertThat(suspicions.nextNanos()).hasValue(10 + PATIENCE_NANOS);
    assertThat(suspicions.step(BOTH, 9 + PATIENCE_NANOS)).isEqualTo(nothing());
    assertThat(suspicions.step(BOTH, 10 + PATIENCE_NANOS)).isEqualTo(down("a"));
  }

  @Test
  void a_node_that_answers_is_never_down_but_asked_again_as_long_as_gossip_does_not_hear_it() {
    report(Map.of("a", DEAD, "b", ALIVE));
    long now = 0;
    for (int round = 0; round < 100; round++) {
      assertThat(suspicions.step(BOTH, now)).isEqualTo(ask("a"));
      now += PATIENCE_NANOS - 1;
      suspicions.heard("a", now);
      assertThat(suspicions.step(BOTH, now + RENEWAL_NANOS - 1)).isEqualTo(nothing());
      now += RENEWAL_NANOS;
      assertThat(suspicions.nextNanos()).hasValue(now);
    }
    assertThat(suspicions.step(BOTH, now)).isEqualTo(ask("a"));
    assertThat(suspicions.step(BOTH, now + PATIENCE_NANOS)).isEqualTo(down("a"));
  }

  @Test
  void a_node_that_only_stops_its_daemon_is_left_to_its_heartbeats() {
    report(Map.of("a", AWAY, "b", ALIVE));
    assertThat(suspicions.step(Set.of("b"), 0)).isEqualTo(nothing());
    assertThat(suspicions.nextNanos()).isEmpty();
  }

  @Test
  void a_node_that_has_left_is_down() {
    report(Map.of("a", LEFT, "b", ALIVE));
    assertThat(suspicions.step(Set.of("b"), 0)).isEqualTo(down("a"));
  }

  @Test
  void a_node_heard_by_gossip_again_is_in_no_doubt() {
    report(Map.of("a", SUSPECT, "b", ALIVE));
    suspicions.step(BOTH, 0);
    report(Map.of("a", ALIVE, "b", ALIVE));
    report(Map.of("a", DEAD, "b", ALIVE));
    assertThat(suspicions.step(BOTH, 10 * PATIENCE_NANOS)).as("anew").isEqualTo(ask("a"));
  }

  @Test
  void a_node_that_has_registered_anew_is_judged_anew() {
    report(Map.of("a", DEAD, "b", ALIVE));
    assertThat(suspicions.step(Set.of(), 0)).isEqualTo(down("a"));
    suspicions.heard("a", 5);
    assertThat(suspicions.step(Set.of(), 6)).as("its stream comes").isEqualTo(nothing());
    assertThat(suspicions.step(BOTH, 5 + RENEWAL_NANOS)).isEqualTo(ask("a"));
    assertThat(suspicions.step(BOTH, 5 + RENEWAL_NANOS + PATIENCE_NANOS)).isEqualTo(down("a"));
  }

  @Test
  void who_hears_nobody_may_be_cut_off_itself_and_concludes_nothing() {
    report(Map.of("a", DEAD, "b", SUSPECT));
    assertThat(suspicions.step(Set.of(), 0)).isEqualTo(nothing());
    report(Map.of("a", DEAD, "b", DEAD));
    assertThat(suspicions.step(Set.of(), 1)).isEqualTo(nothing());
    assertThat(suspicions.nextNanos()).as("nothing to wait for").isEmpty();
    report(Map.of("a", DEAD, "b", ALIVE));
    assertThat(suspicions.step(Set.of(), 2)).isEqualTo(down("a"));
    report(Map.of("a", DEAD, "b", DEAD));
    assertThat(suspicions.step(Set.of(), 3)).as("the last one").isEqualTo(down("b"));
  }

  @Test
  void the_only_other_node_is_believed_dead() {
    report(Map.of("a", DEAD));
    assertThat(suspicions.step(Set.of(), 0)).isEqualTo(down("a"));
  }

  @Test
  void what_gossip_says_of_this_node_itself_counts_neither_way() {
    report(Map.of("self", DEAD, "a", DEAD));
    assertThat(suspicions.step(Set.of(), 0)).isEqualTo(down("a"));
  }

  private void report(Map<String, MemberState> states) {
    Map<String, NodeLiveness> nodes = new HashMap<>(Map.of("self", liveness(ALIVE)));
    states.forEach((nodeId, state) -> nodes.put(nodeId, liveness(state)));
    suspicions.reported(new GossipView(nodes));
  }

  private static NodeLiveness liveness(MemberState state) {
    return new NodeLiveness(state, Instant.EPOCH, "192.0.2.1:7946", 1, false);
  }

  private static Suspicions.Step nothing() {
    return new Suspicions.Step(Set.of(), Set.of());
  }

  private static Suspicions.Step ask(String nodeId) {
    return new Suspicions.Step(Set.of(nodeId), Set.of());
  }

  private static Suspicions.Step down(String nodeId) {
    return new Suspicions.Step(Set.of(), Set.of(nodeId));
  }
}
