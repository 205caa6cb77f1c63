package dev.hanse.runtime.containers;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Any;
import dev.hanse.containerd.containers.Container;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.Labels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The labels that a container was made with. Most are containerd's labels of it; what containerd
 * forgets (an empty value) or refuses (a long one) is kept beside them. Source: containerd's {@code
 * pkg/labels} and {@code metadata/boltutil}.
 */
final class UserLabels {
  /** Name under which those are kept that are no labels of containerd's. */
  private static final String OTHERS = "hanse.labels";

  /** Of a label's name and value together, that containerd takes. */
  static final int BYTES_MAX = 4096;

  private static final ObjectMapper JSON = new ObjectMapper();

  private UserLabels() {}

  /** Adds them to a new record. One that looks like ours is left out: it would be read as such. */
  static void put(Container.Builder record, Map<String, String> labels) {
    ObjectNode others = JsonNodeFactory.instance.objectNode();
    labels.forEach(
        (name, value) -> {
          if (name.startsWith(Labels.PREFIX)) {
            return;
          }
          if (fits(name, value)) {
            record.putLabels(name, value);
          } else {
            others.put(name, value);
          }
        });
    if (!others.isEmpty()) {
      byte[] text = others.toString().getBytes(StandardCharsets.UTF_8);
      record.putExtensions(OTHERS, ContainerRecords.attachment(text));
    }
  }

  private static boolean fits(String name, String value) {
    return !name.isEmpty() && !value.isEmpty() && bytes(name) + bytes(value) <= BYTES_MAX;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Those of a record. */
  static Map<String, String> of(Container record) {
    Map<String, String> labels = new LinkedHashMap<>(record.getLabelsMap());
    labels.keySet().removeIf(name -> name.startsWith(Labels.PREFIX));
    Any others = record.getExtensionsMap().get(OTHERS);
    if (others != null) {
      try {
        JSON.readTree(others.getValue().toByteArray())
            .properties()
            .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
      } catch (IOException failure) {
        throw new RuntimeFault(
            RuntimeFault.Kind.INTERNAL, "labels of container " + record.getId(), failure);
      }
    }
    return labels;
  }
}
