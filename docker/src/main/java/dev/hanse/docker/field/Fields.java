package dev.hanse.docker.field;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.web.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a JSON object as Go does: names without regard to case, null as absent,
 * absent as the empty value; a value of the wrong type is an error (400) that names the field.
 */
public final class Fields {
  private final JsonNode object;
  private final @Nullable Given place;

  Fields(JsonNode object, @Nullable Given place) {
    this.object = object;
    this.place = place;
  }

  /** The fields of a request's body. */
  public static Fields of(JsonNode object) {
    return new Fields(object, null);
  }

  JsonNode object() {
    return object;
  }

  /** What names of fields begin with, such as {@code TaskTemplate.}; "" in a body. */
  String path() {
    return place == null ? "" : place.path() + ".";
  }

  private @Nullable Given find(String name) {
    JsonNode exact = object.get(name);
    if (exact == null) {
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        if (entry.getKey().equalsIgnoreCase(name)) {
          exact = entry.getValue();
        }
      }
    }
    return exact == null || exact.isNull() ? null : new Given(this, name, exact);
  }

  /** Whether the field is there and not null. */
  public boolean has(String name) {
    return find(name) != null;
  }

  /** A string, "" if absent. */
  public String text(String name) {
    Given given = find(name);
    return given == null ? "" : given.text();
  }

  /** A boolean, false if absent. */
  public boolean flag(String name) {
    Given given = find(name);
    return given != null && given.flag();
  }

  /** A whole number, if there. */
  public Optional<Long> findNumber(String name) {
    return Optional.ofNullable(find(name)).map(Given::number);
  }

  /** A number of 32 bits from 0 up, 0 if absent. */
  public int unsigned32(String name) {
    Given given = find(name);
    return given == null ? 0 : given.unsigned32();
  }

  /** Strings, none if absent. */
  public List<String> texts(String name) {
    Given given = find(name);
    return given == null ? List.of() : given.texts();
  }

  /** Whole numbers, none if absent. */
  public List<Long> numbers(String name) {
    Given given = find(name);
    return given == null ? List.of() : given.numbers();
  }

  /** An object of strings, empty if absent. */
  public Map<String, String> map(String name) {
    Given given = find(name);
    return given == null ? Map.of() : given.map();
  }

  /** An object, if there. */
  public Optional<Fields> object(String name) {
    return Optional.ofNullable(find(name)).map(Given::fields);
  }

  /** An object, or one without fields. */
  public Fields objectOrEmpty(String name) {
    Given given = find(name);
    return given == null ? new Fields(Json.object(), place) : given.fields();
  }

  /** An array of objects, none if absent; null elements are skipped. */
  public List<Fields> objects(String name) {
    Given given = find(name);
    return given == null ? List.of() : given.objects();
  }
}
