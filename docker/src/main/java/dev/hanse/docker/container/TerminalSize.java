package dev.hanse.docker.container;

import dev.hanse.runtime.spec.ConsoleSize;
import dev.hanse.text.Digits;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Query;
import java.util.List;
import java.util.Optional;

/** Reads the sizes of terminals in requests. */
public final class TerminalSize {
  private static final int SIDE_MAX = 65535;

  private TerminalSize() {}

  /**
   * The parameters {@code h} and {@code w}.
   *
   * @throws HttpFailure 400 if one is missing or no size
   */
  public static ConsoleSize of(Query query) {
    int height = side(query, "h", "height");
    return new ConsoleSize(side(query, "w", "width"), height);
  }

  /** The {@code ConsoleSize} of a body: height and width; empty if it is not given. */
  public static Optional<ConsoleSize> ofConsole(List<Long> pair) {
    boolean given =
        pair.size() == 2 && pair.stream().allMatch(side -> side > 0 && side <= SIDE_MAX);
    return given
        ? Optional.of(new ConsoleSize(pair.get(1).intValue(), pair.get(0).intValue()))
        : Optional.empty();
  }

  private static int side(Query query, String name, String shown) {
    String text = query.text(name);
    if (!Digits.are(text, 9) || Long.parseLong(text) > SIDE_MAX) {
      throw HttpFailure.invalid("invalid resize %s \"%s\"".formatted(shown, text));
    }
    return Integer.parseInt(text);
  }
}
