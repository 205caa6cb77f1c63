package dev.hanse.runtime.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.text.Form;
import java.math.BigInteger;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What happens with some system calls, and the conditions under which the rule is there at all.
 *
 * @param excludes drop the rule where one of them holds
 * @param includes drop it where one of them does not
 */
record SeccompRule(
    List<String> names,
    String action,
    Optional<BigInteger> errorNumber,
    List<Argument> arguments,
    Condition excludes,
    Condition includes) {
  private static final Form NAME = Form.of("[a-zA-Z0-9_]+", 64);
  private static final int ARGUMENT_INDEX_MAX = 5;
  private static final Set<String> FIELDS =
      Set.of("names", "name", "action", "errnoRet", "args", "comment", "includes", "excludes");

  /** All but SCMP_ACT_NOTIFY, for which runc would hand the container to a socket of the host. */
  private static final Set<String> ACTIONS =
      Set.of(
          "SCMP_ACT_KILL",
          "SCMP_ACT_KILL_PROCESS",
          "SCMP_ACT_KILL_THREAD",
          "SCMP_ACT_TRAP",
          "SCMP_ACT_ERRNO",
          "SCMP_ACT_TRACE",
          "SCMP_ACT_ALLOW",
          "SCMP_ACT_LOG");

  private static final Set<String> COMPARISONS =
      Set.of(
          "SCMP_CMP_NE",
          "SCMP_CMP_LT",
          "SCMP_CMP_LE",
          "SCMP_CMP_EQ",
          "SCMP_CMP_GE",
          "SCMP_CMP_GT",
          "SCMP_CMP_MASKED_EQ");

  /** A comparison of one argument of the call. */
  record Argument(int index, BigInteger value, Optional<BigInteger> second, String comparison) {
    static Argument of(SeccompFields fields) {
      fields.onlyKnown(Set.of("index", "value", "valueTwo", "op"));
      BigInteger index = fields.number("index").orElse(BigInteger.ZERO);
      if (index.compareTo(BigInteger.valueOf(ARGUMENT_INDEX_MAX)) > 0) {
        throw SeccompFields.invalid("index of " + fields.place() + " must be at most 5");
      }
      String comparison = fields.text("op");
      if (!COMPARISONS.contains(comparison)) {
        throw SeccompFields.invalid("unknown op \"" + comparison + "\" in " + fields.place());
      }
      return new Argument(
          index.intValue(),
          fields.number("value").orElse(BigInteger.ZERO),
          fields.number("valueTwo"),
          comparison);
    }
  }

  /** A release of the kernel from which on something holds. */
  record Kernel(int major, int minor) {
    private static final Form FORM = Form.of("([0-9]{1,3})\\.([0-9]{1,3})", 7);
    private static final Form RELEASE = Form.of("([0-9]{1,4})\\.([0-9]{1,4}).*", 64);
    private static final int PART_MAX = 255;

    static Kernel of(String text) {
      var parts = FORM.read(text).orElseThrow(() -> invalid(text));
      var kernel = new Kernel(Integer.parseInt(parts.part(1)), Integer.parseInt(parts.part(2)));
      if (kernel.major > PART_MAX
          || kernel.minor > PART_MAX
          || (kernel.major == 0 && kernel.minor == 0)) {
        throw invalid(text);
      }
      return kernel;
    }

    /** Docker's words. */
    private static RuntimeException invalid(String text) {
      return SeccompFields.invalid(
          "invalid kernel version: \"" + text + "\", expected \"<kernel>.<major>\"");
    }

    boolean isAtMost(String release) {
      return RELEASE
          .read(release)
          .map(parts -> isAtMost(Integer.parseInt(parts.part(1)), Integer.parseInt(parts.part(2))))
          .orElse(false);
    }

    private boolean isAtMost(int otherMajor, int otherMinor) {
      return major < otherMajor || (major == otherMajor && minor <= otherMinor);
    }
  }

  /** What a rule can depend on; a part that is empty says nothing. */
  record Condition(List<String> capabilities, List<String> architectures, Optional<Kernel> kernel) {
    private static final Condition NONE = new Condition(List.of(), List.of(), Optional.empty());

    static Condition of(SeccompFields fields) {
      fields.onlyKnown(Set.of("caps", "arches", "minKernel"));
      String kernel = fields.text("minKernel");
      return new Condition(
          fields.words("caps"),
          fields.words("arches"),
          kernel.isEmpty() ? Optional.empty() : Optional.of(Kernel.of(kernel)));
    }

    private boolean isAnyMet(Collection<String> given, HostFacts facts) {
      return architectures.contains(facts.architecture())
          || capabilities.stream().anyMatch(given::contains)
          || kernel.filter(least -> least.isAtMost(facts.kernelRelease())).isPresent();
    }

    private boolean areAllMet(Collection<String> given, HostFacts facts) {
      return (architectures.isEmpty() || architectures.contains(facts.architecture()))
          && given.containsAll(capabilities)
          && kernel.filter(least -> !least.isAtMost(facts.kernelRelease())).isEmpty();
    }
  }

  SeccompRule {
    names = List.copyOf(names);
    arguments = List.copyOf(arguments);
  }

  static SeccompRule of(SeccompFields fields) {
    fields.onlyKnown(FIELDS);
    String action = action(fields, "action");
    fields.text("comment");
    return new SeccompRule(
        names(fields),
        action,
        fields.errorNumber("errnoRet", action),
        fields.objects("args").stream().map(Argument::of).toList(),
        fields.object("excludes").map(Condition::of).orElse(Condition.NONE),
        fields.object("includes").map(Condition::of).orElse(Condition.NONE));
  }

  /** The action that stands there; one must. */
  static String action(SeccompFields fields, String field) {
    String action = fields.text(field);
    if (action.isEmpty()) {
      throw SeccompFields.invalid(field + " of " + fields.place() + " is missing");
    }
    if (!ACTIONS.contains(action)) {
      throw SeccompFields.invalid(
          "unknown or unsupported action \"" + action + "\" in " + fields.place());
    }
    return action;
  }

  private static List<String> names(SeccompFields fields) {
    List<String> names = fields.words("names");
    String name = fields.text("name");
    if (!name.isEmpty() && !names.isEmpty()) {
      // Docker's words.
      throw SeccompFields.invalid(
          "both 'name' and 'names' are specified in the seccomp profile, use either 'name' or"
              + " 'names'");
    }
    List<String> all = name.isEmpty() ? names : List.of(name);
    if (all.isEmpty()) {
      throw SeccompFields.invalid(fields.place() + " names no system call");
    }
    for (String one : all) {
      if (!NAME.fits(one)) {
        throw SeccompFields.invalid("\"" + one + "\" is no name of a system call");
      }
    }
    return all;
  }

  boolean appliesTo(Collection<String> capabilities, HostFacts facts) {
    return !excludes.isAnyMet(capabilities, facts) && includes.areAllMet(capabilities, facts);
  }

  ObjectNode specification() {
    ObjectNode rule = JsonNodeFactory.instance.objectNode();
    names.forEach(rule.putArray("names")::add);
    rule.put("action", action);
    errorNumber.ifPresent(number -> rule.put("errnoRet", number));
    if (!arguments.isEmpty()) {
      ArrayNode list = rule.putArray("args");
      for (Argument argument : arguments) {
        ObjectNode entry =
            list.addObject().put("index", argument.index()).put("value", argument.value());
        argument.second().ifPresent(second -> entry.put("valueTwo", second));
        entry.put("op", argument.comparison());
      }
    }
    return rule;
  }
}
