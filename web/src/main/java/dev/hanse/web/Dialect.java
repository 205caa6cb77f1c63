package dev.hanse.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** What one API says differently from others: paths, headers and errors. Stateless. */
public interface Dialect {
  /**
   * Where a request goes.
   *
   * @param path as the {@link Router} knows it
   * @param variables what the path said besides, such as a version; the route sees them as it sees
   *     those of its template
   */
  record Address(String path, Map<String, String> variables) {}

  /**
   * Reads a path, decoded and beginning with a slash.
   *
   * @throws HttpFailure if no route can answer it
   */
  default Address address(String path) {
    return new Address(path, Map.of());
  }

  /** The headers that every answer has, always the same. */
  Map<String, String> headers();

  /** The answer for what a route threw; must know every kind, with 500 for the unexpected. */
  HttpFailure failure(Throwable fault);

  /** The body of an answer that is an error. */
  default JsonNode error(HttpFailure failure) {
    return Json.object().put("message", failure.message());
  }
}
