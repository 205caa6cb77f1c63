package dev.hanse.endpoints;

/** One step from a table to another. */
public sealed interface Change {
  /** The network whose table it changes. */
  String networkId();

  /**
   * The network, which is not there, is there afterwards with all that is in its table. Every node
   * that comes to it is told the same: so it is written once for all of them, as the puts of its
   * entries.
   */
  record Whole(NetworkTable table) implements Change {
    @Override
    public String networkId() {
      return table.entry().id();
    }
  }

  /**
   * The entry is there afterwards, in place of any other with its key. That of a network makes its
   * table.
   */
  record Put(String networkId, Entry entry) implements Change {}

  /** The entry, which is there, is gone afterwards; with that of a network its whole table. */
  record Remove(String networkId, Entry.Key key) implements Change {}
}
