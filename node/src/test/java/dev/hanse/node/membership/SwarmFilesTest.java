package dev.hanse.node.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a membership's files when one of them is missing. */
class SwarmFilesTest {
  private static final SwarmState STATE =
      new SwarmState(
          "0.0.0.0:2377", "192.0.2.1", "192.0.2.2", 4790, List.of("192.0.2.9:2377"), true);

  @TempDir private Path directory;
  private SwarmFiles files;

  @BeforeEach
  void begin() throws IOException {
    files = new SwarmFiles(directory);
    files.begin();
    Files.createDirectories(files.log());
    Files.writeString(files.log().resolve("entry"), "of the log");
    Files.createDirectories(files.certificateDirectory());
    Files.writeString(files.certificateDirectory().resolve("swarm-node.crt"), "certificate");
    Files.writeString(files.certificateDirectory().resolve("swarm-node.key"), "key");
  }

  private List<String> left() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile)
          .map(file -> String.valueOf(file.getFileName()))
          .sorted()
          .toList();
    }
  }

  @Test
  void whatWasNotBegunToTheEndIsCleared() throws IOException {
    files.clear();
    assertThat(left()).isEmpty();
    files.clear();
  }

  @Test
  void whatWasNotGivenUpToTheEndIsCleared() throws IOException {
    files.save(STATE);
    files.begin(); // As giving up does first.
    SwarmState.delete(directory);
    files.clear();
    assertThat(left()).isEmpty();
  }

  @Test
  void aLostStateTakesNothingWithIt() throws IOException {
    files.save(STATE);
    assertThat(files.load()).contains(STATE);
    Files.delete(SwarmState.file(directory));
    assertThat(files.load()).isEmpty();
    assertThatThrownBy(files::clear)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "%s/swarm-state.json is missing, and there is a log of a swarm in %s. Put a copy of the"
                + " file back, or move the directory away and join the swarm anew",
            directory, directory);
    assertThat(left()).containsExactly("entry", "swarm-node.crt", "swarm-node.key");
    files.eraseLog();
    assertThatThrownBy(files::clear).hasMessageContaining("there is a certificate of a swarm");
    files.erase();
    files.clear();
    assertThat(left()).isEmpty();
  }
}
