package dev.hanse.docker.field;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The names that a table reads, found in one pass over an object: the cost is that of what the
 * client sent, not of what it might have sent. A name in other cases of letters is the name too, as
 * in Go, unless the object has it exactly.
 */
final class FieldNames {
  private final List<String> names = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();
  private final Map<String, Integer> placesInAnyCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /** Adds a name and says its place. */
  int add(String name) {
    int place = names.size();
    if (placesInAnyCase.put(name, place) != null) {
      throw new IllegalArgumentException("two lines read the name " + name);
    }
    names.add(name);
    places.put(name, place);
    return place;
  }

  /** What an object has by each name, at the name's place: null if absent or null. */
  @Nullable JsonNode[] in(JsonNode object) {
    @Nullable JsonNode[] found = new JsonNode[names.size()];
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      Integer place = place(field.getKey(), object);
      if (place != null) {
        found[place] = field.getValue().isNull() ? null : field.getValue();
      }
    }
    return found;
  }

  private @Nullable Integer place(String name, JsonNode object) {
    Integer exact = places.get(name);
    if (exact != null) {
      return exact;
    }
    Integer similar = placesInAnyCase.get(name);
    return similar == null || object.has(names.get(similar)) ? null : similar;
  }
}
