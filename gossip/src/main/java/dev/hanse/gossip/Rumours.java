package dev.hanse.gossip;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Statements that are still to be passed on. Each rides on so many packets, those that rode least
 * go first; a newer statement about the same node replaces older ones.
 */
final class Rumours {
  /** About so many nodes; who was spoken of first is dropped. */
  static final int NODES_MAX = 1_024;

  /** Accusers of one node. */
  static final int PER_NODE_MAX = Suspicion.ACCUSERS_MAX + 1;

  private static final class Rumour {
    final Update update;
    int rides;

    Rumour(Update update) {
      this.update = update;
    }
  }

  private final Map<String, List<Rumour>> rumours = new LinkedHashMap<>();

  boolean isEmpty() {
    return rumours.isEmpty();
  }

  int size() {
    return rumours.values().stream().mapToInt(List::size).sum();
  }

  void add(Update update) {
    List<Rumour> present = rumours.get(update.nodeId());
    if (present == null) {
      if (rumours.size() >= NODES_MAX) {
        rumours.remove(rumours.keySet().iterator().next());
      }
      present = new ArrayList<>(1);
      rumours.put(update.nodeId(), present);
    }
    present.removeIf(
        rumour ->
            update.supersedes(rumour.update) || rumour.update.accuser().equals(update.accuser()));
    if (present.size() >= PER_NODE_MAX) {
      present.removeFirst();
    }
    present.add(new Rumour(update));
  }

  void clear() {
    rumours.clear();
  }

  /**
   * What rides on the next packet.
   *
   * @param bytes how much fits
   * @param ridesMax after so many a statement is known well enough
   * @param about the packet is for this node, which knows that it is alive
   */
  List<Update> take(int bytes, int ridesMax, String about) {
    if (rumours.isEmpty()) {
      return List.of();
    }
    List<Rumour> order = new ArrayList<>();
    rumours.values().forEach(order::addAll);
    order.sort(Comparator.comparingInt(rumour -> rumour.rides));
    List<Update> taken = new ArrayList<>();
    int left = bytes;
    for (Rumour rumour : order) {
      int size = MessageCodec.updateBytes(rumour.update);
      boolean needless =
          rumour.update.state() == MemberState.ALIVE && rumour.update.nodeId().equals(about);
      if (size <= left && !needless) {
        left -= size;
        rumour.rides++;
        taken.add(rumour.update);
      }
    }
    Iterator<List<Rumour>> all = rumours.values().iterator();
    while (all.hasNext()) {
      List<Rumour> ofNode = all.next();
      ofNode.removeIf(rumour -> rumour.rides >= ridesMax);
      if (ofNode.isEmpty()) {
        all.remove();
      }
    }
    return taken;
  }
}
