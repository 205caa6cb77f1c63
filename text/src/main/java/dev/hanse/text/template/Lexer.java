package dev.hanse.text.template;

import dev.hanse.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Cuts a template into tokens, character by character: it costs its length and no stack. */
final class Lexer {
  private static final String LEFT = "{{";
  private static final String RIGHT = "}}";
  private static final String LEFT_COMMENT = "/*";
  private static final String RIGHT_COMMENT = "*/";

  private final String input;
  private final List<Token> tokens = new ArrayList<>();
  private int start;
  private int position;
  private int parens;

  private Lexer(String input) {
    this.input = input;
  }

  /** All of them; the last is of kind END. */
  static List<Token> tokens(String input) throws TemplateFault {
    Lexer lexer = new Lexer(input);
    lexer.run();
    return lexer.tokens;
  }

  /** A fault at that place, in Go's form. */
  static TemplateFault fault(String input, int position, String problem) {
    long line = 1 + input.substring(0, position).chars().filter(one -> one == '\n').count();
    return new TemplateFault("template: expansion:" + line + ": " + problem);
  }

  private TemplateFault fault(String problem) {
    return fault(input, Math.min(start, input.length()), problem);
  }

  private void run() throws TemplateFault {
    while (true) {
      int open = input.indexOf(LEFT, position);
      int end = open < 0 ? input.length() : open;
      int trimmed = open >= 0 && isTrimmedLeft(open) ? withoutSpaceBefore(end) : end;
      if (trimmed > position) {
        tokens.add(new Token(Kind.TEXT, input.substring(position, trimmed), position));
      }
      if (open < 0) {
        tokens.add(new Token(Kind.END, "", input.length()));
        return;
      }
      start = open;
      position = open + LEFT.length() + (isTrimmedLeft(open) ? 2 : 0);
      if (input.startsWith(LEFT_COMMENT, position)) {
        comment();
      } else {
        tokens.add(new Token(Kind.OPEN, LEFT, open));
        inside();
      }
    }
  }

  private boolean isTrimmedLeft(int open) {
    int dash = open + LEFT.length();
    return dash + 1 < input.length()
        && input.charAt(dash) == '-'
        && isSpace(input.charAt(dash + 1));
  }

  private int withoutSpaceBefore(int end) {
    int trimmed = end;
    while (trimmed > position && isSpace(input.charAt(trimmed - 1))) {
      trimmed--;
    }
    return trimmed;
  }

  private void comment() throws TemplateFault {
    int end = input.indexOf(RIGHT_COMMENT, position);
    if (end < 0) {
      throw fault("unclosed comment");
    }
    position = end + RIGHT_COMMENT.length();
    if (!close()) {
      throw fault("comment ends before closing delimiter");
    }
  }

  /** Passes over the end of an action, and the space behind it if it is to be trimmed. */
  private boolean close() {
    boolean trims =
        position + 1 < input.length()
            && isSpace(input.charAt(position))
            && input.charAt(position + 1) == '-'
            && input.startsWith(RIGHT, position + 2);
    if (!trims && !input.startsWith(RIGHT, position)) {
      return false;
    }
    position += RIGHT.length() + (trims ? 2 : 0);
    while (trims && position < input.length() && isSpace(input.charAt(position))) {
      position++;
    }
    return true;
  }

  private void inside() throws TemplateFault {
    parens = 0;
    while (true) {
      start = position;
      if (position >= input.length()) {
        throw fault("unclosed action");
      }
      if (close()) {
        if (parens > 0) {
          throw fault("unclosed left paren");
        }
        add(Kind.CLOSE, start, start);
        return;
      }
      next();
    }
  }

