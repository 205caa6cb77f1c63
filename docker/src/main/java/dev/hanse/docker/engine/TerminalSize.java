package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.docker.http.HttpFailure;
import dev.hanse.docker.http.Query;
import java.util.Optional;

/** Size of a terminal in characters. */
record TerminalSize(int width, int height) {
  private static final long SIDE_MAX = 65535;

  /**
   * The parameters {@code w} and {@code h}.
   *
   * @throws HttpFailure 400 if one is missing or no size
   */
  static TerminalSize of(Query query) {
    int height = side(query, "h", "height");
    return new TerminalSize(side(query, "w", "width"), height);
  }

  /** The {@code ConsoleSize} of a body: height and width; empty if it is not given. */
  static Optional<TerminalSize> ofConsole(JsonNode pair) {
    int height = pair.path(0).asInt(0);
    int width = pair.path(1).asInt(0);
    boolean given = height > 0 && width > 0 && height <= SIDE_MAX && width <= SIDE_MAX;
    return given ? Optional.of(new TerminalSize(width, height)) : Optional.empty();
  }

  private static int side(Query query, String name, String shown) {
    String text = query.text(name);
    if (!text.matches("\\d{1,9}") || Long.parseLong(text) > SIDE_MAX) {
      throw HttpFailure.invalid("invalid resize %s \"%s\"".formatted(shown, text));
    }
    return Integer.parseInt(text);
  }
}
