package dev.hanse.agent.network;

import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.nftables.Nftables;
import dev.hanse.kernel.nftables.NftablesException;
import dev.hanse.network.Names;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Our table in one namespace: loaded when its text changes, and again when somebody altered it. */
final class RulesetKeeper {
  private static final Logger log = LoggerFactory.getLogger(RulesetKeeper.class);
  private static final String LIST = "list table ip " + Names.TABLE;

  private final Nftables nftables;
  private final String where;
  private String loaded = "";
  private String listed = "";

  RulesetKeeper(NetworkNamespace namespace, String where) {
    this.nftables = new Nftables(namespace);
    this.where = where;
  }

  /** Loads the text unless it is the one loaded last. */
  void ensure(String text) {
    if (!text.equals(loaded)) {
      load(text);
    }
  }

  /** Loads the text unless the kernel still has what it had after the last time. */
  void repair(String text) {
    if (!text.equals(loaded)) {
      load(text);
    } else if (!list().equals(listed)) {
      log.warn("the packet rules of {} were altered by another program; loading them again", where);
      load(text);
    }
  }

  private void load(String text) {
    nftables.apply(text);
    loaded = text;
    listed = list();
  }

  private String list() {
    try {
      return nftables.list(LIST);
    } catch (NftablesException gone) {
      return "";
    }
  }

  /** Takes the table away. */
  void remove() {
    loaded = "";
    nftables.apply("table ip " + Names.TABLE + "\ndelete table ip " + Names.TABLE + "\n");
  }
}
