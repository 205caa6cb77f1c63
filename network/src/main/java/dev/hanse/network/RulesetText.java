package dev.hanse.network;

import java.util.List;

/** Text of one nft table, to be loaded where there is none of that name. */
final class RulesetText {
  private final StringBuilder text = new StringBuilder();

  RulesetText() {
    text.append("table ip ").append(KernelNames.TABLE).append(" {\n");
  }

  /** A chain that others go to; left out when it has no rules. */
  RulesetText chain(String name, List<String> rules) {
    return open(name).rules(rules);
  }

  /** A chain at a hook; left out when it has no rules. */
  RulesetText chain(String name, String hook, List<String> rules) {
    if (rules.isEmpty()) {
      return this;
    }
    open(name);
    text.append("    type ").append(hook).append("; policy accept;\n");
    return rules(rules);
  }

  private RulesetText open(String name) {
    text.append("  chain ").append(name).append(" {\n");
    return this;
  }

  private RulesetText rules(List<String> rules) {
    for (String rule : rules) {
      text.append("    ").append(rule).append('\n');
    }
    text.append("  }\n");
    return this;
  }

  @Override
  public String toString() {
    return text + "}\n";
  }
}
