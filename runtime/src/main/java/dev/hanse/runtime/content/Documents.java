package dev.hanse.runtime.content;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.bounds.BoundedJson;
import dev.hanse.bounds.HeapShares;
import dev.hanse.bounds.MemoryShare;
import dev.hanse.runtime.RuntimeFault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reading and writing of JSON documents. */
public final class Documents {
  private static final ObjectMapper JSON = BoundedJson.mapper();

  private Documents() {}

  /** Reads an object or array; what is neither, or too large, is a fault. */
  public static JsonNode read(byte[] bytes, RuntimeFault.Kind kindIfBad, String what) {
    try (MemoryShare.Claim memory = HeapShares.DOCUMENTS.firm()) {
      long treeBytes = BoundedJson.treeBytes(bytes);
      if (treeBytes <= BoundedJson.TREE_BYTES_MAX && !memory.grow(treeBytes)) {
        throw new RuntimeFault(
            RuntimeFault.Kind.UNAVAILABLE, "too many image documents are being read: " + what);
      }
      JsonNode node = BoundedJson.read(bytes);
      if (node != null && (node.isObject() || node.isArray())) {
        return node;
      }
      throw new RuntimeFault(kindIfBad, what + " is not a JSON document");
    } catch (IOException failure) {
      throw new RuntimeFault(kindIfBad, what + " is not valid JSON", failure);
    }
  }

  /** A new, empty object. */
  public static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** The document as JSON. */
  public static byte[] write(JsonNode node) {
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The texts of an array; empty if the node is absent or null. */
  public static List<String> texts(JsonNode array) {
    var found = new ArrayList<String>();
    array.forEach(node -> found.add(node.asText()));
    return found;
  }

  /** The field names of an object; empty if the node is absent or null. */
  static List<String> names(JsonNode object) {
    var found = new ArrayList<String>();
    object.fieldNames().forEachRemaining(found::add);
    return found;
  }
}
