package dev.hanse.sim.raft;

import dev.hanse.raft.LogUnavailableException;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Who waits for entries to be committed. */
final class Proposals {
  private final TreeMap<Long, CompletableFuture<Long>> open = new TreeMap<>();

  /** Nothing was written. */
  static <T> CompletableFuture<T> notTheLeader() {
    return CompletableFuture.failedFuture(new LogUnavailableException("not the leader"));
  }

  CompletableFuture<Long> add(long index) {
    CompletableFuture<Long> result = new CompletableFuture<>();
    open.put(index, result);
    return result;
  }

  void applied(long index) {
    CompletableFuture<Long> done = open.remove(index);
    if (done != null) {
      done.complete(index);
    }
  }

  /** They may be committed all the same, by a later leader. */
  void failAll(String reason) {
    List<CompletableFuture<Long>> failed = List.copyOf(open.values());
    open.clear();
    failed.forEach(result -> result.completeExceptionally(new LogUnavailableException(reason)));
  }
}
