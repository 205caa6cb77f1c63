package dev.hanse.identity.certificate;

import static dev.hanse.identity.certificate.IdentityException.Reason.LOCKED;
import static dev.hanse.identity.certificate.IdentityException.Reason.MALFORMED;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * The text of a node's private key, open or locked. A locked key is a PEM block of a type of our
 * own: nonce, then AES-256-GCM of the open block's text, under a key derived from the unlock key.
 *
 * <p>While the lock is changed a file holds the same key twice, once under each lock (or once open
 * and once locked), because the log's data keys are another file and follow a moment later: with
 * either of the two unlock keys, a crash in between leaves files that fit together.
 */
final class KeyFile {
  private static final String TYPE = "HANSE LOCKED PRIVATE KEY";
  private static final String HEADER = "-----BEGIN " + TYPE + "-----";
  private static final String FOOTER = "-----END " + TYPE + "-----";
  private static final byte[] LABEL = "hanse node key 1".getBytes(StandardCharsets.US_ASCII);
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private KeyFile() {}

  /**
   * A key and the locks that its file had.
   *
   * @param locks empty stands for "none": the key lies open
   */
  record Opened(PrivateKey key, List<Optional<UnlockKey>> locks) {}

  /** The text for a file from which each of the locks' keys gets the private key back. */
  static byte[] encode(PrivateKey key, List<Optional<UnlockKey>> locks, SecureRandom random) {
    byte[] open = Pem.encode(key);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (Optional<UnlockKey> lock : locks) {
      text.writeBytes(lock.isEmpty() ? open : Pem.encode(TYPE, sealed(open, lock.get(), random)));
    }
    return text.toByteArray();
  }

  /**
   * Reads a file.
   *
   * @throws IdentityException LOCKED if it takes another key, or one at all
   */
  static Opened decode(byte[] file, Optional<UnlockKey> unlockKey) throws IdentityException {
    List<byte[]> blocks = lockedBlocks(file);
    List<Optional<UnlockKey>> locks = new ArrayList<>();
    Optional<PrivateKey> key = Optional.empty();
    if (unlockKey.isPresent()) {
      for (byte[] block : blocks) {
        Optional<byte[]> opened = opened(block, unlockKey.get());
        if (opened.isPresent()) {
          key = Optional.of(Pem.privateKey(opened.get()));
          locks.add(unlockKey);
          break;
        }
      }
    }
    if (blocks.isEmpty() || holdsOpenKey(file)) {
      key = Optional.of(Pem.privateKey(file));
      locks.add(Optional.empty());
    }
    if (key.isEmpty()) {
      throw new IdentityException(
          LOCKED,
          unlockKey.isPresent()
              ? "swarm could not be unlocked: invalid key provided"
              : "the private key of this node is locked; 'docker swarm unlock' opens it");
    }
    return new Opened(key.get(), List.copyOf(locks));
  }

  private static boolean holdsOpenKey(byte[] file) {
    String text = new String(file, StandardCharsets.US_ASCII);
    return text.contains("-----BEGIN PRIVATE KEY-----")
        || text.contains("-----BEGIN EC PRIVATE KEY-----");
  }

  private static List<byte[]> lockedBlocks(byte[] file) throws IdentityException {
    if (file.length > Pem.BYTES_MAX) {
      throw new IdentityException(MALFORMED, "private key file of " + file.length + " bytes");
    }
    List<byte[]> blocks = new ArrayList<>();
    String text = new String(file, StandardCharsets.US_ASCII);
    int begin = text.indexOf(HEADER);
    while (begin >= 0) {
      int end = text.indexOf(FOOTER, begin);
      if (end < 0) {
        throw new IdentityException(MALFORMED, "locked private key is cut off");
      }
      try {
        blocks.add(Base64.getMimeDecoder().decode(text.substring(begin + HEADER.length(), end)));
      } catch (IllegalArgumentException e) {
        throw new IdentityException(MALFORMED, "malformed locked private key", e);
      }
      begin = text.indexOf(HEADER, end);
    }
    return blocks;
  }

  private static byte[] sealed(byte[] open, UnlockKey lock, SecureRandom random) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(Cipher.ENCRYPT_MODE, derived(lock), new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(LABEL);
      ByteArrayOutputStream sealed = new ByteArrayOutputStream();
      sealed.writeBytes(nonce);
      sealed.writeBytes(cipher.doFinal(open));
      return sealed.toByteArray();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has AES-GCM", e);
    }
  }

  private static Optional<byte[]> opened(byte[] block, UnlockKey lock) throws IdentityException {
    if (block.length <= NONCE_BYTES) {
      throw new IdentityException(MALFORMED, "locked private key is cut off");
    }
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(
          Cipher.DECRYPT_MODE,
          derived(lock),
          new GCMParameterSpec(TAG_BITS, block, 0, NONCE_BYTES));
      cipher.updateAAD(LABEL);
      return Optional.of(cipher.doFinal(block, NONCE_BYTES, block.length - NONCE_BYTES));
    } catch (AEADBadTagException e) {
      return Optional.empty(); // Another key's.
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has AES-GCM", e);
    }
  }

  /** So that the same unlock key may serve other files under other labels. */
  private static SecretKey derived(UnlockKey lock) throws GeneralSecurityException {
    return KDF.getInstance("HKDF-SHA256")
        .deriveKey(
            "AES",
            HKDFParameterSpec.ofExtract().addIKM(lock.bytes()).thenExpand(LABEL, UnlockKey.BYTES));
  }
}
