package dev.hanse.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.peer.PeerTransport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log on a file system of 12 MiB that runs full and gets room again. */
final class FullDiskTest {
  @TempDir Path directory;

  @BeforeEach
  void mount() throws Exception {
    assertThat(System.getProperty("user.name")).as("only root can mount").isEqualTo("root");
    run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", directory.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", directory.toString());
  }

  @Test
  void aFullDiskRefusesEntriesUntilThereIsRoomAgain() throws Exception {
    MemoryState state = new MemoryState();
    Path ballast = directory.resolve("ballast");
    LogSettings settings = Alone.settings(directory.resolve("log"));
    try (RatisLog log = RatisLog.open(settings, state, PeerTransport.NONE)) {
      log.propose(bytes("before")).get(10, TimeUnit.SECONDS);
      Files.write(ballast, new byte[9 * 1024 * 1024]);
      int accepted = 0;
      ExecutionException refusal = null;
      while (refusal == null) {
        try {
          log.propose(bytes("x".repeat(100_000) + accepted)).get(10, TimeUnit.SECONDS);
          accepted++;
          assertThat(accepted).isLessThan(100);
        } catch (ExecutionException e) {
          refusal = e;
        }
      }
      assertThat(refusal)
          .hasCauseInstanceOf(LogUnavailableException.class)
          .hasMessageContaining("No space left on device");
      assertThat(state.entries()).hasSize(accepted + 1).startsWith("before");
      CompletableFuture<Long> refused = log.propose(bytes("refused"));
      assertThat(refused)
          .failsWithin(5, TimeUnit.SECONDS)
          .withThrowableThat()
          .withMessageContaining("No space left on device");

      Files.delete(ballast);
      List<String> before = state.entries();
      state.awaitLeader();
      String last = proposeUntilAccepted(log);
      assertThat(state.entries())
          .startsWith(before.toArray(String[]::new))
          .endsWith(last)
          .doesNotHaveDuplicates();
    }
    MemoryState reopened = new MemoryState();
    try (RatisLog log = RatisLog.open(settings, reopened, PeerTransport.NONE)) {
      assertThat(log.isLeader()).isTrue();
      assertThat(reopened.entries()).isEqualTo(state.entries());
    }
  }

  /**
   * The log may still be on its way back when there is room again: it says so and is asked anew.
   */
  private static String proposeUntilAccepted(RatisLog log) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    for (int attempt = 1; ; attempt++) {
      try {
        log.propose(bytes("after" + attempt)).get(10, TimeUnit.SECONDS);
        return "after" + attempt;
      } catch (ExecutionException notYet) {
        assertThat(notYet).hasCauseInstanceOf(LogUnavailableException.class);
        assertThat(System.nanoTime()).as("accepted again within 20 s").isLessThan(end);
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }
}
