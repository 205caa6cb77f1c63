package dev.hanse.identity.certificate;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The secret that opens a locked manager's files: 32 random bytes, written for people as {@code
 * SWMKEY-1-} and unpadded base64 (swarmkit, {@code manager/encryption}). It is kept in the cluster
 * object and in people's heads, never on a manager's disk in the clear.
 */
public final class UnlockKey {
  /** Its length. */
  public static final int BYTES = 32;

  private static final String PREFIX = "SWMKEY-1-";

  private final byte[] bytes;

  private UnlockKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A new key. */
  public static UnlockKey generate(SecureRandom random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return new UnlockKey(bytes);
  }

  /**
   * The key as it stands in the cluster object.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public static UnlockKey of(byte[] bytes) {
    if (bytes.length == 0) {
      throw new IllegalArgumentException("an unlock key has bytes");
    }
    return new UnlockKey(bytes.clone());
  }

  /**
   * Reads what a person has typed; white space around it does not matter.
   *
   * @throws IdentityException (MALFORMED) if it is no unlock key
   */
  public static UnlockKey parse(String text) throws IdentityException {
    String stripped = text.strip();
    if (stripped.startsWith(PREFIX)) {
      try {
        byte[] bytes = Base64.getDecoder().decode(stripped.substring(PREFIX.length()));
        if (bytes.length == BYTES) {
          return new UnlockKey(bytes);
        }
      } catch (IllegalArgumentException e) {
        throw malformed(e);
      }
    }
    throw malformed(null);
  }

  private static IdentityException malformed(@Nullable Throwable cause) {
    String message =
        "invalid key string: an unlock key begins with " + PREFIX + " and has 52 characters";
    return cause == null
        ? new IdentityException(IdentityException.Reason.MALFORMED, message)
        : new IdentityException(IdentityException.Reason.MALFORMED, message, cause);
  }

  /** The key itself. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The text that {@code docker swarm unlock-key} shows. */
  public String text() {
    return PREFIX + Base64.getEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UnlockKey key && MessageDigest.isEqual(bytes, key.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "UnlockKey[…]";
  }
}
