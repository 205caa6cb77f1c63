package dev.hanse.text.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;

/** Numbers as Go writes and reads them. Source: "Integer literals" ff. of go.dev/ref/spec. */
final class Numbers {
  private static final int LENGTH_MAX = 64;

  /** From which power of ten on a number is shown with an exponent. */
  private static final int EXPONENT_FROM = 6;

  private static final int EXPONENT_BELOW = -4;

  private Numbers() {}

  static boolean isDigit(char one) {
    return one >= '0' && one <= '9';
  }

  /** A literal of 64 bits; empty for anything else, complex numbers included. */
  static Optional<Value> read(String literal) {
    if (literal.isEmpty() || literal.length() > LENGTH_MAX) {
      return Optional.empty();
    }
    boolean negative = literal.charAt(0) == '-';
    String digits = negative || literal.charAt(0) == '+' ? literal.substring(1) : literal;
    if (digits.isEmpty() || digits.startsWith("_") || digits.endsWith("_")) {
      return Optional.empty();
    }
    String plain = digits.replace("_", "");
    Optional<Value> whole = whole(plain, negative);
    return whole.isPresent() ? whole : decimal(plain, negative);
  }

  private static Optional<Value> whole(String digits, boolean negative) {
    int radix =
        switch (digits.length() > 1 ? digits.substring(0, 2) : "") {
          case "0x", "0X" -> 16;
          case "0b", "0B" -> 2;
          case "0o", "0O" -> 8;
          default -> 10;
        };
    String rest = radix == 10 ? digits : digits.substring(2);
    boolean isOldOctal = radix == 10 && digits.length() > 1 && digits.charAt(0) == '0';
    if (rest.isEmpty() || !isDigitOf(rest.charAt(0), radix)) {
      return Optional.empty();
    }
    try {
      BigInteger value = new BigInteger(rest, isOldOctal ? 8 : radix);
      return Optional.of(new Value.Whole((negative ? value.negate() : value).longValueExact()));
    } catch (NumberFormatException | ArithmeticException noWhole) {
      return Optional.empty();
    }
  }

  private static boolean isDigitOf(char one, int radix) {
    return Character.digit(one, radix) >= 0;
  }

  private static Optional<Value> decimal(String digits, boolean negative) {
    boolean plain =
        digits.chars().allMatch(one -> isDigit((char) one) || ".eE+-".indexOf(one) >= 0);
    if (!plain) {
      return Optional.empty();
    }
    try {
      double value = Double.parseDouble(digits);
      return Double.isInfinite(value)
          ? Optional.empty()
          : Optional.of(new Value.Decimal(negative ? -value : value));
    } catch (NumberFormatException noNumber) {
      return Optional.empty();
    }
  }

  /** In as few digits as tell it from all others, as {@code %v} shows it. */
  static String shortest(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = exact.precision() - exact.scale() - 1;
    if (exponent >= EXPONENT_BELOW && exponent < EXPONENT_FROM) {
      return exact.toPlainString();
    }
    String digits = exact.unscaledValue().abs().toString();
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + fraction
        + "e"
        + (exponent < 0 ? "-" : "+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }
}
