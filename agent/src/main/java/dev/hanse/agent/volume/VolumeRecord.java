package dev.hanse.agent.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.bounds.BoundedJson;
import dev.hanse.kernel.file.DurableFile;
import dev.hanse.kernel.file.DurableRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The file beside a volume's data that says what it is: {@code volume.json}. */
final class VolumeRecord {
  private static final int BYTES_MAX = 4 << 20;
  private static final String FILE = "volume.json";

  private VolumeRecord() {}

  static boolean exists(Path directory) {
    return Files.isRegularFile(directory.resolve(FILE));
  }

  /** Was there one that said nothing sensible? */
  static boolean wasBroken(Path directory) {
    return Files.exists(DurableFile.broken(directory.resolve(FILE)));
  }

  static void write(Path directory, LocalVolume volume) throws IOException {
    ObjectNode root = BoundedJson.mapper().createObjectNode();
    root.put("name", volume.name());
    root.put("createdAt", volume.createdAt().toString());
    root.put("anonymous", volume.anonymous());
    ObjectNode labels = root.putObject("labels");
    volume.labels().forEach(labels::put);
    ObjectNode options = root.putObject("options");
    volume.options().forEach(options::put);
    // A part of it is no JSON, so it needs no checksum.
    DurableFile.replace(directory.resolve(FILE), BoundedJson.mapper().writeValueAsBytes(root));
  }

  /** What is written of a volume; empty if there is nothing, or nothing sensible. */
  static Optional<LocalVolume> read(Path directory, String name, Path mountpoint)
      throws IOException {
    return DurableRecord.read(
        directory.resolve(FILE),
        BYTES_MAX,
        content -> {
          JsonNode root = BoundedJson.read(content);
          if (!root.path("name").asText().equals(name)) {
            throw new IOException("it is of the volume \"" + root.path("name").asText() + "\"");
          }
          try {
            return new LocalVolume(
                name,
                mountpoint,
                Instant.parse(root.path("createdAt").asText()),
                strings(root.path("labels")),
                strings(root.path("options")),
                root.path("anonymous").asBoolean());
          } catch (DateTimeParseException damaged) {
            throw new IOException("it does not say when the volume was made", damaged);
          }
        });
  }

  private static Map<String, String> strings(JsonNode object) {
    Map<String, String> result = new HashMap<>();
    object.properties().forEach(entry -> result.put(entry.getKey(), entry.getValue().asText()));
    return result;
  }
}
