package dev.hanse.docker.json;

import dev.hanse.model.Task;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Docker's endpoints have ids of their own; ours are known by task and network. */
public final class EndpointId {
  private EndpointId() {}

  /** 64 hexadecimal digits, the same whenever they are asked for. */
  public static String of(Task task, String networkId) {
    return hash(task.getId() + "/" + networkId);
  }

  /** Likewise of a container's network namespace. */
  public static String ofSandbox(String containerId) {
    return hash("sandbox/" + containerId);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
