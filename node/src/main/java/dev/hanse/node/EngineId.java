package dev.hanse.node;

import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** The id by which {@code docker info} tells daemons apart: drawn once, kept in the data root. */
final class EngineId {
  private EngineId() {}

  static String of(Path dataRoot) throws IOException {
    Path file = dataRoot.resolve("engine-id");
    if (!Files.exists(file)) {
      OwnFiles.write(file, UUID.randomUUID().toString());
    }
    return Files.readString(file).strip();
  }
}
