package dev.hanse.agent.network.host;

import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.nftables.NftablesException;
import dev.hanse.kernel.nftables.NftablesSession;
import dev.hanse.network.KernelNames;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our table in one namespace: loaded when its text changes, and again when somebody altered it.
 *
 * <p>As long as the {@link Alterations} show nothing but our own steps, nobody has altered
 * anything. Otherwise only a listing can tell whether that concerns our table; the first time the
 * table is just loaded again, and listed, for comparison from then on.
 */
final class RulesetKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RulesetKeeper.class);
  private static final String TABLE = "table ip " + KernelNames.TABLE;
  private static final String LIST = "list " + TABLE;

  /** Works whether the table is there or not. */
  private static final String REMOVE = TABLE + "\ndelete " + TABLE + "\n";

  private final NftablesSession nftables;
  private final Alterations alterations;
  private final String where;
  private boolean isNew;
  private String loaded = "";
  private OptionalLong unaltered = OptionalLong.empty();
  private Optional<String> listed = Optional.empty();

  /**
   * @param alterations of the namespace; whoever made it closes it
   * @param isNew whether the namespace has just been made; removing what is not there takes time
   */
  RulesetKeeper(NetworkNamespace namespace, Alterations alterations, String where, boolean isNew) {
    this.isNew = isNew;
    this.nftables = new NftablesSession(namespace);
    this.alterations = alterations;
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
      return;
    }
    if (alterations.none(unaltered)) {
      return;
    }
    long now = alterations.now();
    if (listed.isPresent() && listed.get().equals(list())) {
      unaltered = OptionalLong.of(now);
      return;
    }
    if (listed.isPresent()) {
      log.warn("the packet rules of {} were altered by another program; loading them again", where);
    }
    load(text);
    String kept = list();
    // Else the listing may show what another program has made of it meanwhile.
    if (alterations.none(unaltered)) {
      listed = Optional.of(kept);
    }
  }

  /** In one transaction: packets meet the old rules or the new ones, never none. */
  private void load(String text) {
    unaltered = alterations.change(() -> nftables.apply(isNew ? text : REMOVE + text));
    isNew = false;
    loaded = text;
    listed = Optional.empty();
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
    nftables.apply(REMOVE);
  }

  @Override
  public void close() {
    nftables.close();
  }
}
