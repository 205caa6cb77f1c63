package dev.hanse.node.settings;

import dev.hanse.model.DiscreteGenericResource;
import dev.hanse.model.GenericResource;
import dev.hanse.model.NamedGenericResource;
import dev.hanse.text.Digits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the operator says that a node has besides processors and memory: "GPU=UUID1" names one,
 * "SSD=3" counts. A kind is either named or counted.
 */
public final class NodeResources {
  /** Of all together, characters: they are a part of the node's description, which has a limit. */
  static final int LENGTH_MAX = 16 << 10;

  private static final int COUNT_DIGITS_MAX = 18;
  private static final String OPTION = "--node-generic-resource ";

  private NodeResources() {}

  /**
   * Reads the values of {@code --node-generic-resource}; several stand in one, after commas, too.
   *
   * @throws IOException for one that cannot be, with the reason
   */
  public static List<GenericResource> parse(List<String> options) throws IOException {
    Map<String, List<String>> kinds = new LinkedHashMap<>();
    int length = 0;
    for (String option : options) {
      length += option.length();
      if (length > LENGTH_MAX) {
        throw new IOException(OPTION + "has more than " + LENGTH_MAX + " characters in all");
      }
      for (String term : option.split(",", -1)) {
        int equals = term.indexOf('=');
        String kind = equals < 0 ? "" : term.substring(0, equals).strip();
        String value = term.substring(equals + 1).strip();
        if (!isWord(kind) || !isWord(value)) {
          throw new IOException(
              OPTION + option + ": expected KIND=NAME or KIND=NUMBER, as GPU=UUID1 or SSD=3");
        }
        kinds.computeIfAbsent(kind, key -> new ArrayList<>()).add(value);
      }
    }
    List<GenericResource> resources = new ArrayList<>();
    for (Map.Entry<String, List<String>> kind : kinds.entrySet()) {
      resources.addAll(resources(kind.getKey(), kind.getValue()));
    }
    return resources;
  }

  private static boolean isWord(String text) {
    return !text.isEmpty()
        && text.indexOf('=') < 0
        && text.chars().noneMatch(c -> Character.isISOControl(c) || Character.isWhitespace(c));
  }

  private static List<GenericResource> resources(String kind, List<String> values)
      throws IOException {
    long numbers = values.stream().filter(value -> isNumber(value)).count();
    if (numbers == 1 && values.size() == 1) {
      return List.of(counted(kind, values.getFirst()));
    }
    if (numbers > 0) {
      throw new IOException(OPTION + kind + ": one number, or names, but not more of both");
    }
    if (values.stream().distinct().count() < values.size()) {
      throw new IOException(OPTION + kind + ": a name is given twice");
    }
    return values.stream().map(name -> named(kind, name)).toList();
  }

  private static boolean isNumber(String value) {
    return Digits.are(value.startsWith("-") ? value.substring(1) : value, COUNT_DIGITS_MAX);
  }

  private static GenericResource counted(String kind, String value) throws IOException {
    long number = Long.parseLong(value);
    if (number < 0) {
      throw new IOException(OPTION + kind + "=" + value + ": the number must not be negative");
    }
    return GenericResource.newBuilder()
        .setDiscreteResourceSpec(
            DiscreteGenericResource.newBuilder().setKind(kind).setValue(number))
        .build();
  }

  private static GenericResource named(String kind, String name) {
    return GenericResource.newBuilder()
        .setNamedResourceSpec(NamedGenericResource.newBuilder().setKind(kind).setValue(name))
        .build();
  }
}
