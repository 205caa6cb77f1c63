package dev.hanse.agent.gossip;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which datagrams have been received: for each session of a sender the highest count, and which of
 * the thousand counts below it came (as RFC 4303, section 3.4.3). What is older than the window is
 * taken for a replay. Sessions never seen are bounded by the sender's clock, which is checked
 * before.
 */
final class ReplayWindows {
  static final int WINDOW = 1024;
  static final int SESSIONS_MAX = 16_384;

  private static final class Window {
    final long[] seen = new long[WINDOW / Long.SIZE];
    long highest = -1;

    boolean accept(long count) {
      if (count > highest) {
        long from = Math.max(highest + 1, count - WINDOW + 1);
        for (long skipped = from; skipped <= count; skipped++) {
          clear(skipped);
        }
        highest = count;
      } else if (count <= highest - WINDOW || isSet(count)) {
        return false;
      }
      set(count);
      return true;
    }

    private boolean isSet(long count) {
      return (seen[word(count)] & bit(count)) != 0;
    }

    private void set(long count) {
      seen[word(count)] |= bit(count);
    }

    private void clear(long count) {
      seen[word(count)] &= ~bit(count);
    }

    private static int word(long count) {
      return (int) (count % WINDOW) / Long.SIZE;
    }

    private static long bit(long count) {
      return 1L << (count % Long.SIZE);
    }
  }

  private final Map<Long, Window> windows =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Window> eldest) {
          return size() > SESSIONS_MAX;
        }
      };

  /** True the first time; only for datagrams known to be genuine. */
  boolean accept(long session, long count) {
    return windows.computeIfAbsent(session, _ -> new Window()).accept(count);
  }
}
