package dev.hanse.text.template;

/**
 * A piece of a template.
 *
 * @param text as it was written
 * @param position of its first character in the whole template
 */
record Token(Kind kind, String text, int position) {
  enum Kind {
    /** What stands outside of actions. */
    TEXT,
    OPEN,
    CLOSE,
    SPACE,
    STRING,
    RAW_STRING,
    CHARACTER,
    NUMBER,
    /** {@code .Name}. */
    FIELD,
    DOT,
    VARIABLE,
    /** A name, or a word of the language. */
    WORD,
    PIPE,
    COMMA,
    DECLARE,
    ASSIGN,
    LEFT_PAREN,
    RIGHT_PAREN,
    END
  }

  boolean is(Kind wanted) {
    return kind == wanted;
  }

  boolean isWord(String word) {
    return kind == Kind.WORD && text.equals(word);
  }

  /** In a message. */
  String shown() {
    if (kind == Kind.END) {
      return "EOF";
    }
    boolean isLong = text.length() > 10;
    return Quoting.quoted(isLong ? text.substring(0, 10) : text) + (isLong ? "..." : "");
  }
}
