package dev.hanse.network;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * An nft table that is changed in place: the rules of its chains are replaced together, elements of
 * its sets come and go one by one, and a chain that belongs to the administrator is never touched.
 *
 * @param family of nft: {@code ip} or {@code bridge}
 * @param name of the table
 * @param sets by name, each with its type as nft writes it
 * @param chains in the order in which they are made: those that others jump to come first
 * @param elements by set
 * @param user the administrator's chain, made when it is missing
 */
public record KeptTable(
    String family,
    String name,
    SortedMap<String, String> sets,
    List<Chain> chains,
    SortedMap<String, SortedSet<String>> elements,
    Optional<String> user) {

  /**
   * A chain of ours.
   *
   * @param name of the chain
   * @param hook type, hook and priority; empty for one that others jump to
   * @param rules in order
   */
  public record Chain(String name, Optional<String> hook, List<String> rules) {
    /** Copies the list. */
    public Chain {
      rules = List.copyOf(rules);
    }
  }

  /** Copies everything. */
  public KeptTable {
    sets = Collections.unmodifiableSortedMap(new TreeMap<>(sets));
    chains = List.copyOf(chains);
    SortedMap<String, SortedSet<String>> copies = new TreeMap<>();
    sets.keySet().forEach(set -> copies.put(set, new TreeSet<>()));
    elements.forEach(
        (set, members) ->
            copies.put(set, Collections.unmodifiableSortedSet(new TreeSet<>(members))));
    elements = Collections.unmodifiableSortedMap(copies);
  }

  /** Family and name, as commands name the table. */
  public String reference() {
    return family + " " + name;
  }

  /** Is everything but the elements the same? */
  public boolean hasRulesOf(KeptTable other) {
    return reference().equals(other.reference())
        && sets.equals(other.sets)
        && chains.equals(other.chains)
        && user.equals(other.user);
  }

  /** Commands that bring the table into this state from any other but a foreign table's. */
  public String load() {
    StringBuilder text = new StringBuilder();
    text.append("table ").append(reference()).append(" {\n");
    sets.forEach(
        (set, type) -> text.append("  set %s {\n    typeof %s\n  }\n".formatted(set, type)));
    user.ifPresent(chain -> text.append("  chain ").append(chain).append(" {\n  }\n"));
    for (Chain chain : chains) {
      text.append("  chain ").append(chain.name).append(" {\n");
      chain.hook.ifPresent(
          hook -> text.append("    type ").append(hook).append("; policy accept;\n"));
      text.append("  }\n");
    }
    text.append("}\n");
    for (Chain chain : chains) {
      text.append("flush chain %s %s\n".formatted(reference(), chain.name));
    }
    sets.keySet().forEach(set -> text.append("flush set %s %s\n".formatted(reference(), set)));
    text.append("table ").append(reference()).append(" {\n");
    for (Chain chain : chains) {
      text.append("  chain ").append(chain.name).append(" {\n");
      chain.rules.forEach(rule -> text.append("    ").append(rule).append('\n'));
      text.append("  }\n");
    }
    text.append("}\n");
    elements.forEach((set, members) -> elements(text, "add", set, members));
    return text.toString();
  }

  /** Commands that lead from another table's elements to these; empty when they are the same. */
  public String difference(KeptTable before) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, SortedSet<String>> set : elements.entrySet()) {
      SortedSet<String> gone =
          new TreeSet<>(before.elements.getOrDefault(set.getKey(), new TreeSet<>()));
      SortedSet<String> added = new TreeSet<>(set.getValue());
      added.removeAll(gone);
      gone.removeAll(set.getValue());
      elements(text, "delete", set.getKey(), gone);
      elements(text, "add", set.getKey(), added);
    }
    return text.toString();
  }

  private void elements(StringBuilder text, String operation, String set, SortedSet<String> some) {
    if (!some.isEmpty()) {
      text.append(
          some.stream()
              .collect(
                  Collectors.joining(
                      ", ", "%s element %s %s { ".formatted(operation, reference(), set), " }\n")));
    }
  }
}
