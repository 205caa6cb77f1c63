package dev.hanse.node.daemon;

import dev.hanse.kernel.file.DurableFile;
import dev.hanse.kernel.file.DurableRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** The id by which {@code docker info} tells daemons apart: drawn once, kept in the data root. */
final class EngineId {
  private static final int BYTES_MAX = 100;

  private EngineId() {}

  static String of(Path dataRoot) throws IOException {
    Path file = dataRoot.resolve("engine-id");
    Optional<String> known = DurableRecord.read(file, BYTES_MAX, EngineId::id);
    if (known.isPresent()) {
      return known.get();
    }
    String drawn = UUID.randomUUID().toString();
    DurableFile.replace(file, drawn);
    return drawn;
  }

  private static String id(byte[] content) throws IOException {
    String id = new String(content, StandardCharsets.US_ASCII).strip();
    if (!UUID.fromString(id).toString().equals(id)) {
      throw new IOException("it is only a part of an id"); // Java takes that for one.
    }
    return id;
  }
}
