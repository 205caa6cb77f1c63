package dev.hanse.manager.dispatch;

/** What a node says of its illness, as it is kept: every manager holds it, and people read it. */
final class IllnessText {
  static final int CHARS_MAX = 500;

  private IllnessText() {}

  /** One line of limited length of what a node has said, which may be anything. */
  static String of(String told) {
    StringBuilder line = new StringBuilder();
    told.codePoints()
        .limit(CHARS_MAX)
        .map(letter -> Character.isISOControl(letter) ? ' ' : letter)
        .forEach(line::appendCodePoint);
    return line.toString();
  }
}
