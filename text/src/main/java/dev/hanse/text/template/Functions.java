package dev.hanse.text.template;

import java.util.List;
import java.util.Set;

/** Functions that a template may call beside those of the language. */
public interface Functions {
  /** No others. */
  Functions NONE =
      new Functions() {
        @Override
        public Set<String> names() {
          return Set.of();
        }

        @Override
        public Value call(String name, List<Value> arguments) throws TemplateFault {
          throw new TemplateFault("function \"" + name + "\" not defined");
        }
      };

  /**
   * An argument that must be a string.
   *
   * @throws TemplateFault if it is something else
   */
  static String text(Value argument) throws TemplateFault {
    if (argument instanceof Value.Text(String text)) {
      return text;
    }
    throw new TemplateFault("wrong type for value; expected string; got " + argument.type());
  }

  /** What they are called. */
  Set<String> names();

  /**
   * Calls one of them.
   *
   * @throws TemplateFault in the words of that function; who calls says which it was
   */
  Value call(String name, List<Value> arguments) throws TemplateFault;
}
