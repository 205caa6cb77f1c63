package dev.hanse.runtime.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.kernel.process.LimitedProcess;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a read-only bind is read-only for the mounts below it too: option {@code rro} of runc
 * since 1.1, which needs mount_setattr(2) of Linux 5.12. As in Docker since 25 it is the rule, left
 * out where it cannot be had or is not wanted.
 */
final class ReadOnlySubmounts {
  private static final Logger LOG = LoggerFactory.getLogger(ReadOnlySubmounts.class);
  private static final String OPTION = "rro";
  private static final int FEATURES_BYTES_MAX = 1 << 20;
  private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

  /** Found out when the first such mount is wanted: asking runc starts a process. */
  private static final class Host {
    static final Optional<String> OBSTACLE = obstacle();

    private Host() {}
  }

  private ReadOnlySubmounts() {}

  /**
   * Is the option to be given?
   *
   * @throws RuntimeFault INVALID if the mount insists and this host cannot do it
   */
  static boolean wanted(ContainerMount.Bind bind) {
    // Nothing is mounted below a file; secrets and configs need no answer of runc.
    if (!bind.readOnly() || !bind.recursive() || !Files.isDirectory(bind.source())) {
      return false;
    }
    return switch (bind.submounts()) {
      case UNCHANGED -> false;
      case READ_ONLY_IF_POSSIBLE -> Host.OBSTACLE.isEmpty();
      case READ_ONLY_OR_REFUSED -> orRefused(bind, Host.OBSTACLE);
    };
  }

  /** The same where no runc is asked, since the mounts are made without it. */
  static boolean wantedOfKernel(ContainerMount.Bind bind) {
    if (!bind.readOnly() || !bind.recursive() || !Files.isDirectory(bind.source())) {
      return false;
    }
    Optional<String> obstacle = obstacleOfKernel();
    return switch (bind.submounts()) {
      case UNCHANGED -> false;
      case READ_ONLY_IF_POSSIBLE -> obstacle.isEmpty();
      case READ_ONLY_OR_REFUSED -> orRefused(bind, obstacle);
    };
  }

  static boolean orRefused(ContainerMount.Bind bind, Optional<String> obstacle) {
    if (obstacle.isPresent()) {
      throw new RuntimeFault(
          RuntimeFault.Kind.INVALID,
          "invalid mount config for type \"bind\": "
              + bind.target()
              + " cannot be made recursively read-only: "
              + obstacle.get());
    }
    return true;
  }

  private static Optional<String> obstacle() {
    Optional<String> obstacle = obstacleOfKernel().or(ReadOnlySubmounts::obstacleOfRuntime);
    obstacle.ifPresent(
        why -> LOG.warn("read-only binds leave what is mounted below them writable: {}", why));
    return obstacle;
  }

  private static Optional<String> obstacleOfKernel() {
    return Mounts.canSetAttributesRecursively()
        ? Optional.empty()
        : Optional.of("the kernel has no mount_setattr (Linux 5.12)");
  }

  private static Optional<String> obstacleOfRuntime() {
    Optional<Path> runc = Programs.find("runc");
    if (runc.isEmpty()) {
      return Optional.of("runc is not installed");
    }
    try {
      return options(features(runc.get()))
          ? Optional.empty()
          : Optional.of("runc is older than 1.1 and does not know the mount option " + OPTION);
    } catch (IOException unknown) {
      return Optional.of("runc features: " + unknown.getMessage());
    }
  }

  /** Does the answer of {@code runc features} name the option? */
  static boolean options(byte[] features) throws IOException {
    for (JsonNode option : new ObjectMapper().readTree(features).path("mountOptions")) {
      if (option.asText().equals(OPTION)) {
        return true;
      }
    }
    return false;
  }

  private static byte[] features(Path runc) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(runc.toString(), "features");
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      LimitedProcess.Outcome answer = LimitedProcess.run(builder, ANSWER_MAX, FEATURES_BYTES_MAX);
      if (answer.isOverdue()) {
        throw new IOException("no answer");
      }
      return answer.text().getBytes(StandardCharsets.UTF_8);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    }
  }
}
