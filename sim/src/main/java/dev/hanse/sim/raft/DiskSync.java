package dev.hanse.sim.raft;

import java.util.ArrayDeque;

/**
 * Syncs the disk whenever something was written, one sync at a time, and runs what waits for it.
 */
final class DiskSync {
  private final RaftDisk disk;
  private final RaftSite site;
  private final boolean answerUnsafe;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private long safe;
  private boolean busy;

  private record Waiting(long writes, Runnable action) {}

  /** With {@code answerUnsafe} nothing waits: a fault for the checkers to find. */
  DiskSync(RaftDisk disk, RaftSite site, boolean answerUnsafe) {
    this.disk = disk;
    this.site = site;
    this.answerUnsafe = answerUnsafe;
  }

  /** Runs the action when everything that is written now is safe. */
  void whenSafe(Runnable action) {
    if (answerUnsafe || disk.unsafe() == 0) {
      sync();
      action.run();
    } else {
      waiting.add(new Waiting(safe + disk.unsafe(), action));
      sync();
    }
  }

  private void sync() {
    if (busy || disk.unsafe() == 0) {
      return;
    }
    busy = true;
    int count = disk.unsafe();
    site.after(
        site.syncNanos(),
        () -> {
          disk.synced(count);
          safe += count;
          busy = false;
          while (!waiting.isEmpty() && waiting.peek().writes() <= safe) {
            waiting.remove().action().run();
          }
          sync();
        });
  }
}
