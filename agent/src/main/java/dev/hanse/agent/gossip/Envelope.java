package dev.hanse.agent.gossip;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Packets sealed with AES-GCM:
 *
 * <pre>
 * version (1 byte: 1), key id (4), session (8), count (4), ciphertext, tag (16)
 * plaintext   sender's clock (8, epoch milliseconds), packet (its first field is the sender)
 * also bound  the bytes before the ciphertext, the purpose (1), the receiver: for a datagram its
 *             address, for a stream the number that the answering side has drawn for it
 * </pre>
 *
 * Session and count are the nonce (NIST SP 800-38D, 8.2.1): the session is random, 64 bits for each
 * start of a node, and the count never repeats in it. Both also serve {@link ReplayWindows}.
 * Nothing sealed for one receiver or purpose opens for another.
 *
 * <p>May be used by several threads.
 */
final class Envelope {
  static final int VERSION = 1;
  static final int HEAD_BYTES = 1 + 4 + 8 + 4;
  static final int TAG_BYTES = 16;
  static final int OVERHEAD_BYTES = HEAD_BYTES + 8 + TAG_BYTES;
  private static final long COUNT_MAX = 0xffff_ffffL;

  /** What is sealed. */
  enum Purpose {
    DATAGRAM,
    QUESTION,
    ANSWER;

    byte code() {
      return switch (this) {
        case DATAGRAM -> 1;
        case QUESTION -> 2;
        case ANSWER -> 3;
      };
    }
  }

  /** What came out of a sealed form. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, handed over once
  sealed interface Opened {
    /** Made by a holder of a key, for us. */
    record Packet(long session, long count, long sentMs, byte[] bytes) implements Opened {}

    /** Not to be read. */
    record Refused(Reason reason) implements Opened {}
  }

  /** Why not. */
  enum Reason {
    FORGED,
    UNKNOWN_KEY,
    UNKNOWN_VERSION
  }

  private record Nonce(long session, long count) {}

  private final SecureRandom random;
  private final AtomicReference<Nonce> last;
  private final ThreadLocal<Cipher> ciphers = ThreadLocal.withInitial(Envelope::cipher);
  private volatile List<GossipKey> keys;

  Envelope(SecureRandom random, List<GossipKey> keys) {
    this.random = random;
    this.last = new AtomicReference<>(new Nonce(random.nextLong(), 0));
    this.keys = List.copyOf(keys);
  }

  private static Cipher cipher() {
    try {
      return Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java has AES-GCM", impossible);
    }
  }

  /** The first seals, all open. */
  void keys(List<GossipKey> present) {
    keys = List.copyOf(present);
  }

  /** Without a key nothing is sent and nothing is read. */
  boolean hasKey() {
    return !keys.isEmpty();
  }

  static byte[] receiver(String address) {
    return address.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Seals with the first key.
   *
   * @throws IllegalStateException when there is none
   */
  byte[] seal(Purpose purpose, byte[] receiver, long nowMs, byte[] packet) {
    List<GossipKey> present = keys;
    if (present.isEmpty()) {
      throw new IllegalStateException("no gossip key");
    }
    GossipKey key = present.getFirst();
    Nonce nonce = next();
    ByteBuffer out = ByteBuffer.allocate(OVERHEAD_BYTES + packet.length);
    out.put((byte) VERSION).putInt(key.id()).putLong(nonce.session).putInt((int) nonce.count);
    byte[] plain = ByteBuffer.allocate(8 + packet.length).putLong(nowMs).put(packet).array();
    try {
      Cipher cipher = prepare(Cipher.ENCRYPT_MODE, key, out.array(), purpose, receiver);
      cipher.doFinal(plain, 0, plain.length, out.array(), HEAD_BYTES);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("seal with " + key, impossible);
    }
    return out.array();
  }

  private Nonce next() {
    return last.updateAndGet(
        nonce ->
            nonce.count == COUNT_MAX
                ? new Nonce(random.nextLong(), 0)
                : new Nonce(nonce.session, nonce.count + 1));
  }

  /** Opens with any key. */
  Opened open(Purpose purpose, byte[] receiver, byte[] sealed) {
    if (sealed.length > 0 && sealed[0] != VERSION) {
      return new Opened.Refused(Reason.UNKNOWN_VERSION);
    }
    if (sealed.length < OVERHEAD_BYTES) {
      return new Opened.Refused(Reason.FORGED);
    }
    ByteBuffer head = ByteBuffer.wrap(sealed);
    head.get();
    int keyId = head.getInt();
    long session = head.getLong();
    long count = Integer.toUnsignedLong(head.getInt());
    Reason reason = Reason.UNKNOWN_KEY;
    for (GossipKey key : keys) {
      if (key.id() != keyId) {
        continue;
      }
      reason = Reason.FORGED;
      try {
        Cipher cipher = prepare(Cipher.DECRYPT_MODE, key, sealed, purpose, receiver);
        ByteBuffer plain =
            ByteBuffer.wrap(cipher.doFinal(sealed, HEAD_BYTES, sealed.length - HEAD_BYTES));
        long sentMs = plain.getLong();
        byte[] packet = new byte[plain.remaining()];
        plain.get(packet);
        return new Opened.Packet(session, count, sentMs, packet);
      } catch (AEADBadTagException _) {
        reason = Reason.FORGED; // Another key may have the same id.
      } catch (GeneralSecurityException impossible) {
        throw new IllegalStateException("open with " + key, impossible);
      }
    }
    return new Opened.Refused(reason);
  }

  private Cipher prepare(int mode, GossipKey key, byte[] sealed, Purpose purpose, byte[] receiver)
      throws GeneralSecurityException {
    Cipher cipher = ciphers.get();
    cipher.init(mode, key.secret(), new GCMParameterSpec(TAG_BYTES * 8, sealed, 5, 12));
    cipher.updateAAD(sealed, 0, HEAD_BYTES);
    cipher.updateAAD(new byte[] {purpose.code()});
    cipher.updateAAD(receiver);
    return cipher;
  }
}
