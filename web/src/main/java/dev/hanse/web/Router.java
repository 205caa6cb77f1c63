package dev.hanse.web;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Method and path template to {@link Route}. Filled before the listener starts, read-only after.
 * Where several templates fit, the first one added wins.
 */
public final class Router {
  private record Entry(String text, PathTemplate template, Route route) {}

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

  /** Adds a route for a method, upper case. */
  public Router add(String method, String template, Route route) {
    byMethod
        .computeIfAbsent(method, m -> new ArrayList<>())
        .add(new Entry(template, new PathTemplate(template), route));
    return this;
  }

  /** The route of exactly this template, if there is one. */
  public Optional<Route> route(String method, String template) {
    return byMethod.getOrDefault(method, List.of()).stream()
        .filter(entry -> entry.text().equals(template))
        .map(Entry::route)
        .findFirst();
  }

  /** Puts another in the place of a route, which it is given; nothing if there is none. */
  public Router around(String method, String template, UnaryOperator<Route> change) {
    byMethod
        .getOrDefault(method, new ArrayList<>())
        .replaceAll(
            entry ->
                entry.text().equals(template)
                    ? new Entry(template, entry.template(), change.apply(entry.route()))
                    : entry);
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
