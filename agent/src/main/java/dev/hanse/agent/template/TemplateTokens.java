package dev.hanse.agent.template;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts what stands between double braces into words, text in quotes and paths; character by
 * character, so that it costs its length and no stack.
 */
final class TemplateTokens {
  private final String expression;
  private int position;

  private TemplateTokens(String expression) {
    this.expression = expression;
  }

  /** One token. */
  sealed interface Token {
    /** Text in quotes. */
    record Text(String value) implements Token {}

    /** {@code .Node.Hostname}: {@code Node}, {@code Hostname}. */
    record Field(List<String> names) implements Token {}

    /** The name of a function. */
    record Word(String value) implements Token {}
  }

  static List<Token> of(String expression) throws TemplateException {
    TemplateTokens reader = new TemplateTokens(expression);
    List<Token> tokens = new ArrayList<>();
    reader.skipSpace();
    while (reader.position < expression.length()) {
      tokens.add(reader.next());
      reader.skipSpace();
    }
    return tokens;
  }

  private void skipSpace() {
    while (position < expression.length() && isSpace(expression.charAt(position))) {
      position++;
    }
  }

  private Token next() throws TemplateException {
    int start = position;
    char first = expression.charAt(start);
    position++;
    if (first == '"') {
      return new Token.Text(quoted(start));
    }
    if (first == '`') {
      int end = expression.indexOf('`', position);
      if (end < 0) {
        throw unexpected(start);
      }
      position = end + 1;
      return new Token.Text(expression.substring(start + 1, end));
    }
    if (first != '.' && !isWord(first)) {
      throw unexpected(start);
    }
    while (position < expression.length()
        && (isWord(expression.charAt(position))
            || (first == '.' && expression.charAt(position) == '.'))) {
      position++;
    }
    return first == '.'
        ? new Token.Field(List.of(expression.substring(start + 1, position).split("\\.")))
        : new Token.Word(expression.substring(start, position));
  }

  /** Up to the closing quote; a backslash takes the character behind it as it is. */
  private String quoted(int start) throws TemplateException {
    StringBuilder text = new StringBuilder();
    while (position < expression.length() && expression.charAt(position) != '"') {
      if (expression.charAt(position) == '\\') {
        position++;
        if (position == expression.length()) {
          break;
        }
      }
      text.append(expression.charAt(position));
      position++;
    }
    if (position == expression.length()) {
      throw unexpected(start);
    }
    position++;
    return text.toString();
  }

  private TemplateException unexpected(int start) {
    return new TemplateException(
        "template: expansion: unexpected \"" + expression.substring(start).strip() + "\"");
  }

  private static boolean isWord(char one) {
    return (one >= 'a' && one <= 'z')
        || (one >= 'A' && one <= 'Z')
        || (one >= '0' && one <= '9')
        || one == '_';
  }

  private static boolean isSpace(char one) {
    return one == ' ' || (one >= '\t' && one <= '\r');
  }
}
