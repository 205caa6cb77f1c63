package dev.hanse.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a line lets through. */
final class EntryLineTest {
  private final Deque<CompletableFuture<Long>> taken = new ArrayDeque<>();
  private final EntryLine line =
      new EntryLine(
          5,
          (entry, from) -> {
            taken.add(new CompletableFuture<>());
            return taken.getLast();
          });

  private CompletableFuture<Long> propose() {
    return line.propose(new byte[1]);
  }

  @Test
  void afterAFailedEntryThereIsNoLaterOne() {
    CompletableFuture<Long> first = propose();
    assertThat(propose()).isNotDone();
    assertThat(line.refusal(5, 4)).isEmpty();
    taken.getLast().completeExceptionally(new LogUnavailableException("full"));
    assertThat(propose()).isCompletedExceptionally();
    assertThat(taken).hasSize(2);
    assertThat(line.refusal(5, 4)).contains("an earlier change could not be written");
    taken.getFirst().complete(7L);
    assertThat(first).isCompletedWithValue(7L);
    assertThat(propose()).isCompletedExceptionally();
  }

  @Test
  void anotherTermAndATermThatIsGivenUpAreRefused() {
    assertThat(line.refusal(6, 4)).contains("the leader has changed; nothing was written");
    assertThat(line.refusal(4, 3)).isPresent();
    assertThat(line.refusal(5, 5)).contains("this manager does not lead the swarm any more");
    assertThat(line.refusal(5, 4)).isEmpty();
  }
}
