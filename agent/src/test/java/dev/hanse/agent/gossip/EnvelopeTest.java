package dev.hanse.agent.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.agent.gossip.Envelope.Opened;
import dev.hanse.agent.gossip.Envelope.Purpose;
import dev.hanse.agent.gossip.Envelope.Reason;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
  private static final GossipKey OLD = GossipKey.of(filled(16, 1));
  private static final GossipKey NEW = GossipKey.of(filled(32, 2));
  private static final byte[] HERE = Envelope.receiver("10.0.0.1:7946");
  private static final byte[] WORDS = "packet".getBytes(StandardCharsets.US_ASCII);

  private static byte[] filled(int bytes, int value) {
    byte[] filled = new byte[bytes];
    java.util.Arrays.fill(filled, (byte) value);
    return filled;
  }

  private static Envelope with(GossipKey... keys) {
    return new Envelope(new SecureRandom(), List.of(keys));
  }

  private static Reason refused(Envelope envelope, Purpose purpose, byte[] at, byte[] sealed) {
    Opened opened = envelope.open(purpose, at, sealed);
    assertThat(opened).isInstanceOf(Opened.Refused.class);
    return ((Opened.Refused) opened).reason();
  }

  @Test
  void what_one_seals_the_other_opens() {
    byte[] sealed = with(OLD, NEW).seal(Purpose.DATAGRAM, HERE, 1234, WORDS);
    assertThat(sealed).hasSize(WORDS.length + Envelope.OVERHEAD_BYTES);
    Opened opened = with(NEW, OLD).open(Purpose.DATAGRAM, HERE, sealed);
    assertThat(opened).isInstanceOf(Opened.Packet.class);
    Opened.Packet packet = (Opened.Packet) opened;
    assertThat(packet.bytes()).isEqualTo(WORDS);
    assertThat(packet.sentMs()).isEqualTo(1234);
  }

  @Test
  void the_first_key_seals_and_a_removed_one_opens_nothing() {
    Envelope sender = with(OLD, NEW);
    Envelope receiver = with(OLD);
    assertThat(receiver.open(Purpose.DATAGRAM, HERE, sender.seal(Purpose.DATAGRAM, HERE, 0, WORDS)))
        .isInstanceOf(Opened.Packet.class);
    sender.keys(List.of(NEW, OLD));
    byte[] sealed = sender.seal(Purpose.DATAGRAM, HERE, 0, WORDS);
    assertThat(refused(receiver, Purpose.DATAGRAM, HERE, sealed)).isEqualTo(Reason.UNKNOWN_KEY);
    receiver.keys(List.of(OLD, NEW));
    assertThat(receiver.open(Purpose.DATAGRAM, HERE, sealed)).isInstanceOf(Opened.Packet.class);
    receiver.keys(List.of(OLD));
    assertThat(refused(receiver, Purpose.DATAGRAM, HERE, sealed)).isEqualTo(Reason.UNKNOWN_KEY);
  }

  @Test
  void every_changed_bit_is_noticed() {
    Envelope envelope = with(OLD);
    byte[] sealed = envelope.seal(Purpose.DATAGRAM, HERE, 0, WORDS);
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] changed = sealed.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThat(envelope.open(Purpose.DATAGRAM, HERE, changed))
          .as("bit %d", bit)
          .isInstanceOf(Opened.Refused.class);
    }
  }

  @Test
  void nothing_opens_for_another_receiver_or_purpose_or_cut_off() {
    Envelope envelope = with(OLD);
    byte[] sealed = envelope.seal(Purpose.QUESTION, HERE, 0, WORDS);
    byte[] there = Envelope.receiver("10.0.0.2:7946");
    assertThat(refused(envelope, Purpose.QUESTION, there, sealed)).isEqualTo(Reason.FORGED);
    assertThat(refused(envelope, Purpose.ANSWER, HERE, sealed)).isEqualTo(Reason.FORGED);
    for (int length = 0; length < sealed.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(sealed, length);
      assertThat(envelope.open(Purpose.QUESTION, HERE, cut)).isInstanceOf(Opened.Refused.class);
    }
  }

  @Test
  void a_key_has_16_or_32_bytes_and_keeps_its_secret() {
    assertThatThrownBy(() -> GossipKey.of(new byte[24])).hasMessageContaining("24 bytes");
    assertThat(OLD.toString()).doesNotContain("1, 1");
    assertThat(OLD).isEqualTo(GossipKey.of(filled(16, 1))).isNotEqualTo(NEW);
    Envelope keyless = with();
    assertThatThrownBy(() -> keyless.seal(Purpose.DATAGRAM, HERE, 0, WORDS))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void a_replay_window_takes_each_count_once_and_nothing_older_than_it() {
    ReplayWindows windows = new ReplayWindows();
    assertThat(windows.accept(7, 5)).isTrue();
    assertThat(windows.accept(7, 5)).isFalse();
    assertThat(windows.accept(8, 5)).isTrue();
    assertThat(windows.accept(7, 3)).isTrue();
    assertThat(windows.accept(7, 3)).isFalse();
    assertThat(windows.accept(7, 5 + ReplayWindows.WINDOW)).isTrue();
    assertThat(windows.accept(7, 6)).isTrue();
    assertThat(windows.accept(7, 6)).isFalse();
    assertThat(windows.accept(7, 5)).isFalse();
    assertThat(windows.accept(7, 4)).isFalse();
    assertThat(windows.accept(7, 0xffff_ffffL)).isTrue();
    assertThat(windows.accept(7, 0xffff_fffeL)).isTrue();
    assertThat(windows.accept(7, 0xffff_ffffL)).isFalse();
  }

  @Test
  void a_source_that_sends_too_much_is_not_read_for_a_while() throws Exception {
    SourceLimits limits = new SourceLimits(10, 3);
    java.net.InetAddress loud = java.net.InetAddress.ofLiteral("10.0.0.1");
    java.net.InetAddress quiet = java.net.InetAddress.ofLiteral("10.0.0.2");
    for (int i = 0; i < 3; i++) {
      assertThat(limits.take(loud, 1_000)).isTrue();
    }
    assertThat(limits.take(loud, 1_000)).isFalse();
    assertThat(limits.take(quiet, 1_000)).isTrue();
    assertThat(limits.take(loud, 1_099)).isFalse();
    assertThat(limits.take(loud, 1_200)).isTrue();
  }
}
