package dev.hanse.text.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** {@code printf}. Source: pkg.go.dev/fmt, "Printing". */
final class Format {
  /** Of a width or a precision, as in Go. */
  private static final int SIZE_MAX = 1_000_000;

  private static final int DECIMALS = 6;

  private final Budget budget;

  Format(Budget budget) {
    this.budget = budget;
  }

  /** What stands between the percent sign and the verb. */
  private static final class Spec {
    private boolean minus;
    private boolean plus;
    private boolean sharp;
    private boolean space;
    private boolean zero;
    private int width = -1;
    private int precision = -1;

    /** Of a number with a fraction the precision is no number of digits in all. */
    private Spec withoutPrecision() {
      Spec other = new Spec();
      other.minus = minus;
      other.plus = plus;
      other.space = space;
      other.zero = zero;
      other.width = width;
      return other;
    }
  }

  String format(String format, List<Value> arguments) throws TemplateFault {
    StringBuilder text = new StringBuilder();
    int next = 0;
    int position = 0;
    while (position < format.length()) {
      int percent = format.indexOf('%', position);
      int end = percent < 0 ? format.length() : percent;
      budget.makes((long) text.length() + end - position);
      text.append(format, position, end);
      if (percent < 0) {
        break;
      }
      position = percent + 1;
      Spec spec = new Spec();
      while (position < format.length() && flag(spec, format.charAt(position))) {
        position++;
      }
      int star = position;
      position = number(format, position);
      if (position > star && format.charAt(star) == '*') {
        spec.width = size(next < arguments.size() ? arguments.get(next) : Value.NOTHING);
        next++;
        text.append(spec.width < 0 ? "%!(BADWIDTH)" : "");
      } else if (position > star) {
        spec.width = size(format.substring(star, position));
        text.append(spec.width < 0 ? "%!(BADWIDTH)" : "");
      }
      if (position < format.length() && format.charAt(position) == '.') {
        int dot = position + 1;
        position = number(format, dot);
        if (position > dot && format.charAt(dot) == '*') {
          spec.precision = size(next < arguments.size() ? arguments.get(next) : Value.NOTHING);
          next++;
          text.append(spec.precision < 0 ? "%!(BADPREC)" : "");
        } else {
          spec.precision = position > dot ? size(format.substring(dot, position)) : 0;
          text.append(spec.precision < 0 ? "%!(BADPREC)" : "");
        }
      }
      if (position >= format.length()) {
        text.append("%!(NOVERB)");
        break;
      }
      int verb = format.codePointAt(position);
      position += Character.charCount(verb);
      if (verb == '%') {
        text.append('%');
      } else if (next >= arguments.size()) {
        text.append("%!").appendCodePoint(verb).append("(MISSING)");
      } else {
        String value = value(spec, verb, arguments.get(next));
        next++;
        budget.makes((long) text.length() + value.length());
        text.append(value);
      }
    }
    return text + extra(arguments, next);
  }

  private static String extra(List<Value> arguments, int next) {
    if (next >= arguments.size()) {
      return "";
    }
    List<String> shown =
        arguments.subList(next, arguments.size()).stream()
            .map(
                value ->
                    value instanceof Value.Nothing ? "<nil>" : value.type() + "=" + value.text())
            .toList();
    return "%!(EXTRA " + String.join(", ", shown) + ")";
  }

