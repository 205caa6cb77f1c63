package dev.hanse.agent.gossip;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** A key of the swarm's gossip: AES with 128 or 256 bits. */
public final class GossipKey {
  private final SecretKey secret;
  private final int id;

  private GossipKey(SecretKey secret, int id) {
    this.secret = secret;
    this.id = id;
  }

  /**
   * A key from its bytes, as the managers hand it out.
   *
   * @throws IllegalArgumentException unless there are 16 or 32
   */
  public static GossipKey of(byte[] secret) {
    if (secret.length != 16 && secret.length != 32) {
      throw new IllegalArgumentException(
          "a gossip key of " + secret.length + " bytes, not 16 or 32");
    }
    return new GossipKey(new SecretKeySpec(secret, "AES"), id(secret));
  }

  /** Says which key it is and nothing of the key; two keys may share it, if hardly ever. */
  private static int id(byte[] secret) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update("hanse gossip key".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      return java.nio.ByteBuffer.wrap(digest.digest(secret)).getInt();
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }

  SecretKey secret() {
    return secret;
  }

  int id() {
    return id;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GossipKey key
        && MessageDigest.isEqual(secret.getEncoded(), key.secret.getEncoded());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(secret.getEncoded());
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "key " + Integer.toHexString(id);
  }
}
