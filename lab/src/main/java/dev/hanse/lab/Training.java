package dev.hanse.lab;

import dev.hanse.lab.client.DockerClient;
import dev.hanse.lab.demo.WebService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The training run of the ahead-of-time cache: a lab of two hosts whose manager does what daemons
 * usually do, so that the classes and profiles of that are in the cache. The cache is written when
 * the manager stops.
 */
final class Training {
  private static final String TRAINED = "host1";
  // The cache is assembled by a second virtual machine before the first one ends.
  private static final Duration WRITE_LIMIT = Duration.ofSeconds(150);

  private Training() {}

  /** Trains and writes the cache to {@code output}. */
  static void run(Path output) throws IOException {
    Directories directories = Directories.standard();
    Map<String, String> recording =
        Map.of(
            "HANSE_AOT", "off",
            "HANSE_JAVA_OPTS", "-XX:AOTCacheOutput=" + output,
            // Linked ahead of time, every class of the cache would be loaded by every daemon: the
            // manager's in a worker, and those of rare requests.
            "JDK_AOT_VM_OPTIONS", "-XX:-AOTClassLinking");
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
    for (String path : List.of("/version", "/info", "/nodes", "/networks", "/images/json")) {
      manager.get(path);
    }
    WebService web = new WebService(lab);
    web.loadImages();
    web.create(2);
    web.awaitRunning(2);
    web.addPort(8081);
    for (String path : List.of("/services", "/tasks", "/containers/json", "/system/df")) {
      manager.get(path);
    }
    web.remove();
  }
}
