package dev.hanse.agent.template;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts what stands between double braces into words, text in quotes and paths. */
final class TemplateTokens {
  private static final Pattern TOKEN =
      Pattern.compile("\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|`([^`]*)`|(\\.[\\w.]*)|(\\w+))\\s*");

  private TemplateTokens() {}

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
    List<Token> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(expression);
    int position = 0;
    while (position < expression.length()) {
      matcher.region(position, expression.length());
      if (!matcher.lookingAt() || matcher.end() == position) {
        throw new TemplateException(
            "template: expansion: unexpected \"" + expression.substring(position).strip() + "\"");
      }
      tokens.add(token(matcher));
      position = matcher.end();
    }
    return tokens;
  }

  private static Token token(Matcher matcher) {
    if (matcher.group(1) != null) {
      return new Token.Text(matcher.group(1).replaceAll("\\\\(.)", "$1"));
    }
    if (matcher.group(2) != null) {
      return new Token.Text(matcher.group(2));
    }
    if (matcher.group(3) != null) {
      return new Token.Field(List.of(matcher.group(3).substring(1).split("\\.")));
    }
    return new Token.Word(matcher.group(4));
  }
}
