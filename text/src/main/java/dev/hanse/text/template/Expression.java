package dev.hanse.text.template;

import java.util.List;

/** What has a value. Its text is as it was written, for messages. */
sealed interface Expression {
  /** As it was written. */
  String shown();

  /** A string, a number, true or false. */
  record Literal(Value value, String shown) implements Expression {}

  /** The dot. */
  record Dot() implements Expression {
    @Override
    public String shown() {
      return ".";
    }
  }

  /** {@code nil}. */
  record Nil() implements Expression {
    @Override
    public String shown() {
      return "nil";
    }
  }

  /** {@code .A.B}. */
  record Fields(List<String> names) implements Expression {
    @Override
    public String shown() {
      return "." + String.join(".", names);
    }
  }

  /** {@code $x.A.B}; the name has its sign. */
  record Variable(String name, List<String> fields) implements Expression {
    @Override
    public String shown() {
      return fields.isEmpty() ? name : name + "." + String.join(".", fields);
    }
  }

  /** {@code (…).A.B}. */
  record Chain(Expression of, List<String> fields) implements Expression {
    @Override
    public String shown() {
      return of.shown() + "." + String.join(".", fields);
    }
  }

  /** The name of a function. */
  record Function(String name) implements Expression {
    @Override
    public String shown() {
      return name;
    }
  }

  /** A pipeline in parentheses. */
  record Parens(Pipeline pipeline) implements Expression {
    @Override
    public String shown() {
      return "(" + pipeline.shown() + ")";
    }
  }

  /**
   * A word of a pipeline with its arguments.
   *
   * @param operands one at least
   */
  record Command(List<Expression> operands, int position) {
    String shown() {
      return String.join(" ", operands.stream().map(Expression::shown).toList());
    }
  }

  /**
   * Commands, each of which gets the value of the one before as its last argument.
   *
   * @param variables that get the value
   * @param assigns whether these are there already
   */
  record Pipeline(List<String> variables, boolean assigns, List<Command> commands) {
    String shown() {
      String value = String.join(" | ", commands.stream().map(Command::shown).toList());
      return variables.isEmpty()
          ? value
          : String.join(", ", variables) + (assigns ? " = " : " := ") + value;
    }
  }
}
