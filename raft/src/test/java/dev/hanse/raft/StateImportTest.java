package dev.hanse.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.peer.PeerTransport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that begins with the state of another. */
final class StateImportTest {
  @TempDir Path directory;

  private static InputStream saved(String... entries) throws Exception {
    MemoryState state = new MemoryState();
    for (int i = 0; i < entries.length; i++) {
      state.apply(i, entries[i].getBytes(StandardCharsets.UTF_8));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    state.save(bytes);
    return new ByteArrayInputStream(bytes.toByteArray());
  }

  @Test
  void the_state_is_there_and_the_log_goes_on_behind_its_index() throws Exception {
    LogSettings settings = Alone.settings(directory);
    RatisLog.importState(settings, 4_711, saved("one", "two"));
    for (String entry : new String[] {"three", "four"}) {
      MemoryState state = new MemoryState();
      try (RatisLog log = RatisLog.open(settings, state, PeerTransport.NONE)) {
        assertThat(state.restoredFrom()).isEqualTo(4_711);
        assertThat(state.entries()).startsWith("one", "two");
        long index = log.propose(entry.getBytes(StandardCharsets.UTF_8)).get(10, TimeUnit.SECONDS);
        assertThat(index).isGreaterThan(4_711);
        assertThat(state.entries()).endsWith(entry);
      }
    }
  }

  @Test
  void a_log_that_is_there_is_not_overwritten() throws Exception {
    LogSettings settings = Alone.settings(directory);
    MemoryState state = new MemoryState();
    try (RatisLog log = RatisLog.open(settings, state, PeerTransport.NONE)) {
      log.propose("kept".getBytes(StandardCharsets.UTF_8)).get(10, TimeUnit.SECONDS);
    }
    assertThatThrownBy(() -> RatisLog.importState(settings, 7, saved("other")))
        .hasMessageContaining("there is a log in");
  }
}
