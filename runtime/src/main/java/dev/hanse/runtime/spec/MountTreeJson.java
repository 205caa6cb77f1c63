package dev.hanse.runtime.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Mount trees as they are kept with a container until it starts. */
public final class MountTreeJson {
  private MountTreeJson() {}

  /** As UTF-8. */
  public static byte[] write(List<MountTree> trees) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (MountTree tree : trees) {
      ObjectNode node = list.addObject().put("place", tree.place().toString());
      write(node.putObject("root"), tree.root());
      ArrayNode nested = node.putArray("nested");
      for (MountTree.Nested one : tree.nested()) {
        ObjectNode written = nested.addObject().put("base", one.base()).put("path", one.path());
        write(written.putObject("mount"), one.mount());
      }
    }
    return list.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void write(ObjectNode node, ContainerMount mount) {
    node.put("target", mount.target());
    switch (mount) {
      case ContainerMount.Bind bind ->
          node.put("source", bind.source().toString())
              .put("readOnly", bind.readOnly())
              .put("propagation", bind.propagation().name())
              .put("recursive", bind.recursive())
              .put("submounts", bind.submounts().name());
      case ContainerMount.Tmpfs tmpfs -> {
        node.put("readOnly", tmpfs.readOnly()).put("executable", tmpfs.executable());
        tmpfs.sizeBytes().ifPresent(size -> node.put("sizeBytes", size));
        tmpfs.mode().ifPresent(mode -> node.put("mode", mode));
      }
    }
  }

  /**
   * What was written.
   *
   * @throws IOException if it was not by this class
   */
  public static List<MountTree> read(byte[] text) throws IOException {
    List<MountTree> trees = new ArrayList<>();
    try {
      for (JsonNode node : new ObjectMapper().readTree(text)) {
        List<MountTree.Nested> nested = new ArrayList<>();
        for (JsonNode one : node.path("nested")) {
          nested.add(
              new MountTree.Nested(
                  one.path("base").asInt(), one.path("path").asText(), mount(one.path("mount"))));
        }
        trees.add(
            new MountTree(Path.of(node.path("place").asText()), bind(node.path("root")), nested));
      }
      return trees;
    } catch (IllegalArgumentException unknown) {
      throw new IOException("mounts of a container: " + unknown.getMessage(), unknown);
    }
  }

  private static ContainerMount mount(JsonNode node) {
    return node.has("source")
        ? bind(node)
        : new ContainerMount.Tmpfs(
            node.path("target").asText(),
            node.has("sizeBytes")
                ? OptionalLong.of(node.path("sizeBytes").asLong())
                : OptionalLong.empty(),
            node.has("mode") ? OptionalInt.of(node.path("mode").asInt()) : OptionalInt.empty(),
            node.path("readOnly").asBoolean(),
            node.path("executable").asBoolean());
  }

  private static ContainerMount.Bind bind(JsonNode node) {
    return new ContainerMount.Bind(
        Path.of(node.path("source").asText()),
        node.path("target").asText(),
        node.path("readOnly").asBoolean(),
        ContainerMount.Propagation.valueOf(node.path("propagation").asText()),
        node.path("recursive").asBoolean(),
        ContainerMount.Submounts.valueOf(node.path("submounts").asText()));
  }
}
