package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.runtime.spec.ConsoleSize;
import dev.hanse.text.Digits;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Query;
import java.util.Optional;

/** Reads the sizes of terminals in requests. */
final class TerminalSize {
  private static final int SIDE_MAX = 65535;

  private TerminalSize() {}

  /**
   * The parameters {@code h} and {@code w}.
   *
   * @throws HttpFailure 400 if one is missing or no size
   */
  static ConsoleSize of(Query query) {
    int height = side(query, "h", "height");
    return new ConsoleSize(side(query, "w", "width"), height);
  }

  /** The {@code ConsoleSize} of a body: height and width; empty if it is not given. */
  static Optional<ConsoleSize> ofConsole(JsonNode pair) {
    int height = pair.path(0).asInt(0);
    int width = pair.path(1).asInt(0);
    boolean given = height > 0 && width > 0 && height <= SIDE_MAX && width <= SIDE_MAX;
    return given ? Optional.of(new ConsoleSize(width, height)) : Optional.empty();
  }

  private static int side(Query query, String name, String shown) {
    String text = query.text(name);
    if (!Digits.are(text, 9) || Long.parseLong(text) > SIDE_MAX) {
      throw HttpFailure.invalid("invalid resize %s \"%s\"".formatted(shown, text));
    }
    return Integer.parseInt(text);
  }
}
