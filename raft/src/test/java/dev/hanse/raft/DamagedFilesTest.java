package dev.hanse.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.peer.PeerTransport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One file of a log at a time is not what it was: the log opens all the same, or says which. */
@Tag("attack")
final class DamagedFilesTest {
  @TempDir Path directory;

  private interface Damage {
    void to(Path file, byte[] content) throws IOException;
  }

  private void write() throws Exception {
    try (RatisLog log = open()) {
      for (int entry = 0; entry < 20; entry++) {
        var unused =
            log.propose(("entry " + entry).getBytes(StandardCharsets.US_ASCII))
                .get(10, TimeUnit.SECONDS);
      }
    }
  }

  private RatisLog open() throws IOException {
    LogSettings settings = Alone.settings(directory, 200);
    return RatisLog.open(settings, new MemoryState(), PeerTransport.NONE);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.endsWith("in_use.lock"))
          .toList();
    }
  }

  private List<Path> damageEach(Damage damage) throws Exception {
    write();
    List<Path> opened = new ArrayList<>();
    List<Path> files = files();
    assertThat(files).hasSizeGreaterThan(3);
    for (Path file : files) {
      byte[] before = Files.readAllBytes(file);
      damage.to(file, before);
      try (RatisLog log = open()) {
        assertThat(log.isLeader()).isTrue();
        opened.add(file.getFileName());
      } catch (IOException refused) {
        assertThat(refused).hasMessageContaining(file.toString());
      } finally {
        Files.deleteIfExists(file);
        Files.write(file, before);
      }
    }
    return opened;
  }

  @Test
  void a_directory_in_place_of_a_file_is_named() throws Exception {
    assertThat(
            damageEach(
                (file, content) -> {
                  Files.delete(file);
                  Files.createDirectory(file);
                }))
        .isEmpty();
  }

  @Test
  void a_file_whose_bytes_are_flipped_is_named() throws Exception {
    assertThat(
            damageEach(
                (file, content) -> {
                  byte[] flipped = content.clone();
                  int middle = content.length / 2;
                  for (int i = Math.max(0, middle - 8);
                      i < Math.min(content.length, middle + 8);
                      i++) {
                    flipped[i] = (byte) ~flipped[i];
                  }
                  Files.write(file, flipped);
                }))
        .isEmpty();
  }
}
