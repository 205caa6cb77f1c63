package dev.hanse.runtime.content;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.RuntimeFault;
import java.util.ArrayList;
import java.util.List;

/** One platform's image: a configuration and layers, lowest first. */
public record Manifest(String mediaType, BlobDescriptor config, List<BlobDescriptor> layers) {
  /** What a manifest or an index may have. */
  public static final int BYTES_MAX = 4 << 20;

  private static final int LAYERS_MAX = 500;
  private static final long CONFIG_BYTES_MAX = 8 << 20;
  private static final long LAYER_BYTES_MAX = 64L << 30;

  /** Refuses more layers than are read. */
  public Manifest {
    if (layers.size() > LAYERS_MAX) {
      throw tooMany();
    }
    layers = List.copyOf(layers);
  }

  /**
   * Reads a manifest.
   *
   * @param declaredType what the transport called it, used if the document does not say
   */
  public static Manifest read(byte[] bytes, String declaredType) {
    JsonNode root = Documents.read(bytes, RuntimeFault.Kind.BAD_IMAGE, "manifest");
    if (root.path("schemaVersion").asInt() != 2) {
      throw new RuntimeFault(
          RuntimeFault.Kind.BAD_IMAGE,
          "manifest of schema version "
              + root.path("schemaVersion").asText("?")
              + " is not supported: the image must be pushed again with a newer tool");
    }
    var layers = new ArrayList<BlobDescriptor>();
    for (JsonNode node : root.path("layers")) {
      if (layers.size() == LAYERS_MAX) {
        throw tooMany();
      }
      BlobDescriptor layer = BlobDescriptor.read(node);
      requireSize(layer, LAYER_BYTES_MAX);
      layers.add(layer);
    }
    BlobDescriptor config = BlobDescriptor.read(root.path("config"));
    requireSize(config, CONFIG_BYTES_MAX);
    return new Manifest(root.path("mediaType").asText(declaredType), config, layers);
  }

  private static RuntimeFault tooMany() {
    return new RuntimeFault(
        RuntimeFault.Kind.BAD_IMAGE, "image has more than " + LAYERS_MAX + " layers");
  }

  private static void requireSize(BlobDescriptor blob, long bytesMax) {
    if (blob.sizeBytes() > bytesMax) {
      throw new RuntimeFault(
          RuntimeFault.Kind.BAD_IMAGE,
          "blob " + blob.digest() + " has " + blob.sizeBytes() + " bytes, more than " + bytesMax);
    }
  }

  /** As it is stored and sent. */
  public byte[] write() {
    ObjectNode root = Documents.object().put("schemaVersion", 2).put("mediaType", mediaType);
    root.set("config", config.write());
    var list = root.putArray("layers");
    layers.forEach(layer -> list.add(layer.write()));
    return Documents.write(root);
  }
}
