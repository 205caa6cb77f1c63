package dev.hanse.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.gossip.Message.Packet;
import dev.hanse.gossip.MessageCodec.Decoded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MessageCodecTest {
  private static final Member SENDER = new Member("n1", "10.0.0.1:7946", 5);
  private static final Member OTHER = new Member("n2", "[fd00::2]:7946", 6);
  private static final List<Message> MESSAGES =
      List.of(
          new Message.Ping(1, "n2", -2),
          new Message.Ack(3, 4),
          new Message.Nack(5),
          new Message.PingRequest(6, "n2", "10.0.0.2:7946", 250),
          new Message.News(),
          new Message.State());
  private static final List<Update> UPDATES =
      List.of(
          Update.of(OTHER, MemberState.ALIVE),
          Update.suspicion(OTHER, "n3", StreamOutcome.SILENT),
          Update.suspicion(OTHER, "n3", StreamOutcome.REFUSED),
          Update.suspicion(OTHER, "n3", StreamOutcome.UNREACHABLE),
          Update.of(OTHER, MemberState.DEAD),
          new Update(
              OTHER, MemberState.AWAY, Optional.empty(), StreamOutcome.UNREACHABLE, 86_400_000),
          Update.of(OTHER, MemberState.LEFT));

  private static Decoded decode(byte[] bytes) {
    return MessageCodec.decode(bytes, UPDATES.size());
  }

  @Test
  void every_kind_comes_back_as_it_was() {
    for (Message message : MESSAGES) {
      Packet packet = new Packet(SENDER, message, UPDATES);
      byte[] bytes = MessageCodec.encode(packet);
      int expected = MessageCodec.headBytes(SENDER, message);
      assertThat(bytes)
          .hasSize(expected + UPDATES.stream().mapToInt(MessageCodec::updateBytes).sum());
      assertThat(decode(bytes)).isEqualTo(new Decoded.Known(packet));
    }
  }

  @Test
  void the_bytes_of_version_1_stay_as_they_are() {
    Packet packet =
        new Packet(
            SENDER,
            new Message.Ping(1, "n2", 2),
            List.of(Update.suspicion(OTHER, "n3", StreamOutcome.SILENT)));
    assertThat(HexFormat.of().formatHex(MessageCodec.encode(packet)))
        .isEqualTo(
            "0101" // version, kind
                + "026e31"
                + "0d31302e302e302e313a37393436"
                + "0000000000000005" // sender
                + "0000000000000001"
                + "026e32"
                + "0000000000000002" // ping
                + "0001"
                + "0109" // one update: suspect, accuser and silent
                + "026e32"
                + "0e5b666430303a3a325d3a37393436"
                + "0000000000000006"
                + "026e33");
  }

  @Test
  void what_is_cut_off_or_too_long_is_malformed() {
    for (Message message : MESSAGES) {
      byte[] bytes = MessageCodec.encode(new Packet(SENDER, message, UPDATES));
      for (int length = 0; length < bytes.length; length++) {
        assertThat(decode(Arrays.copyOf(bytes, length))).isInstanceOf(Decoded.Malformed.class);
      }
      assertThat(decode(Arrays.copyOf(bytes, bytes.length + 1)))
          .isInstanceOf(Decoded.Malformed.class);
    }
  }

  @Test
  void other_versions_and_kinds_are_told_apart() {
    byte[] bytes = MessageCodec.encode(new Packet(SENDER, new Message.News(), List.of()));
    bytes[0] = 2;
    assertThat(decode(bytes)).isEqualTo(new Decoded.UnknownVersion(2));
    bytes[0] = 1;
    bytes[1] = 7;
    assertThat(decode(bytes)).isEqualTo(new Decoded.UnknownKind(7));
    bytes[1] = 0;
    assertThat(decode(bytes)).isEqualTo(new Decoded.UnknownKind(0));
  }

  @Test
  void the_limits_hold_and_one_past_them_is_refused() {
    List<Update> tooMany = new ArrayList<>(UPDATES);
    tooMany.add(UPDATES.getFirst());
    assertThat(decode(MessageCodec.encode(new Packet(SENDER, new Message.News(), tooMany))))
        .isInstanceOf(Decoded.Malformed.class);
    String longest = String.join("", Collections.nCopies(MessageCodec.TEXT_BYTES_MAX, "n"));
    assertThat(decode(news(new Member(longest, "1.2.3.4:1", MessageCodec.INCARNATION_MAX))))
        .isInstanceOf(Decoded.Known.class);
    for (Member wrong :
        List.of(
            new Member(longest + "n", "1.2.3.4:1", 0),
            new Member("", "1.2.3.4:1", 0),
            new Member("a b", "1.2.3.4:1", 0),
            new Member("n", "example.org:1", 0),
            new Member("n", "1.2.3.4", 0),
            new Member("n", "1.2.3.4:", 0),
            new Member("n", "1.2.3.4:0", 0),
            new Member("n", "1.2.3.4:65536", 0),
            new Member("n", ":7946", 0),
            new Member("n", "[]:7946", 0),
            new Member("n", "999.1.1.1:7946", 0),
            new Member("n", "1.2.3:1", 0),
            new Member("n", "1.2.3.4.5:1", 0),
            new Member("n", "1.2.3.04:1", 0),
            new Member("n", "1..3.4:1", 0),
            new Member("n", "0.0.0.0:1", 0),
            new Member("n", "224.0.0.1:1", 0),
            new Member("n", "255.255.255.255:1", 0),
            new Member("n", "[::]:1", 0),
            new Member("n", "[ff02::1]:1", 0),
            new Member("n", "[fe80::1%eth0]:1", 0),
            new Member("n", "[1:2:3:4:5:6:7:8:9]:1", 0),
            new Member("n", "[1:2:3:4:5:6:7::8]:1", 0),
            new Member("n", "[1::2::3]:1", 0),
            new Member("n", "[12345::1]:1", 0),
            new Member("n", "[::ffff:1.2.3.4]:1", 0),
            new Member("n", "[fd00::1:7946", 0),
            new Member("n", "1.2.3.4:1", -1),
            new Member("n", "1.2.3.4:1", MessageCodec.INCARNATION_MAX + 1))) {
      assertThat(decode(news(wrong))).as("%s", wrong).isInstanceOf(Decoded.Malformed.class);
    }
  }

  private static byte[] news(Member sender) {
    return MessageCodec.encode(new Packet(sender, new Message.News(), List.of()));
  }

  @Test
  void no_bytes_make_it_fail() {
    SplittableRandom random = new SplittableRandom(1);
    int known = 0;
    for (int i = 0; i < 20_000; i++) {
      Message message = MESSAGES.get(random.nextInt(MESSAGES.size()));
      byte[] bytes = MessageCodec.encode(new Packet(SENDER, message, UPDATES));
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      if (decode(bytes) instanceof Decoded.Known) {
        known++;
      }
    }
    assertThat(known).isBetween(5_000, 19_999);
  }

  @Test
  void the_core_counts_and_drops_what_it_does_not_know() {
    Gossip gossip = new Gossip(GossipParameters.DEFAULT, SENDER, new SplittableRandom(1), 0);
    byte[] bytes = news(new Member("n2", "10.0.0.2:7946", 1));
    byte[] version = bytes.clone();
    version[0] = 9;
    byte[] kind = bytes.clone();
    kind[1] = 9;
    assertThat(gossip.receive(0, version)).isEmpty();
    assertThat(gossip.receive(0, kind)).isEmpty();
    assertThat(gossip.receive(0, new byte[0])).isEmpty();
    assertThat(gossip.view().nodes()).containsOnlyKeys("n1");
    gossip.receive(0, bytes);
    assertThat(gossip.view().state("n2")).contains(MemberState.ALIVE);
    GossipCounters counters = gossip.counters();
    assertThat(counters.unknownVersion()).isEqualTo(1);
    assertThat(counters.unknownKind()).isEqualTo(1);
    assertThat(counters.malformed()).isEqualTo(1);
  }
}
