package dev.hanse.web;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Optional;

/**
 * What is wrong with a JSON document, in the words of Go's encoding/json, which Docker's users
 * know. Source: RFC 8259, and the errors that package documents and prints.
 */
final class JsonSyntax {
  private static final String EOF = "unexpected EOF";

  /** Why it cannot be read. */
  private static final class Fault extends Exception {
    private static final long serialVersionUID = 1L;

    final String text;

    Fault(String text) {
      super(text, null, false, false);
      this.text = text;
    }
  }

  private final byte[] text;

  /** Which of the open brackets are braces, by depth. */
  private final BitSet objects = new BitSet();

  private int depth;
  private int at;

  private JsonSyntax(byte[] text) {
    this.text = text;
  }

  /** The first fault of the document at the start of this text; empty if there is none. */
  static Optional<String> fault(byte[] text) {
    try {
      new JsonSyntax(text).document();
      return Optional.empty();
    } catch (Fault fault) {
      return Optional.of(fault.text);
    }
  }

  private void document() throws Fault {
    value();
    while (depth > 0) {
      boolean object = objects.get(depth);
      int next = next();
      if (next == ',') {
        at++;
        if (object) {
          member("looking for beginning of object key string");
        } else {
          value();
        }
      } else if (next == (object ? '}' : ']')) {
        at++;
        depth--;
      } else {
        throw invalid(object ? "after object key:value pair" : "after array element");
      }
    }
  }

  /** One value; of an array or object the first element only, which leaves it open. */
  private void value() throws Fault {
    while (true) {
      int next = next();
      at++;
      switch (next) {
        case '{' -> {
          if (next() == '}') {
            at++;
            return;
          }
          objects.set(++depth);
          key("looking for beginning of object key string");
        }
        case '[' -> {
          if (next() == ']') {
            at++;
            return;
          }
          objects.clear(++depth);
        }
        default -> {
          at--;
          scalar(next);
          return;
        }
      }
    }
  }

  private void member(String where) throws Fault {
    key(where);
    value();
  }

  private void key(String where) throws Fault {
    if (next() != '"') {
      throw invalid(where);
    }
    string();
    if (next() != ':') {
      throw invalid("after object key");
    }
    at++;
  }

  private void scalar(int first) throws Fault {
    switch (first) {
      case '"' -> string();
      case 't' -> literal("true");
      case 'f' -> literal("false");
      case 'n' -> literal("null");
      default -> {
        if (first != '-' && !isDigit(first)) {
          throw invalid("looking for beginning of value");
        }
        number();
      }
    }
  }

  private void literal(String word) throws Fault {
    for (int i = 0; i < word.length(); i++) {
      if (current() != word.charAt(i)) {
        throw invalid("in literal %s (expecting %s)".formatted(word, quoted(word.charAt(i))));
      }
      at++;
    }
  }

  private void string() throws Fault {
    at++;
    while (current() != '"') {
      if (current() < ' ') {
        throw invalid("in string literal");
      }
      if (current() == '\\') {
        at++;
        escape();
      }
      at++;
    }
    at++;
  }

  private void escape() throws Fault {
    if (current() == 'u') {
      for (int i = 0; i < 4; i++) {
        at++;
        if (Character.digit(current(), 16) < 0) {
          throw invalid("in \\u hexadecimal character escape");
        }
      }
    } else if ("\"\\/bfnrt".indexOf(current()) < 0) {
      throw invalid("in string escape code");
    }
  }

  private void number() throws Fault {
    if (current() == '-') {
      at++;
      requireDigit("in numeric literal");
    }
    if (current() == '0') {
      at++;
    } else {
      digits();
    }
    if (at < text.length && text[at] == '.') {
      at++;
      requireDigit("after decimal point in numeric literal");
      digits();
    }
    if (at < text.length && (text[at] == 'e' || text[at] == 'E')) {
      at++;
      if (current() == '+' || current() == '-') {
        at++;
      }
      requireDigit("in exponent of numeric literal");
      digits();
    }
  }

  private void requireDigit(String where) throws Fault {
    if (!isDigit(current())) {
      throw invalid(where);
    }
  }

  private void digits() {
    while (at < text.length && isDigit(text[at])) {
      at++;
    }
  }

  private static boolean isDigit(int character) {
    return character >= '0' && character <= '9';
  }

  /** The next byte that is no white space. */
  private int next() throws Fault {
    while (current() == ' ' || current() == '\t' || current() == '\r' || current() == '\n') {
      at++;
    }
    return current();
  }

  private int current() throws Fault {
    if (at >= text.length) {
      throw new Fault(EOF);
    }
    return text[at] & 0xff;
  }

  private Fault invalid(String where) throws Fault {
    return new Fault("invalid character %s %s".formatted(quoted((char) current()), where));
  }

  /** As Go quotes a byte. */
  private static String quoted(char character) {
    return switch (character) {
      case '\'' -> "'\\''";
      case '\\' -> "'\\\\'";
      case '\n' -> "'\\n'";
      case '\r' -> "'\\r'";
      case '\t' -> "'\\t'";
      default ->
          character < ' ' || character == 0x7f
              ? "'\\x%02x'".formatted((int) character)
              : "'" + new String(new byte[] {(byte) character}, StandardCharsets.ISO_8859_1) + "'";
    };
  }
}
