package dev.hanse.agent.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.MemberState;
import dev.hanse.health.Health;
import dev.hanse.model.EncryptionKey;
import dev.hanse.model.Peer;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.WeightedPeer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SessionGossipTest {
  private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

  @Test
  void the_second_newest_key_seals_and_all_open() {
    EncryptionKey other = key(9).toBuilder().setSubsystem("networking:ipsec").build();
    assertThat(SessionGossip.keys(List.of(key(3), key(1), other, key(2))))
        .containsExactly(gossipKey(2), gossipKey(3), gossipKey(1));
    assertThat(SessionGossip.keys(List.of(key(2), key(1))))
        .containsExactly(gossipKey(1), gossipKey(2));
    assertThat(SessionGossip.keys(List.of(key(1)))).containsExactly(gossipKey(1));
  }

  @Test
  void keys_that_cannot_be_used_are_passed_over() {
    EncryptionKey shortened = key(4).toBuilder().setKey(ByteString.copyFromUtf8("short")).build();
    EncryptionKey unknown = key(5).toBuilder().setAlgorithmValue(7).build();
    assertThat(SessionGossip.keys(List.of(shortened, unknown))).isEmpty();
    assertThat(SessionGossip.keys(List.of(shortened, key(1)))).containsExactly(gossipKey(1));
  }

  @Test
  void a_session_with_keys_begins_the_gossip() throws Exception {
    GossipIdentity one = new GossipIdentity("one", HERE, HERE, freePort());
    try (GossipLoop loop = GossipLoop.start(new Health(), GossipSettings.DEFAULT)) {
      SessionGossip session = new SessionGossip(loop, one);
      session.accept(SessionMessage.newBuilder().addManagers(manager("127.0.0.1:2377")).build());
      assertThat(loop.view()).isEqualTo(GossipView.EMPTY);
      session.accept(message());
      session.accept(message());
      awaitAlive(loop, "one");
    }
  }

  @Test
  void a_port_that_is_taken_is_tried_again_with_a_later_message() throws Exception {
    try (GossipLoop loop = GossipLoop.start(new Health(), GossipSettings.DEFAULT)) {
      SessionGossip session;
      try (ServerSocket taken = new ServerSocket(0, 1, HERE)) {
        session =
            new SessionGossip(loop, new GossipIdentity("one", HERE, HERE, taken.getLocalPort()));
        session.accept(message());
        assertThat(loop.view()).isEqualTo(GossipView.EMPTY);
      }
      session.accept(message());
      awaitAlive(loop, "one");
    }
  }

  private static void awaitAlive(GossipLoop loop, String nodeId) throws InterruptedException {
    LinkedBlockingQueue<GossipView> views = new LinkedBlockingQueue<>();
    loop.subscribe(views::add);
    GossipView view = views.poll(10, TimeUnit.SECONDS);
    while (view != null && !view.state(nodeId).equals(Optional.of(MemberState.ALIVE))) {
      view = views.poll(10, TimeUnit.SECONDS);
    }
    assertThat(view).as("%s is heard of", nodeId).isNotNull();
  }

  private static SessionMessage message() {
    return SessionMessage.newBuilder()
        .addNetworkBootstrapKeys(key(1))
        .addNetworkBootstrapKeys(key(2))
        .addNetworkBootstrapKeys(key(3))
        .addManagers(manager("127.0.0.1:2377"))
        .addManagers(manager("no-address:2377"))
        .build();
  }

  private static WeightedPeer manager(String address) {
    return WeightedPeer.newBuilder().setPeer(Peer.newBuilder().setAddr(address)).build();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, HERE)) {
      return socket.getLocalPort();
    }
  }

  private static byte[] secret(int number) {
    byte[] secret = new byte[16];
    Arrays.fill(secret, (byte) number);
    return secret;
  }

  private static GossipKey gossipKey(int number) {
    return GossipKey.of(secret(number));
  }

  private static EncryptionKey key(int lamportTime) {
    return EncryptionKey.newBuilder()
        .setSubsystem("networking:gossip")
        .setAlgorithm(EncryptionKey.Algorithm.AES_128_GCM)
        .setKey(ByteString.copyFrom(secret(lamportTime)))
        .setLamportTime(lamportTime)
        .build();
  }
}
