package dev.hanse.agent.network.host;

import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.nftables.NftablesException;
import dev.hanse.kernel.nftables.NftablesSession;
import dev.hanse.network.KeptTable;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One {@link KeptTable} in the host's namespace. Elements are added and taken away alone; the whole
 * table is loaded when its rules change, or when somebody altered it.
 */
final class TableKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TableKeeper.class);

  private final NftablesSession nftables;
  private final Alterations alterations;
  private Optional<KeptTable> loaded = Optional.empty();
  private OptionalLong unaltered = OptionalLong.empty();
  private Optional<String> listed = Optional.empty();

  /**
   * @param alterations of the namespace; whoever made it closes it
   */
  TableKeeper(NetworkNamespace namespace, Alterations alterations) {
    this.nftables = new NftablesSession(namespace);
    this.alterations = alterations;
  }

  /** Brings the table into the wanted state, seen from the one that was loaded last. */
  void ensure(KeptTable wanted) {
    if (loaded.isEmpty() || !loaded.get().hasRulesOf(wanted)) {
      load(wanted);
      return;
    }
    String difference = wanted.difference(loaded.get());
    if (difference.isEmpty()) {
      return;
    }
    boolean known = alterations.none(unaltered);
    try {
      OptionalLong after = alterations.change(() -> nftables.apply(difference));
      unaltered = known ? after : OptionalLong.empty();
      loaded = Optional.of(wanted);
      listed = Optional.empty();
    } catch (NftablesException altered) {
      log.debug("{}: {}", wanted.reference(), altered.getMessage());
      load(wanted);
    }
  }

  /** The same; also when the kernel has not any more what it had after the last time. */
  void repair(KeptTable wanted) {
    ensure(wanted);
    if (alterations.none(unaltered)) {
      return;
    }
    long now = alterations.now();
    if (listed.isPresent() && listed.get().equals(list(wanted))) {
      unaltered = OptionalLong.of(now);
      return;
    }
    if (listed.isPresent()) {
      log.warn("table {} was altered by another program; loading it again", wanted.reference());
    }
    load(wanted);
    String text = list(wanted);
    // Else the listing may show what another program has made of it meanwhile.
    if (alterations.none(unaltered)) {
      listed = Optional.of(text);
    }
  }

  private void load(KeptTable wanted) {
    loaded = Optional.empty();
    unaltered = alterations.change(() -> nftables.apply(wanted.load()));
    loaded = Optional.of(wanted);
    listed = Optional.empty();
  }

  /** The table as the kernel has it, without the administrator's chain. */
  private String list(KeptTable table) {
    try {
      String text = nftables.list("list table " + table.reference());
      return table.user().map(chain -> without(text, "\tchain " + chain + " {")).orElse(text);
    } catch (NftablesException gone) {
      return "";
    }
  }

  private static String without(String text, String start) {
    int from = text.indexOf(start);
    int to = from < 0 ? -1 : text.indexOf("\n\t}", from);
    return to < 0 ? text : text.substring(0, from) + text.substring(to);
  }

  /** Takes the table away, but for the administrator's chain when there are rules in it. */
  void remove(KeptTable table) {
    loaded = Optional.empty();
    if (table.user().filter(chain -> hasRules(table, chain)).isEmpty()) {
      nftables.apply("table %1$s\ndelete table %1$s\n".formatted(table.reference()));
      return;
    }
    StringBuilder commands = new StringBuilder(table.load());
    for (KeptTable.Chain chain : table.chains()) {
      commands.append("flush chain %s %s\n".formatted(table.reference(), chain.name()));
    }
    for (KeptTable.Chain chain : table.chains()) {
      commands.append("delete chain %s %s\n".formatted(table.reference(), chain.name()));
    }
    table
        .sets()
        .keySet()
        .forEach(set -> commands.append("delete set %s %s\n".formatted(table.reference(), set)));
    nftables.apply(commands.toString());
  }

  private boolean hasRules(KeptTable table, String chain) {
    try {
      String text = nftables.list("list chain %s %s".formatted(table.reference(), chain));
      // The table's line, the chain's, and the brackets that end them.
      return text.lines().filter(line -> !line.isBlank()).count() > 4;
    } catch (NftablesException missing) {
      return false;
    }
  }

  @Override
  public void close() {
    nftables.close();
  }
}
