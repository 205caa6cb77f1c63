package dev.hanse.text.template;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A template of Go's {@code text/template}. Whole: actions, pipelines, variables, {@code if},
 * {@code with}, {@code range}, {@code break}, {@code continue}, {@code define}, {@code template},
 * {@code block}, comments, trim marks, and the functions of the language. A key that a map does not
 * have is a fault ({@code missingkey=error}). Not there: complex numbers, and methods, which no
 * value has.
 */
public final class Template {
  static final String MAIN = "expansion";

  private final String input;
  private final Map<String, List<Node>> templates;

  private Template(String input, Map<String, List<Node>> templates) {
    this.input = input;
    this.templates = templates;
  }

  /**
   * Reads a template.
   *
   * @param functions that it may call beside those of the language
   * @throws TemplateFault if it is malformed
   */
  public static Template parse(String text, Set<String> functions) throws TemplateFault {
    return new Template(text, Parser.parse(text, functions));
  }

  /** Whether a text could be more than what it says. */
  public static boolean isTemplate(String text) {
    return text.contains("{{");
  }

  /**
   * Fills it in.
   *
   * @param dot what its fields are fields of
   * @param functions those that it was parsed with
   * @param charactersMax of the result
   * @throws TemplateFault if that cannot be, or would be too long or too much work
   */
  public String fill(Value dot, Functions functions, int charactersMax) throws TemplateFault {
    return new Run(input, templates, functions, new Budget(charactersMax)).fill(dot);
  }
}
