package dev.hanse.manager.loop;

import dev.hanse.model.StoreAction;
import dev.hanse.store.Changes;
import java.util.ArrayList;
import java.util.List;

/** Cuts changes into entries that the log takes; most fit into one. */
final class EntrySplitter {
  /** Tag and length of an action inside its entry. */
  private static final int ACTION_OVERHEAD_BYTES = 16;

  private EntrySplitter() {}

  /**
   * Parts in order. One object that is too large makes a part of its own, which the log refuses;
   * the limits on specifications keep objects far below.
   */
  static List<Changes> split(Changes changes, int entryBytesMax) {
    List<Changes> parts = new ArrayList<>();
    List<StoreAction> part = new ArrayList<>();
    int bytes = 0;
    for (StoreAction action : changes.actions()) {
      int size = action.getSerializedSize() + ACTION_OVERHEAD_BYTES;
      if (!part.isEmpty() && bytes + size > entryBytesMax - ACTION_OVERHEAD_BYTES) {
        parts.add(new Changes(part));
        part = new ArrayList<>();
        bytes = 0;
      }
      part.add(action);
      bytes += size;
    }
    parts.add(new Changes(part));
    return parts;
  }
}
