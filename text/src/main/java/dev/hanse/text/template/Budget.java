package dev.hanse.text.template;

/**
 * What a template may still cost: a short one can name a long value many times, go through a long
 * list within a long list, or ask for a million blanks.
 */
final class Budget {
  /** Steps, and characters of values that are never printed. */
  private static final long WORK_MAX = 16 << 20;

  private final int charactersMax;
  private long left = WORK_MAX;

  Budget(int charactersMax) {
    this.charactersMax = charactersMax;
  }

  /** Before something is done. */
  void step() throws TemplateFault {
    spend(1);
  }

  /** Before a text of that many characters is made. */
  void makes(long characters) throws TemplateFault {
    if (characters > charactersMax) {
      throw new TemplateFault("template: expansion: more than " + charactersMax + " characters");
    }
    spend(characters);
  }

  private void spend(long work) throws TemplateFault {
    left -= work;
    if (left < 0) {
      throw new TemplateFault("template: expansion: it takes too much work");
    }
  }
}
