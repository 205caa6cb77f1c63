package dev.hanse.gossip;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Statements that are still to be passed on. Each rides on so many packets, those that rode least
 * go first; a newer statement about the same node replaces older ones.
 */
final class Rumours {
  private static final int RUMOURS_MAX = 4096;

  private static final class Rumour {
    final Update update;
    int rides;

    Rumour(Update update) {
      this.update = update;
    }
  }

  private final List<Rumour> rumours = new ArrayList<>();

  boolean isEmpty() {
    return rumours.isEmpty();
  }

  void add(Update update) {
    rumours.removeIf(
        present ->
            present.update.nodeId().equals(update.nodeId())
                && (update.supersedes(present.update)
                    || present.update.accuser().equals(update.accuser())));
    if (rumours.size() >= RUMOURS_MAX) {
      rumours.remove(0);
    }
    rumours.add(new Rumour(update));
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
    List<Rumour> order = new ArrayList<>(rumours);
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
    rumours.removeIf(rumour -> rumour.rides >= ridesMax);
    return taken;
  }
}
