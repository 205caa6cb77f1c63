package dev.hanse.docker.engine;

import dev.hanse.docker.http.HttpFailure;
import dev.hanse.docker.http.Query;

/** Size of a terminal in characters. */
record TerminalSize(int width, int height) {
  private static final long SIDE_MAX = 65535;

  /**
   * The parameters {@code w} and {@code h}.
   *
   * @throws HttpFailure 400 if one is missing or no size
   */
  static TerminalSize of(Query query) {
    return new TerminalSize(side(query, "w"), side(query, "h"));
  }

  private static int side(Query query, String name) {
    long side = query.number(name).orElse(0L);
    if (side < 0 || side > SIDE_MAX) {
      throw HttpFailure.invalid("invalid resize height or width " + name + ": " + side);
    }
    return (int) side;
  }
}
