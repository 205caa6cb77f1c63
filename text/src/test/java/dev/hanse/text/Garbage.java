package dev.hanse.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Text that nobody means: seeded, so that what fails can be thrown again. */
final class Garbage {
  private static final String[] SIGNS = {
    "a",
    "A",
    "0",
    "9",
    "-",
    "_",
    ".",
    "/",
    ":",
    "@",
    "\"",
    "\\",
    "`",
    "{",
    "}",
    "{{",
    "}}",
    "[",
    "]",
    "(",
    ")",
    "*",
    "+",
    "?",
    "|",
    "^",
    "$",
    "#",
    "=",
    "!=",
    "==",
    ",",
    ";",
    " ",
    "\t",
    "\n",
    "\r",
    "\0",
    "%",
    "&",
    "~",
    "\u00e9",
    "\u2028",
    "\ud83d\ude00",
    "\ud800",
    "\udc00",
    "\u0660",
    "\u212a",
    "\u0130",
    "\uffff",
    "ms",
    "1h",
    "sha256:",
    "1e999",
    "-1",
    "99999999999999999999"
  };

  private final Random random;

  Garbage(long seed) {
    this.random = new Random(seed);
  }

  /** Random signs, examples with random changes, and examples within and behind each other. */
  List<String> texts(List<String> examples, int count) {
    List<String> texts = new ArrayList<>(List.of("", " ", "\0", "\ud800"));
    texts.addAll(examples);
    while (texts.size() < count) {
      texts.add(
          switch (random.nextInt(3)) {
            case 0 -> signs(1 << random.nextInt(13));
            case 1 -> changed(any(examples));
            default -> repeated(any(examples).isEmpty() ? "x" : any(examples));
          });
    }
    return texts;
  }

  /** What stands before, what is repeated, what stands behind: near misses that can be grown. */
  record Growth(String before, String unit, String after) {
    String times(int length) {
      return before + unit.repeat(Math.max(1, length / unit.length())) + after;
    }
  }

  /** Ways to grow each example: at its end, by its own middle, and by single signs. */
  List<Growth> growths(List<String> examples) {
    List<Growth> growths = new ArrayList<>();
    for (String sign : SIGNS) {
      growths.add(new Growth("", sign, "#"));
    }
    for (String example : examples) {
      growths.add(new Growth("", example.isEmpty() ? "x" : example, "\u0001"));
      for (int tries = 0; tries < 6 && !example.isEmpty(); tries++) {
        int from = random.nextInt(example.length());
        int to = from + 1 + random.nextInt(Math.min(4, example.length() - from));
        growths.add(
            new Growth(
                example.substring(0, from),
                example.substring(from, to),
                random.nextBoolean() ? example.substring(to) : "\u0001"));
      }
      growths.add(new Growth(example, SIGNS[random.nextInt(SIGNS.length)], "#"));
    }
    return growths;
  }

  private String any(List<String> examples) {
    return examples.get(random.nextInt(examples.size()));
  }

  private String signs(int count) {
    StringBuilder text = new StringBuilder();
    for (int sign = 0; sign < count; sign++) {
      text.append(SIGNS[random.nextInt(SIGNS.length)]);
    }
    return text.toString();
  }

  private String changed(String example) {
    StringBuilder text = new StringBuilder(example);
    for (int change = random.nextInt(4); change >= 0; change--) {
      int at = random.nextInt(text.length() + 1);
      switch (random.nextInt(3)) {
        case 0 -> text.insert(at, SIGNS[random.nextInt(SIGNS.length)]);
        case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(3)));
        default -> text.insert(at, text.substring(at / 2, at));
      }
    }
    return text.toString();
  }

  private String repeated(String example) {
    int cut = random.nextInt(example.length());
    return example.substring(cut).repeat(1 + random.nextInt(300)) + example.substring(0, cut);
  }
}
