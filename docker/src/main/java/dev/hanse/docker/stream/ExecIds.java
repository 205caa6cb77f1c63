package dev.hanse.docker.stream;

import dev.hanse.text.Digits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * The ids of execs tell their node: any manager finds it, though the exec's creation and its start
 * may come to different ones. They look like Docker's, 64 hexadecimal digits.
 */
public final class ExecIds {
  private static final int RANDOM_BYTES = 20;
  private static final int NODE_BYTES = 12;
  private static final int DIGITS = 2 * (RANDOM_BYTES + NODE_BYTES);

  private ExecIds() {}

  /**
   * A new one that cannot be guessed.
   *
   * @param nodeId "" outside of a swarm
   */
  static String make(RandomGenerator random, String nodeId) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes) + mark(nodeId);
  }

  /** Whether it was made on this node. */
  public static boolean isOf(String execId, String nodeId) {
    return Digits.areHex(execId, DIGITS) && execId.endsWith(mark(nodeId));
  }

  private static String mark(String nodeId) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(nodeId.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, NODE_BYTES);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-256", missing);
    }
  }
}