  private static boolean flag(Spec spec, char one) {
    switch (one) {
      case '-' -> {
        spec.minus = true;
        spec.zero = false;
      }
      case '+' -> spec.plus = true;
      case '#' -> spec.sharp = true;
      case ' ' -> spec.space = true;
      case '0' -> spec.zero = !spec.minus;
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Where digits, or a star, end. */
  private static int number(String format, int from) {
    if (from < format.length() && format.charAt(from) == '*') {
      return from + 1;
    }
    int end = from;
    while (end < format.length() && Numbers.isDigit(format.charAt(end))) {
      end++;
    }
    return end;
  }

  private static int size(String digits) {
    return digits.length() <= 7 && Integer.parseInt(digits) <= SIZE_MAX
        ? Integer.parseInt(digits)
        : -1;
  }

  private static int size(Value value) {
    return value instanceof Value.Whole(long size, String _) && size >= 0 && size <= SIZE_MAX
        ? (int) size
        : -1;
  }

  private String value(Spec spec, int verb, Value value) throws TemplateFault {
    budget.makes(Math.max(spec.width, spec.precision));
    if (verb == 'T') {
      return padded(spec, value instanceof Value.Nothing ? "<nil>" : value.type(), false);
    }
    return switch (value) {
      case Value.Text(String text) -> text(spec, verb, text, value);
      case Value.Whole(long whole, String _) -> whole(spec, verb, whole, value);
      case Value.Decimal(double decimal) -> decimal(spec, verb, decimal, value);
      case Value.Flag flag ->
          verb == 'v' || verb == 't' ? padded(spec, flag.text(), false) : wrong(verb, value);
      case Value.Nothing _ ->
          verb == 'v' ? padded(spec, "<nil>", false) : "%!" + Character.toString(verb) + "(<nil>)";
      case Value.Struct _, Value.Table _ ->
          verb == 'v' || verb == 's' ? padded(spec, value.text(), false) : wrong(verb, value);
    };
  }

  private static String wrong(int verb, Value value) {
    return "%!" + Character.toString(verb) + "(" + value.type() + "=" + value.text() + ")";
  }

  private String text(Spec spec, int verb, String text, Value value) {
    int characters = text.codePointCount(0, text.length());
    String cut =
        spec.precision >= 0 && spec.precision < characters
            ? text.substring(0, text.offsetByCodePoints(0, spec.precision))
            : text;
    byte[] bytes = cut.getBytes(StandardCharsets.UTF_8);
    return switch (verb) {
      case 's' -> padded(spec, cut, false);
      case 'v' -> padded(spec, spec.sharp ? Quoting.quoted(cut) : cut, false);
      case 'q' ->
          padded(
              spec,
              spec.sharp && cut.indexOf('`') < 0 ? "`" + cut + "`" : Quoting.quoted(cut),
              false);
      case 'x' -> padded(spec, HexFormat.of().formatHex(bytes), false);
      case 'X' -> padded(spec, HexFormat.of().withUpperCase().formatHex(bytes), false);
      default -> wrong(verb, value);
    };
  }

  private String whole(Spec spec, int verb, long whole, Value value) {
    String digits = Long.toString(whole).replace("-", "");
    return switch (verb) {
      case 'd', 'v' -> signed(spec, whole < 0, digits);
      case 'b' -> signed(spec, whole < 0, Long.toString(whole, 2).replace("-", ""));
      case 'o' ->
          signed(
              spec, whole < 0, (spec.sharp ? "0" : "") + Long.toString(whole, 8).replace("-", ""));
      case 'O' -> signed(spec, whole < 0, "0o" + Long.toString(whole, 8).replace("-", ""));
      case 'x' -> signed(spec, whole < 0, hex(spec, whole));
      case 'X' -> signed(spec, whole < 0, hex(spec, whole).toUpperCase(Locale.ROOT));
      case 'c' ->
          padded(
              spec,
              Character.isValidCodePoint((int) whole) ? Character.toString((int) whole) : "\uFFFD",
              false);
      case 'q' ->
          padded(spec, "'" + Character.toString(Math.clamp(whole, 0, 0x10FFFF)) + "'", false);
      case 'U' -> padded(spec, "U+%04X".formatted(whole), false);
      default -> wrong(verb, value);
    };
  }

  private static String hex(Spec spec, long whole) {
    return (spec.sharp ? "0x" : "") + Long.toString(whole, 16).replace("-", "");
  }

  private String decimal(Spec spec, int verb, double decimal, Value value) {
    boolean negative = decimal < 0 || 1 / decimal < 0;
    Spec unfilled = spec.withoutPrecision();
    if (Double.isNaN(decimal) || Double.isInfinite(decimal)) {
      return padded(spec, Numbers.shortest(decimal), false);
    }
    BigDecimal exact = new BigDecimal(Math.abs(decimal));
    int precision = spec.precision >= 0 ? spec.precision : DECIMALS;
    return switch (verb) {
      case 'v', 'g', 'G' ->
          signed(
              unfilled,
              negative,
              spec.precision < 0
                  ? Numbers.shortest(Math.abs(decimal))
                  : Numbers.shortest(
                      exact.round(new MathContext(Math.clamp(precision, 1, 17))).doubleValue()));
      case 'f', 'F' ->
          signed(
              unfilled,
              negative,
              exact.setScale(Math.min(precision, 1100), RoundingMode.HALF_EVEN).toPlainString());
      case 'e', 'E' ->
          signed(unfilled, negative, scientific(exact, Math.min(precision, 1100), verb));
      default -> wrong(verb, value);
    };
  }

  private static String scientific(BigDecimal exact, int precision, int verb) {
    if (exact.signum() == 0) {
      String zeros = precision > 0 ? "." + "0".repeat(precision) : "";
      return "0" + zeros + Character.toString(verb) + "+00";
    }
    BigDecimal rounded = exact.round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    String digits = rounded.unscaledValue().toString();
    String all = digits + "0".repeat(Math.max(0, precision + 1 - digits.length()));
    String fraction = precision > 0 ? "." + all.substring(1, precision + 1) : "";
    return all.charAt(0)
        + fraction
        + Character.toString(verb)
        + (exponent < 0 ? "-" : "+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }

  private static String signed(Spec spec, boolean negative, String digits) {
    String sign = negative ? "-" : spec.plus ? "+" : spec.space ? " " : "";
    String least =
        spec.precision > digits.length()
            ? "0".repeat(spec.precision - digits.length()) + digits
            : digits;
    int missing = spec.width - sign.length() - least.length();
    if (spec.zero && spec.precision < 0 && missing > 0) {
      return sign + "0".repeat(missing) + least;
    }
    return padded(spec, sign + least, true);
  }

  private static String padded(Spec spec, String text, boolean isNumber) {
    int missing = spec.width - text.codePointCount(0, text.length());
    if (missing <= 0) {
      return text;
    }
    String fill = (spec.zero && !isNumber ? "0" : " ").repeat(missing);
    return spec.minus ? text + " ".repeat(missing) : fill + text;
  }
}
