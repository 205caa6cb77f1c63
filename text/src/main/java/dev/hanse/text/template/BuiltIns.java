package dev.hanse.text.template;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The functions of the language. Source: "Functions" of pkg.go.dev/text/template. */
final class BuiltIns {
  /** From this character on {@code js} names those that are no letters by their number. */
  private static final int JS_NAMED_FROM = 0x80;

  static final Set<String> NAMES =
      Set.of(
          "and",
          "call",
          "eq",
          "ge",
          "gt",
          "html",
          "index",
          "js",
          "le",
          "len",
          "lt",
          "ne",
          "not",
          "or",
          "print",
          "printf",
          "println",
          "slice",
          "urlquery");

  private final Budget budget;

  BuiltIns(Budget budget) {
    this.budget = budget;
  }

  /** Why it cannot be called with so many arguments. */
  static Optional<String> countFault(String name, int count) {
    int exactly =
        switch (name) {
          case "len", "not" -> 1;
          case "ne", "lt", "le", "gt", "ge" -> 2;
          default -> -1;
        };
    int least =
        switch (name) {
          case "and", "or", "call", "eq", "index", "slice", "printf" -> 1;
          default -> 0;
        };
    if (exactly >= 0 && count != exactly) {
      return Optional.of(
          "wrong number of args for %s: want %d got %d".formatted(name, exactly, count));
    }
    return count < least
        ? Optional.of(
            "wrong number of args for %s: want at least %d got %d".formatted(name, least, count))
        : Optional.empty();
  }

  /** Calls one of them, with as many arguments as it takes. */
  Value call(String name, List<Value> arguments) throws TemplateFault {
    return switch (name) {
      case "and", "or" -> arguments.getLast(); // Those before did not decide.
      case "not" -> new Value.Flag(!arguments.getFirst().isTrue());
      case "len" -> new Value.Whole(length(arguments.getFirst()));
      case "index" -> index(arguments);
      case "slice" -> slice(arguments);
      case "call" -> throw new TemplateFault("non-function of type " + arguments.getFirst().type());
      case "print" -> new Value.Text(printed(arguments));
      case "println" -> new Value.Text(joined(arguments, true) + "\n");
      case "printf" ->
          new Value.Text(
              new Format(budget)
                  .format(
                      Functions.text(arguments.getFirst()),
                      arguments.subList(1, arguments.size())));
      case "html" -> new Value.Text(html(printed(arguments)));
      case "js" -> new Value.Text(js(printed(arguments)));
      case "urlquery" ->
          new Value.Text(
              URLEncoder.encode(printed(arguments), StandardCharsets.UTF_8)
                  .replace("*", "%2A")
                  .replace("%7E", "~"));
      case "eq" -> new Value.Flag(Comparison.equal(arguments));
      case "ne" -> new Value.Flag(!Comparison.equal(arguments));
      case "lt" -> new Value.Flag(Comparison.order(arguments) < 0);
      case "le" -> new Value.Flag(Comparison.order(arguments) <= 0);
      case "gt" -> new Value.Flag(Comparison.order(arguments) > 0);
      case "ge" -> new Value.Flag(Comparison.order(arguments) >= 0);
      default -> throw new TemplateFault("function \"" + name + "\" not defined");
    };
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static long length(Value value) throws TemplateFault {
    return switch (value) {
      case Value.Text(String text) -> bytes(text).length;
      case Value.Table(Map<String, String> entries) -> entries.size();
      case Value.Nothing _ -> throw new TemplateFault("len of nil pointer");
      case Value other -> throw new TemplateFault("len of type " + other.type());
    };
  }

  private static Value index(List<Value> arguments) throws TemplateFault {
    Value value = arguments.getFirst();
    for (Value key : arguments.subList(1, arguments.size())) {
      value =
          switch (value) {
            case Value.Table(Map<String, String> entries) -> {
              if (!(key instanceof Value.Text(String name))) {
                throw new TemplateFault("value has type " + key.type() + "; should be string");
              }
              yield new Value.Text(entries.getOrDefault(name, ""));
            }
            case Value.Text(String text) -> {
              byte[] bytes = bytes(text);
              int at = position(key, bytes.length - 1);
              yield new Value.Whole(bytes[at] & 0xff, "uint8");
            }
            case Value.Nothing _ -> throw new TemplateFault("index of untyped nil");
            case Value other -> throw new TemplateFault("can't index item of type " + other.type());
          };
    }
    return value;
  }

  private static int position(Value index, int max) throws TemplateFault {
    if (!(index instanceof Value.Whole(long at, String _))) {
      throw new TemplateFault("cannot index slice/array with type " + index.type());
    }
    if (at < 0 || at > max) {
      throw new TemplateFault("index out of range: " + at);
    }
    return (int) at;
  }

  private static Value slice(List<Value> arguments) throws TemplateFault {
    if (arguments.size() > 4) {
      throw new TemplateFault("too many slice indexes: " + (arguments.size() - 1));
    }
    if (!(arguments.getFirst() instanceof Value.Text(String text))) {
      throw new TemplateFault("can't slice item of type " + arguments.getFirst().type());
    }
    if (arguments.size() == 4) {
      throw new TemplateFault("cannot 3-index slice a string");
    }
    byte[] bytes = bytes(text);
    int from = arguments.size() > 1 ? position(arguments.get(1), bytes.length) : 0;
    int to = arguments.size() > 2 ? position(arguments.get(2), bytes.length) : bytes.length;
    if (from > to) {
      throw new TemplateFault("invalid slice index: " + from + " > " + to);
    }
    return new Value.Text(new String(bytes, from, to - from, StandardCharsets.UTF_8));
  }

  /** With a blank between two that are no strings. */
  private String printed(List<Value> values) throws TemplateFault {
    return joined(values, false);
  }

  private String joined(List<Value> values, boolean always) throws TemplateFault {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      boolean apart =
          always
              || (i > 0
                  && !(values.get(i) instanceof Value.Text)
                  && !(values.get(i - 1) instanceof Value.Text));
      String next = printed(values.get(i));
      budget.makes((long) text.length() + next.length());
      text.append(i > 0 && apart ? " " : "").append(next);
    }
    return text.toString();
  }

  private static String printed(Value value) {
    return value instanceof Value.Nothing ? "<nil>" : value.text();
  }

  private String html(String text) throws TemplateFault {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char one = text.charAt(i);
      escaped.append(
          switch (one) {
            case 0 -> "\uFFFD";
            case '"' -> "&#34;";
            case '\'' -> "&#39;";
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            default -> String.valueOf(one);
          });
    }
    budget.makes(escaped.length());
    return escaped.toString();
  }

  private String js(String text) throws TemplateFault {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            one -> {
              switch (one) {
                case '\\' -> escaped.append("\\\\");
                case '\'' -> escaped.append("\\'");
                case '"' -> escaped.append("\\\"");
                case '<', '>', '&', '=' -> escaped.append("\\u%04X".formatted(one));
                default -> {
                  boolean shown = one >= ' ' && (one < JS_NAMED_FROM || Character.isDefined(one));
                  if (shown && !Character.isISOControl(one)) {
                    escaped.appendCodePoint(one);
                  } else {
                    escaped.append("\\u%04X".formatted(one));
                  }
                }
              }
            });
    budget.makes(escaped.length());
    return escaped.toString();
  }
}
