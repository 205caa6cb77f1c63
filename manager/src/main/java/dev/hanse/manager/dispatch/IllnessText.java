package dev.hanse.manager.dispatch;

import dev.hanse.text.Printable;

/** What a node says of its illness, as it is kept: every manager holds it, and people read it. */
final class IllnessText {
  static final int CHARS_MAX = 500;

  private IllnessText() {}

  /** One line of limited length of what a node has said, which may be anything. */
  static String of(String told) {
    return Printable.line(told, CHARS_MAX);
  }
}
