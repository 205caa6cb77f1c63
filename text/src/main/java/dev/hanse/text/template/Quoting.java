package dev.hanse.text.template;

import java.util.Optional;

/** Text in quotes as Go writes and reads it. Source: "String literals" of go.dev/ref/spec. */
final class Quoting {
  private static final int OCTAL_DIGITS = 3;

  private Quoting() {}

  /** In double quotes, as {@code %q} shows it. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    text.codePoints()
        .forEach(
            one -> {
              switch (one) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case 0x07 -> quoted.append("\\a");
                case '\b' -> quoted.append("\\b");
                case '\f' -> quoted.append("\\f");
                case 0x0b -> quoted.append("\\v");
                default -> {
                  if (Character.isISOControl(one)) {
                    quoted.append("\\x%02x".formatted(one));
                  } else {
                    quoted.appendCodePoint(one);
                  }
                }
              }
            });
    return quoted.append('"').toString();
  }

  /** {@code U+0040 '@'}. */
  static String codePoint(int one) {
    return "U+%04X '%s'".formatted(one, Character.toString(one));
  }

  /** What stands between two quotes; empty if it is malformed. */
  static Optional<String> unquoted(String literal) {
    StringBuilder text = new StringBuilder();
    char quote = literal.charAt(0);
    int end = literal.length() - 1;
    int position = 1;
    while (position < end) {
      char one = literal.charAt(position);
      if (one != '\\') {
        text.append(one);
        position++;
        continue;
      }
      if (position + 1 >= end) {
        return Optional.empty();
      }
      char escape = literal.charAt(position + 1);
      int radix = escape == 'x' || escape == 'u' || escape == 'U' ? 16 : 8;
      int digits =
          switch (escape) {
            case 'x' -> 2;
            case 'u' -> 4;
            case 'U' -> 8;
            case '0', '1', '2', '3', '4', '5', '6', '7' -> OCTAL_DIGITS;
            default -> 0;
          };
      if (digits == 0) {
        int meant = simple(escape, quote);
        if (meant < 0) {
          return Optional.empty();
        }
        text.append((char) meant);
        position += 2;
        continue;
      }
      int from = position + (digits == OCTAL_DIGITS ? 1 : 2);
      int value = from + digits <= end ? number(literal.substring(from, from + digits), radix) : -1;
      if (value < 0 || !Character.isValidCodePoint(value)) {
        return Optional.empty();
      }
      text.appendCodePoint(value);
      position = from + digits;
    }
    return Optional.of(text.toString());
  }

  private static int simple(char escape, char quote) {
    return switch (escape) {
      case 'a' -> 0x07;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> 0x0b;
      case '\\' -> '\\';
      default -> escape == quote ? quote : -1;
    };
  }

  private static int number(String digits, int radix) {
    try {
      return digits.charAt(0) == '+' || digits.charAt(0) == '-'
          ? -1
          : Integer.parseInt(digits, radix);
    } catch (NumberFormatException noNumber) {
      return -1;
    }
  }
}
