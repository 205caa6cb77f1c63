package dev.hanse.runtime.content;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.text.Form;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An image's configuration document. Source: the OCI image specification, config.md.
 *
 * @param layers digests of the uncompressed layers, lowest first
 */
public record ConfigDocument(
    Optional<Instant> created,
    String author,
    String operatingSystem,
    String architecture,
    String variant,
    ImageConfig config,
    List<String> layers,
    List<Step> history) {

  private static final long STEP_BYTES = 100;
  private static final Form DIGEST = Form.of("sha256:[0-9a-f]{64}", 71);

  /** One step of the history. */
  public record Step(
      Optional<Instant> created, String createdBy, String comment, boolean emptyLayer) {}

  /** Reads an image's configuration. */
  public static ConfigDocument read(byte[] bytes) {
    JsonNode root = Documents.read(bytes, RuntimeFault.Kind.BAD_IMAGE, "image configuration");
    List<String> layers = Documents.texts(root.path("rootfs").path("diff_ids"));
    for (String layer : layers) {
      if (!DIGEST.fits(layer)) {
        throw new RuntimeFault(
            RuntimeFault.Kind.BAD_IMAGE, "image configuration has an invalid layer: " + layer);
      }
    }
    var history = new ArrayList<Step>();
    for (JsonNode step : root.path("history")) {
      history.add(
          new Step(
              instant(step.path("created")),
              step.path("created_by").asText(""),
              step.path("comment").asText(""),
              step.path("empty_layer").asBoolean()));
    }
    return new ConfigDocument(
        instant(root.path("created")),
        root.path("author").asText(""),
        root.path("os").asText("linux"),
        root.path("architecture").asText(""),
        root.path("variant").asText(""),
        config(root.path("config")),
        layers,
        history);
  }

  private static ImageConfig config(JsonNode node) {
    Map<String, String> labels = new LinkedHashMap<>();
    JsonNode given = node.path("Labels");
    Documents.names(given).forEach(name -> labels.put(name, given.path(name).asText("")));
    return new ImageConfig(
        Documents.texts(node.path("Entrypoint")),
        Documents.texts(node.path("Cmd")),
        Documents.texts(node.path("Env")),
        node.path("User").asText(""),
        node.path("WorkingDir").asText(""),
        Documents.names(node.path("ExposedPorts")),
        Documents.names(node.path("Volumes")),
        labels,
        Optional.of(node.path("StopSignal").asText("")).filter(signal -> !signal.isEmpty()),
        healthcheck(node.path("Healthcheck")),
        Documents.texts(node.path("Shell")),
        Documents.texts(node.path("OnBuild")));
  }

  private static Optional<ImageConfig.Healthcheck> healthcheck(JsonNode node) {
    if (!node.isObject()) {
      return Optional.empty();
    }
    return Optional.of(
        new ImageConfig.Healthcheck(
            Documents.texts(node.path("Test")),
            node.path("Interval").asLong(),
            node.path("Timeout").asLong(),
            node.path("StartPeriod").asLong(),
            node.path("StartInterval").asLong(),
            node.path("Retries").asInt()));
  }

  private static Optional<Instant> instant(JsonNode node) {
    try {
      return node.isTextual()
          ? Optional.of(java.time.OffsetDateTime.parse(node.asText()).toInstant())
          : Optional.empty();
    } catch (DateTimeParseException unknown) {
      return Optional.empty();
    }
  }

  /** What it takes of the heap, bytes. */
  long heapBytes() {
    long steps =
        history.stream()
            .mapToLong(
                step -> STEP_BYTES + HeapBytes.of(step.createdBy()) + HeapBytes.of(step.comment()))
            .sum();
    return steps
        + HeapBytes.of(layers)
        + HeapBytes.of(List.of(author, operatingSystem, architecture, variant))
        + config.heapBytes();
  }

  /** Names of the layer stacks: the n-th is all layers up to the n-th. */
  public List<String> chainIds() {
    var chain = new ArrayList<String>();
    String below = "";
    for (String layer : layers) {
      below =
          below.isEmpty()
              ? layer
              : ContentStore.digest((below + " " + layer).getBytes(StandardCharsets.UTF_8));
      chain.add(below);
    }
    return chain;
  }
}
