package dev.hanse.text.template;

import java.util.List;

/** {@code eq} and its like: only values of one basic kind are compared. */
final class Comparison {
  private Comparison() {}

  /** Whether the first is one of the others. */
  static boolean equal(List<Value> arguments) throws TemplateFault {
    Value first = arguments.getFirst();
    if (first instanceof Value.Struct || first instanceof Value.Table) {
      throw new TemplateFault("non-comparable type " + first.type());
    }
    if (arguments.size() == 1) {
      throw new TemplateFault("missing argument for comparison");
    }
    for (Value other : arguments.subList(1, arguments.size())) {
      if (equal(first, other)) {
        return true;
      }
    }
    return false;
  }

  private static boolean equal(Value one, Value other) throws TemplateFault {
    if (one instanceof Value.Nothing || other instanceof Value.Nothing) {
      return one instanceof Value.Nothing && other instanceof Value.Nothing;
    }
    if (one instanceof Value.Whole(long left, String _)
        && other instanceof Value.Whole(long right, String _)) {
      return left == right;
    }
    if (one.getClass() != other.getClass()) {
      throw new TemplateFault("incompatible types for comparison");
    }
    return one.equals(other);
  }

  /** Less than 0 if the first is less than the second. */
  static int order(List<Value> arguments) throws TemplateFault {
    Value one = arguments.getFirst();
    Value other = arguments.get(1);
    if (one instanceof Value.Whole(long left, String _)
        && other instanceof Value.Whole(long right, String _)) {
      return Long.compare(left, right);
    }
    if (one instanceof Value.Decimal(double left) && other instanceof Value.Decimal(double right)) {
      return Double.compare(left, right);
    }
    if (one instanceof Value.Text(String left) && other instanceof Value.Text(String right)) {
      return left.compareTo(right);
    }
    boolean ordered =
        one instanceof Value.Whole || one instanceof Value.Decimal || one instanceof Value.Text;
    throw new TemplateFault(
        ordered ? "incompatible types for comparison" : "invalid type for comparison");
  }
}
