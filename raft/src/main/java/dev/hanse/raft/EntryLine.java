package dev.hanse.raft;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** A line of entries on its way into whatever log is open. */
final class EntryLine implements ReplicatedLog.Line {
  private final long term;
  private final BiFunction<byte[], EntryLine, CompletableFuture<Long>> log;
  private volatile boolean broken;

  EntryLine(long term, BiFunction<byte[], EntryLine, CompletableFuture<Long>> log) {
    this.term = term;
    this.log = log;
  }

  @Override
  public CompletableFuture<Long> propose(byte[] entry) {
    if (broken) {
      return CompletableFuture.failedFuture(
          new LogUnavailableException("an earlier change could not be written"));
    }
    CompletableFuture<Long> result = log.apply(entry, this);
    var unused =
        result.whenComplete(
            (index, error) -> {
              if (error != null) {
                broken = true;
              }
            });
    return result;
  }

  /**
   * Why the log does not take the next entry; asked again just before it is appended.
   *
   * @param current the log's term
   * @param ended the last term in which entries were given up
   */
  Optional<String> refusal(long current, long ended) {
    if (current != term) {
      return Optional.of("the leader has changed; nothing was written");
    }
    if (term <= ended) {
      return Optional.of("this manager does not lead the swarm any more");
    }
    return broken ? Optional.of("an earlier change could not be written") : Optional.empty();
  }
}
