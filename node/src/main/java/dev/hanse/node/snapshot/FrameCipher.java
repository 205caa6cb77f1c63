package dev.hanse.node.snapshot;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-256-GCM for the frames of one file. The key is this file's alone, so a frame's number is a
 * nonce; whether it is the last is a part of it, so that no frame can be left out, moved, or taken
 * for the end (the STREAM construction: Hoang and others, "Online Authenticated-Encryption and its
 * Nonce-Reuse Misuse-Resistance", 2015).
 */
final class FrameCipher {
  static final int TAG_BYTES = 16;

  private static final int NONCE_BYTES = 12;

  private final SecretKey key;
  private final byte[] header;
  private long number;

  /** For the frames of a file in order; {@code header} is what its header is authenticated with. */
  FrameCipher(SecretKey key, byte[] header) {
    this.key = key;
    this.header = header.clone();
  }

  /** Encrypts the next frame. */
  byte[] seal(byte[] bytes, int length, boolean last) {
    try {
      return cipher(Cipher.ENCRYPT_MODE, last).doFinal(bytes, 0, length);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("encrypting a frame", impossible);
    }
  }

  /** Decrypts the next frame; empty if it is not what {@link #seal} made there. */
  Optional<byte[]> open(byte[] sealed, boolean last) {
    try {
      return Optional.of(cipher(Cipher.DECRYPT_MODE, last).doFinal(sealed));
    } catch (AEADBadTagException forged) {
      return Optional.empty();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("decrypting a frame", impossible);
    }
  }

  private Cipher cipher(int mode, boolean last) throws GeneralSecurityException {
    byte[] nonce = ByteBuffer.allocate(NONCE_BYTES).putLong(number++).putInt(last ? 1 : 0).array();
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
    cipher.updateAAD(header);
    return cipher;
  }
}
