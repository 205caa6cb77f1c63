package dev.hanse.lab;

import dev.hanse.lab.client.DockerClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The training run of the ahead-of-time cache: a lab of two hosts whose manager does what every
 * daemon does at its start. It runs no container: every class of the cache is loaded by every
 * daemon, so what only some need is better loaded when they do. The cache is written when the
 * manager stops.
 */
final class Training {
  private static final String TRAINED = "host1";
  // The cache is assembled by a second virtual machine before the first one ends.
  private static final Duration WRITE_LIMIT = Duration.ofSeconds(150);

  private static final List<String> PATHS =
      List.of("/version", "/info", "/nodes", "/services", "/tasks", "/networks");

  private Training() {}

  /** Trains and writes the cache to {@code output}. */
  static void run(Path output) throws IOException {
    Directories directories = Directories.standard();
    Map<String, String> recording =
        Map.of("HANSE_AOT", "off", "HANSE_JAVA_OPTS", "-XX:AOTCacheOutput=" + output);
    // Builds of several clones may train at the same time.
    String name = "training-" + Integer.toHexString(output.toAbsolutePath().hashCode());
    LabPlan plan = LabPlan.of(name, 1, 1).withEnvironment(TRAINED, recording);
    Lab lab =
        Interruption.guard(
            directories, name, LabCommand::say, () -> Lab.up(directories, plan, LabCommand::say));
    try {
      exercise(lab);
      lab.stop(TRAINED, WRITE_LIMIT);
      Await.until(WRITE_LIMIT, "the cache is written", () -> Files.exists(output));
    } finally {
      lab.down(LabCommand::say);
    }
  }

  private static void exercise(Lab lab) throws IOException {
    DockerClient manager = lab.docker(TRAINED);
    for (String path : PATHS) {
      manager.get(path);
    }
  }
}