  private void next() throws TemplateFault {
    char first = input.charAt(position);
    switch (first) {
      case ' ', '\t', '\r', '\n' -> space();
      case '=' -> one(Kind.ASSIGN);
      case '|' -> one(Kind.PIPE);
      case ',' -> one(Kind.COMMA);
      case '(' -> {
        parens++;
        one(Kind.LEFT_PAREN);
      }
      case ')' -> {
        parens--;
        if (parens < 0) {
          throw fault("unexpected right paren");
        }
        one(Kind.RIGHT_PAREN);
      }
      case ':' -> {
        if (!input.startsWith(":=", position)) {
          throw fault("expected :=");
        }
        position += 2;
        add(Kind.DECLARE, start, position);
      }
      case '"' -> quoted('"', Kind.STRING, "unterminated quoted string");
      case '\'' -> quoted('\'', Kind.CHARACTER, "unterminated character constant");
      case '`' -> raw();
      case '.' -> {
        boolean isNumber =
            position + 1 < input.length() && Numbers.isDigit(input.charAt(position + 1));
        if (isNumber) {
          number();
        } else {
          named(Kind.FIELD, Kind.DOT);
        }
      }
      case '$' -> named(Kind.VARIABLE, Kind.VARIABLE);
      case '+', '-' -> number();
      default -> {
        if (Numbers.isDigit(first)) {
          number();
        } else if (isOfName(first)) {
          position--;
          named(Kind.WORD, Kind.WORD);
        } else {
          throw fault("unrecognized character in action: " + Quoting.codePoint(first));
        }
      }
    }
  }

  private void one(Kind kind) {
    position++;
    add(kind, start, position);
  }

  private void add(Kind kind, int from, int to) {
    tokens.add(new Token(kind, input.substring(from, to), from));
  }

  private void space() {
    while (position < input.length() && isSpace(input.charAt(position)) && !isClosedAt(position)) {
      position++;
    }
    add(Kind.SPACE, start, position);
  }

  /** The space before a trimming end belongs to that. */
  private boolean isClosedAt(int at) {
    return position > start && input.startsWith("-" + RIGHT, at + 1);
  }

  private void quoted(char quote, Kind kind, String unterminated) throws TemplateFault {
    position++;
    while (true) {
      if (position >= input.length() || input.charAt(position) == '\n') {
        throw fault(unterminated);
      }
      char one = input.charAt(position);
      position++;
      if (one == quote) {
        add(kind, start, position);
        return;
      }
      if (one == '\\') {
        position++;
      }
    }
  }

  private void raw() throws TemplateFault {
    int end = input.indexOf('`', position + 1);
    if (end < 0) {
      throw fault("unterminated raw quoted string");
    }
    position = end + 1;
    add(Kind.RAW_STRING, start, position);
  }

  /** A sign and letters behind it; of which kind it is if none follow. */
  private void named(Kind kind, Kind bare) throws TemplateFault {
    position++;
    int name = position;
    while (position < input.length() && isOfName(input.charAt(position))) {
      position++;
    }
    if (position < input.length() && !endsName(input.charAt(position))) {
      throw fault("bad character " + Quoting.codePoint(input.charAt(position)));
    }
    add(position == name ? bare : kind, start, position);
  }

  private boolean endsName(char one) {
    return isSpace(one)
        || one == '.'
        || one == ','
        || one == '|'
        || one == ':'
        || one == '='
        || one == '('
        || one == ')'
        || input.startsWith(RIGHT, position);
  }

  private void number() throws TemplateFault {
    position++;
    while (position < input.length() && isOfNumber(position)) {
      position++;
    }
    if (Numbers.read(input.substring(start, position)).isEmpty()) {
      throw fault("bad number syntax: " + Quoting.quoted(input.substring(start, position)));
    }
    add(Kind.NUMBER, start, position);
  }

  private boolean isOfNumber(int at) {
    char one = input.charAt(at);
    boolean signed =
        (one == '+' || one == '-') && "eEpP".indexOf(input.charAt(at - 1)) >= 0 && at - 1 > start;
    return isOfName(one) || one == '.' || signed;
  }

  private static boolean isOfName(char one) {
    return one == '_' || Character.isLetterOrDigit(one);
  }

  static boolean isSpace(char one) {
    return one == ' ' || one == '\t' || one == '\r' || one == '\n';
  }
}
