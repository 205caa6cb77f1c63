package dev.hanse.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.raft.peer.PeerTransport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A writer is killed (SIGKILL) again and again; what it was told to be safe is safe. */
final class KilledWriterTest {
  private static final int ROUNDS = 4;

  @TempDir Path directory;

  @Test
  void nothingAcknowledgedIsLost() throws Exception {
    int acknowledged = -1;
    for (int round = 1; round <= ROUNDS; round++) {
      acknowledged = writeUntilKilled(acknowledged + 200 * round);
    }
    MemoryState state = new MemoryState();
    try (RatisLog log = RatisLog.open(Alone.settings(directory), state, PeerTransport.NONE)) {
      assertThat(log.isLeader()).isTrue();
      List<String> entries = state.entries();
      assertThat(entries).hasSizeGreaterThan(acknowledged);
      for (int i = 0; i < entries.size(); i++) {
        assertThat(entries.get(i)).isEqualTo(Integer.toString(i));
      }
    }
  }

  /** Returns the last number that the process has said to be written. */
  private int writeUntilKilled(int last) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx200m",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    int number = -1;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
      assertThat(lines.readLine()).startsWith("open ");
      while (number < last) {
        number = Integer.parseInt(lines.readLine());
      }
      // Not of the process itself: that would close its output, too.
      assertThat(process.toHandle().destroyForcibly()).isTrue();
      String more = lines.readLine();
      while (more != null) {
        number = more.matches("\\d+") && isWhole(more, number) ? number + 1 : number;
        more = lines.readLine();
      }
    }
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return number;
  }

  /** The last line may be cut by the kill. */
  private static boolean isWhole(String line, int before) {
    return Integer.parseInt(line) == before + 1;
  }
}
