package dev.hanse.agent.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.bounds.BoundedJson;
import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;

/** The file beside a volume's data that says what it is: {@code volume.json}. */
final class VolumeRecord {
  private static final int BYTES_MAX = 4 << 20;
  private static final String FILE = "volume.json";

  private VolumeRecord() {}

  static boolean exists(Path directory) {
    return Files.isRegularFile(directory.resolve(FILE));
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
    OwnFiles.replace(directory.resolve(FILE), BoundedJson.mapper().writeValueAsBytes(root));
  }

  static LocalVolume read(Path directory, Path mountpoint) throws IOException {
    JsonNode root = BoundedJson.read(directory.resolve(FILE), BYTES_MAX);
    try {
      return new LocalVolume(
          root.path("name").asText(),
          mountpoint,
          Instant.parse(root.path("createdAt").asText()),
          strings(root.path("labels")),
          strings(root.path("options")),
          root.path("anonymous").asBoolean());
    } catch (DateTimeParseException damaged) {
      throw new IOException("damaged volume record " + directory.resolve(FILE), damaged);
    }
  }

  private static Map<String, String> strings(JsonNode object) {
    Map<String, String> result = new HashMap<>();
    object.properties().forEach(entry -> result.put(entry.getKey(), entry.getValue().asText()));
    return result;
  }
}
