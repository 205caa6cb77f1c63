package dev.hanse.node.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.model.SessionMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwarmStateTest {
  private static final SwarmState STATE =
      new SwarmState(
          "0.0.0.0:2377", "192.0.2.1", "192.0.2.2", 4790, List.of("192.0.2.9:2377"), true);

  @TempDir private Path directory;

  @Test
  void whatWasSavedIsLoaded() throws IOException {
    assertThat(SwarmState.load(directory)).isEmpty();
    STATE.save(directory);
    assertThat(SwarmState.load(directory)).contains(STATE);
  }

  @Test
  void aMovedNodeKeepsWhatWasNotItsOldAddress() {
    SwarmState moved = STATE.movedTo("192.0.2.7");
    assertThat(moved.listenAddress()).isEqualTo("0.0.0.0:2377");
    assertThat(moved.advertised()).isEqualTo("192.0.2.7:2377");
    assertThat(moved.dataPathAddress()).isEqualTo("192.0.2.2");
    SwarmState narrow =
        new SwarmState("192.0.2.1:2378", "192.0.2.1", "192.0.2.1", 4789, List.of(), true);
    assertThat(narrow.movedTo("192.0.2.7"))
        .isEqualTo(
            new SwarmState("192.0.2.7:2378", "192.0.2.7", "192.0.2.7", 4789, List.of(), true));
  }

  @Test
  void theDataPathPortIsLearnedFromAManager() {
    SessionMessage.Builder said = SessionMessage.newBuilder();
    assertThat(STATE.learned(said.build())).isEmpty();
    said.getNodeBuilder().setVXLANUDPPort(4790);
    assertThat(STATE.learned(said.build())).isEmpty();
    said.getNodeBuilder().setVXLANUDPPort(5789);
    assertThat(STATE.learned(said.build())).contains(STATE.withDataPathPort(5789));
  }

  @Test
  void deletingMeansNoSwarm() throws IOException {
    STATE.save(directory);
    SwarmState.delete(directory);
    assertThat(SwarmState.load(directory)).isEmpty();
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    Files.writeString(directory.resolve("swarm-state.json"), "{\"ListenAddr\":1}");
    assertThatThrownBy(() -> SwarmState.load(directory))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "%s/swarm-state.json is damaged: ListenAddr is missing. Put a copy back, or move %s away and join the swarm anew"
                .formatted(directory, directory));
    Files.writeString(directory.resolve("swarm-state.json"), "{\"ListenAddr\":\"0.0");
    assertThatThrownBy(() -> SwarmState.load(directory))
        .hasMessageStartingWith(directory + "/swarm-state.json is damaged: ");
  }
}
