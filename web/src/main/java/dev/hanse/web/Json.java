package dev.hanse.web;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.bounds.BoundedJson;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.Supplier;

/** Jackson's tree, the only way this module reads and writes JSON. */
public final class Json {
  /** Deeper nesting than this is refused. */
  static final int DEPTH_MAX = BoundedJson.DEPTH_MAX;

  private static final ObjectMapper MAPPER = BoundedJson.mapper();

  private Json() {}

  /** A new, empty object. */
  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A new, empty array. */
  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /** Parses a document; what cannot be parsed, or is empty, throws what {@code onError} gives. */
  public static JsonNode parse(String text, Supplier<? extends RuntimeException> onError) {
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node.isMissingNode()) {
        throw onError.get();
      }
      return node;
    } catch (JsonProcessingException e) {
      throw onError.get();
    }
  }

  /** Parses a request's body. */
  static JsonNode parse(byte[] body) {
    try {
      JsonNode node = MAPPER.readTree(body);
      if (node.isMissingNode()) {
        throw HttpFailure.invalid("invalid JSON: got EOF while reading request body");
      }
      return node;
    } catch (JsonProcessingException e) {
      String text = e.getOriginalMessage();
      if (text.startsWith("Trailing token")) {
        throw HttpFailure.invalid("unexpected content after JSON");
      }
      throw HttpFailure.invalid("invalid JSON: " + JsonSyntax.fault(body).orElse(text));
    } catch (IOException e) {
      throw new IllegalStateException("reading JSON from memory", e);
    }
  }

  /** The document in UTF-8 on one line that ends with a line feed. */
  public static byte[] bytes(JsonNode node) {
    try {
      byte[] json = MAPPER.writeValueAsBytes(node);
      byte[] line = Arrays.copyOf(json, json.length + 1);
      line[json.length] = '\n';
      return line;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("writing JSON to memory", e);
    }
  }

  /** Writes an array, element by element, in the form of {@link #bytes}. */
  static void writeArray(OutputStream out, Iterator<? extends JsonNode> elements)
      throws IOException {
    try (JsonGenerator generator = MAPPER.createGenerator(out)) {
      generator.writeStartArray();
      while (elements.hasNext()) {
        MAPPER.writeTree(generator, elements.next());
      }
      generator.writeEndArray();
      generator.writeRaw('\n');
    }
  }
}
