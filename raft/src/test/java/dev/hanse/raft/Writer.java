package dev.hanse.raft;

import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.peer.PeerTransport;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;

/**
 * A process that writes numbers and prints each one when it is acknowledged, until it is killed.
 */
final class Writer {
  private static final int IN_FLIGHT = 8;

  private Writer() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
    MemoryState state = new MemoryState();
    LogSettings settings = Alone.settings(Path.of(arguments[0]), 500);
    RatisLog log = RatisLog.open(settings, state, PeerTransport.NONE);
    int next = state.entries().isEmpty() ? 0 : Integer.parseInt(state.entries().getLast()) + 1;
    out.println("open " + state.entries().size());
    ArrayDeque<CompletableFuture<Long>> proposals = new ArrayDeque<>();
    ArrayDeque<Integer> numbers = new ArrayDeque<>();
    while (true) {
      numbers.add(next);
      proposals.add(log.propose(Integer.toString(next++).getBytes(StandardCharsets.US_ASCII)));
      if (proposals.size() >= IN_FLIGHT) {
        proposals.remove().get();
        out.println(numbers.remove());
      }
    }
  }
}
