package dev.hanse.web;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Method and path template to {@link Route}. Filled before the listener starts, read-only after.
 * Where several templates fit, the first one added wins.
 */
public final class Router {
  private record Entry(PathTemplate template, Route route) {}

  record Match(Route route, Map<String, String> variables) {}

  private final Map<String, List<Entry>> byMethod = new HashMap<>();

  /** Adds a route for GET. */
  public Router get(String template, Route route) {
    return add("GET", template, route);
  }

  /** Adds a route for HEAD. */
  public Router head(String template, Route route) {
    return add("HEAD", template, route);
  }

  /** Adds a route for POST. */
  public Router post(String template, Route route) {
    return add("POST", template, route);
  }

  /** Adds a route for PUT. */
  public Router put(String template, Route route) {
    return add("PUT", template, route);
  }

  /** Adds a route for DELETE. */
  public Router delete(String template, Route route) {
    return add("DELETE", template, route);
  }

  /** Adds a route for OPTIONS. */
  public Router options(String template, Route route) {
    return add("OPTIONS", template, route);
  }

  private Router add(String method, String template, Route route) {
    byMethod
        .computeIfAbsent(method, m -> new ArrayList<>())
        .add(new Entry(new PathTemplate(template), route));
    return this;
  }

  /** The route for a decoded path without version prefix. */
  Optional<Match> find(String method, String path) {
    List<String> segments = PathTemplate.split(path);
    for (Entry entry : byMethod.getOrDefault(method, List.of())) {
      Optional<Map<String, String>> variables = entry.template().match(segments);
      if (variables.isPresent()) {
        return Optional.of(new Match(entry.route(), variables.get()));
      }
    }
    return Optional.empty();
  }
}
