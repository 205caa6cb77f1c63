package dev.hanse.text.template;

import dev.hanse.text.template.Expression.Pipeline;
import java.util.List;

/** A part of a template. */
sealed interface Node {
  /** Text that is what it says. */
  record Plain(String text) implements Node {}

  /** A pipeline whose value is printed, unless variables get it. */
  record Action(Pipeline pipeline) implements Node {}

  /** {@code if}, {@code with} or {@code range}. */
  record Branch(Kind kind, Pipeline pipeline, List<Node> body, List<Node> otherwise)
      implements Node {
    enum Kind {
      IF,
      WITH,
      RANGE
    }
  }

  /** Goes on with the next round of a {@code range}. */
  record Continue() implements Node {}

  /** Ends a {@code range}. */
  record Break() implements Node {}

  /**
   * Another template in place of this.
   *
   * @param pipeline its dot; of no commands for none
   */
  record Call(String name, Pipeline pipeline, int position) implements Node {}
}
