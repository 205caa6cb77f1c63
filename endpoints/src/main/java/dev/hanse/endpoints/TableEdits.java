package dev.hanse.endpoints;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Changes to a node's table in their order; what they do not name is not looked at. */
final class TableEdits {
  private final SortedMap<String, NetworkTable> tables;

  /** Of networks that are there, whether {@link #tables} has them yet or not. */
  private final Map<String, TableEdit> edits = new HashMap<>();

  TableEdits(SortedMap<String, NetworkTable> before) {
    this.tables = new TreeMap<>(before);
  }

  /**
   * Takes a change.
   *
   * @return why not: its network or what it removes is not there, or the whole network is
   */
  Optional<String> take(Change change) {
    String id = change.networkId();
    TableEdit edit = opened(id);
    switch (change) {
      case Change.Whole(NetworkTable table) -> {
        if (edit != null) {
          return Optional.of("the whole of network %s, which is there".formatted(id));
        }
        tables.put(id, table);
      }
      case Change.Put(String _, NetworkEntry entry) when edit == null ->
          edits.put(id, new TableEdit(NetworkTable.of(entry)));
      case Change.Put(String _, Entry entry) -> {
        if (edit == null) {
          return Optional.of("entry in the unknown network " + id);
        }
        edit.put(entry);
      }
      case Change.Remove(String _, Entry.Key key) -> {
        if (edit == null || !edit.has(key)) {
          return Optional.of("removal of the unknown %s in network %s".formatted(key, id));
        }
        remove(id, key, edit);
      }
    }
    return Optional.empty();
  }

  private @Nullable TableEdit opened(String id) {
    TableEdit edit = edits.get(id);
    NetworkTable table = tables.get(id);
    if (edit == null && table != null) {
      edit = new TableEdit(table);
      edits.put(id, edit);
    }
    return edit;
  }

  private void remove(String id, Entry.Key key, TableEdit edit) {
    if (key.kind() == Entry.Kind.NETWORK) {
      edits.remove(id);
      tables.remove(id);
    } else {
      edit.remove(key);
    }
  }

  /** The tables after all changes. */
  SortedMap<String, NetworkTable> tables() {
    edits.forEach((id, edit) -> tables.put(id, edit.table()));
    edits.clear();
    return tables;
  }
}
