package dev.hanse.docker.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.container.HealthcheckJson;
import dev.hanse.runtime.content.ImageConfig;
import dev.hanse.runtime.images.Image;
import dev.hanse.web.Json;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Images as the API shows them. */
public final class ImageJson {
  private ImageJson() {}

  /** When it was built, as filters and ages take it; when it came here, if it does not say. */
  static Instant made(Image image) {
    return image.created().orElse(image.stored());
  }

  /**
   * An entry of the list; who uses and shares the image is not counted, as in Docker.
   *
   * @param tags those of the image that are to be shown
   */
  public static ObjectNode summary(Image image, List<String> tags) {
    ObjectNode json = Json.object();
    json.put("Id", image.id());
    json.put("ParentId", "");
    putTexts(json, "RepoTags", tags);
    putTexts(json, "RepoDigests", image.digests());
    json.put("Created", image.created().map(Instant::getEpochSecond).orElse(0L));
    json.put("Size", image.sizeBytes());
    json.put("SharedSize", -1);
    putLabels(json, image.config().labels());
    json.put("Containers", -1);
    return json;
  }

  /** The answer of inspect. */
  static ObjectNode details(Image image) {
    ObjectNode json = Json.object();
    json.put("Id", image.id());
    putTexts(json, "RepoTags", image.tags());
    putTexts(json, "RepoDigests", image.digests());
    json.put("Parent", "");
    json.put("Comment", image.comment());
    json.put("Created", image.created().map(Instant::toString).orElse(""));
    json.put("DockerVersion", "");
    json.put("Author", image.author());
    json.set("Config", config(image.config()));
    json.put("Architecture", image.architecture());
    if (!image.variant().isEmpty()) {
      json.put("Variant", image.variant());
    }
    json.put("Os", image.operatingSystem());
    json.put("Size", image.sizeBytes());
    json.putObject("GraphDriver").put("Name", "overlayfs").putNull("Data");
    ObjectNode layers = json.putObject("RootFS").put("Type", "layers");
    putTexts(layers, "Layers", image.layers());
    json.putObject("Metadata").put("LastTagTime", image.stored().toString());
    return json;
  }

  private static ObjectNode config(ImageConfig config) {
    ObjectNode json = Json.object();
    json.put("User", config.user());
    ObjectNode ports = Json.object();
    config.exposedPorts().forEach(ports::putObject);
    if (!ports.isEmpty()) {
      json.set("ExposedPorts", ports);
    }
    putTexts(json, "Env", config.environment());
    putTextsOrNull(json, "Cmd", config.command());
    putTextsOrNull(json, "Entrypoint", config.entrypoint());
    if (config.volumes().isEmpty()) {
      json.putNull("Volumes");
    } else {
      ObjectNode volumes = json.putObject("Volumes");
      config.volumes().forEach(volumes::putObject);
    }
    json.put("WorkingDir", config.workingDirectory());
    putTextsOrNull(json, "OnBuild", config.onBuild());
    putLabels(json, config.labels());
    config.stopSignal().ifPresent(signal -> json.put("StopSignal", signal));
    config.healthcheck().ifPresent(check -> json.set("Healthcheck", HealthcheckJson.of(check)));
    if (!config.shell().isEmpty()) {
      putTexts(json, "Shell", config.shell());
    }
    return json;
  }

  /** The answer of history: newest first. */
  static ArrayNode history(Image image) {
    ArrayNode entries = Json.array();
    boolean newest = true;
    for (Image.HistoryEntry entry : image.history().reversed()) {
      ObjectNode json = entries.addObject();
      json.put("Id", newest ? image.id() : "<missing>");
      json.put("Created", entry.created().map(Instant::getEpochSecond).orElse(0L));
      json.put("CreatedBy", entry.createdBy());
      putTextsOrNull(json, "Tags", newest ? image.tags() : List.of());
      json.put("Size", entry.sizeBytes());
      json.put("Comment", entry.comment());
      newest = false;
    }
    return entries;
  }

  private static void putLabels(ObjectNode json, Map<String, String> labels) {
    if (labels.isEmpty()) {
      json.putNull("Labels");
    } else {
      labels.forEach(json.putObject("Labels")::put);
    }
  }

  private static void putTexts(ObjectNode json, String key, Collection<String> texts) {
    texts.forEach(json.putArray(key)::add);
  }

  private static void putTextsOrNull(ObjectNode json, String key, Collection<String> texts) {
    if (texts.isEmpty()) {
      json.putNull(key);
    } else {
      putTexts(json, key, texts);
    }
  }
}
