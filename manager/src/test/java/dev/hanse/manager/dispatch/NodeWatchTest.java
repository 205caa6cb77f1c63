package dev.hanse.manager.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.MemberState;
import dev.hanse.gossip.NodeLiveness;
import dev.hanse.model.SessionMessage;
import io.grpc.Status;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NodeWatchTest {
  private static final long HEARTBEATS_END = 15_000_000_000L;

  private final NodeWatch watch = new NodeWatch("self");
  private final AtomicInteger sent = new AtomicInteger();

  @Test
  void without_gossip_the_heartbeats_decide() {
    List<NodeSession> sessions = List.of(session("a"));
    assertThat(watch.waitNanos(sessions, 5)).hasValue(HEARTBEATS_END - 5);
    assertThat(watch.look(sessions, HEARTBEATS_END - 1).down()).isEmpty();
    assertThat(watch.look(sessions, HEARTBEATS_END).down())
        .isEqualTo(Map.of("a", "heartbeat failure"));
  }

  @Test
  void a_node_that_did_not_come_back_after_a_start_is_down_in_the_end() {
    watch.expect("a", 7);
    watch.expect("b", 9);
    watch.expectNoLonger("b");
    assertThat(watch.waitNanos(List.of(), 3)).hasValue(4);
    assertThat(watch.look(List.of(), 6).down()).isEmpty();
    assertThat(watch.look(List.of(), 7).down()).containsOnlyKeys("a");
    assertThat(watch.waitNanos(List.of(), 8)).isEmpty();
  }

  @Test
  void gossip_decides_sooner_unless_the_node_answers() {
    List<NodeSession> sessions = List.of(session("a"), session("b"));
    watch.listen(view(MemberState.DEAD));
    assertThat(watch.look(sessions, 1).ask()).isEqualTo(Set.of("a"));
    assertThat(watch.waitNanos(sessions, 1)).hasValue(Suspicions.PATIENCE_NANOS);
    watch.heard("a", 2);
    assertThat(watch.look(sessions, Suspicions.PATIENCE_NANOS + 1).down()).isEmpty();
    long renewed = Suspicions.RENEWAL_NANOS + 2;
    assertThat(watch.look(sessions, renewed).ask()).isEqualTo(Set.of("a"));
    assertThat(watch.look(sessions, renewed + Suspicions.PATIENCE_NANOS).down())
        .containsOnlyKeys("a");
  }

  @Test
  void what_gossip_says_of_nodes_that_are_down_already_is_no_news() {
    watch.listen(view(MemberState.DEAD));
    assertThat(watch.look(List.of(session("b")), 1).down()).isEmpty();
  }

  @Test
  void a_node_is_asked_by_what_it_knows_already() {
    NodeSession session = session("a");
    session.sendAgain();
    assertThat(sent).as("nothing to repeat yet").hasValue(0);
    session.send(SessionMessage.newBuilder().setSessionId("s").build());
    session.send(SessionMessage.newBuilder().setSessionId("s").build());
    assertThat(sent).hasValue(1);
    session.sendAgain();
    assertThat(sent).hasValue(2);
  }

  private NodeSession session(String nodeId) {
    NodeSession session = new NodeSession(nodeId, "s", HEARTBEATS_END);
    session.attach(
        new Outlet<SessionMessage>() {
          @Override
          public boolean ready() {
            return true;
          }

          @Override
          public void send(SessionMessage message) {
            sent.incrementAndGet();
          }

          @Override
          public void close(Status status) {}
        });
    return session;
  }

  private static GossipView view(MemberState state) {
    return new GossipView(
        Map.of(
            "a", new NodeLiveness(state, Instant.EPOCH, "192.0.2.1:7946", 1, false),
            "b", new NodeLiveness(MemberState.ALIVE, Instant.EPOCH, "192.0.2.2:7946", 1, false)));
  }
}
