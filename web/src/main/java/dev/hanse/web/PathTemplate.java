package dev.hanse.web;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A path with variables: {@code {id}} takes one segment, {@code {name...}} one or more (image names
 * contain slashes), at most once in a template.
 */
final class PathTemplate {
  private sealed interface Segment {
    record Literal(String text) implements Segment {}

    record One(String name) implements Segment {}

    record Many(String name) implements Segment {}
  }

  private final List<Segment> segments = new ArrayList<>();
  private final int manyIndex;

  PathTemplate(String template) {
    int many = Integer.MAX_VALUE;
    for (String part : split(template)) {
      if (part.startsWith("{") && part.endsWith("...}")) {
        many = segments.size();
        segments.add(new Segment.Many(part.substring(1, part.length() - 4)));
      } else if (part.startsWith("{")) {
        segments.add(new Segment.One(part.substring(1, part.length() - 1)));
      } else {
        segments.add(new Segment.Literal(part));
      }
    }
    this.manyIndex = many;
  }

  /** The segments of a path: "/a/b" is [a, b]. */
  static List<String> split(String path) {
    return List.of(path.substring(1).split("/", -1));
  }

  /** The variables' values if the path fits. */
  Optional<Map<String, String>> match(List<String> path) {
    boolean many = manyIndex < segments.size();
    if (many ? path.size() < segments.size() : path.size() != segments.size()) {
      return Optional.empty();
    }
    int extra = path.size() - segments.size();
    Map<String, String> variables = new LinkedHashMap<>();
    for (int i = 0; i < segments.size(); i++) {
      int at = i > manyIndex ? i + extra : i;
      switch (segments.get(i)) {
        case Segment.Literal(String text) -> {
          if (!text.equals(path.get(at))) {
            return Optional.empty();
          }
        }
        case Segment.One(String name) -> {
          if (path.get(at).isEmpty()) {
            return Optional.empty();
          }
          variables.put(name, path.get(at));
        }
        case Segment.Many(String name) ->
            variables.put(name, String.join("/", path.subList(at, at + extra + 1)));
      }
    }
    return Optional.of(variables);
  }
}
