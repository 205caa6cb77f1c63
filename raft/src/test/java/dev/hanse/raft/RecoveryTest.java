package dev.hanse.raft;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.raft.TestCluster.Node;
import dev.hanse.raft.log.LogCorruptedException;
import dev.hanse.raft.log.LogDirectory;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.log.SnapshotPolicy;
import dev.hanse.raft.peer.PeerTransport;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What happens to the files of one of several members, and starting anew when the others are lost.
 */
final class RecoveryTest {
  @TempDir Path directory;

  @Test
  void oneOfThreeGoesOnAloneAndTheOthersCannotDisturbIt() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory, new SnapshotPolicy(50, 0))) {
      for (int i = 0; i < 120; i++) {
        cluster.write("entry " + i);
      }
      cluster.awaitAll("entry 119");
      List<Node> all = List.copyOf(cluster.running());
      Node kept = cluster.follower();
      List<String> entries = kept.state().entries();
      for (Node node : all) {
        node.kill();
      }
      MemoryState read = new MemoryState();
      long last = RatisLog.rewriteAlone(kept.settings(LogSettings.Start.RESUME_OR_FOUND), read);
      assertThat(read.entries()).isEqualTo(entries);
      kept.start();
      assertThat(kept.log().isLeader()).isTrue();
      assertThat(kept.state().entries()).isEqualTo(entries);
      assertThat(kept.log().members()).containsExactly(kept.self());
      long next = kept.log().propose(TestCluster.bytes("alone")).get(30, SECONDS);
      assertThat(next).isGreaterThan(last);
      // The two others are a majority of the old group, and still know it.
      for (Node node : all) {
        if (node != kept) {
          node.start();
        }
      }
      Await.until(
          "the old group has a leader",
          () -> all.stream().anyMatch(node -> node != kept && node.log().isLeader()));
      kept.log().propose(TestCluster.bytes("undisturbed")).get(30, SECONDS);
      assertThat(kept.log().isLeader()).isTrue();
      assertThat(kept.state().entries()).hasSize(entries.size() + 2).endsWith("undisturbed");
      for (Node node : all) {
        if (node != kept) {
          node.kill();
        }
      }
      Node joined = cluster.join("m4");
      cluster.write("with another");
      cluster.awaitAll("with another");
      assertThat(joined.log().members()).hasSize(2);
    }
  }

  @Test
  void aLogInUseIsNotRewritten() throws Exception {
    LogSettings settings = Alone.settings(directory);
    try (RatisLog log = RatisLog.open(settings, new MemoryState(), PeerTransport.NONE)) {
      log.propose(TestCluster.bytes("one")).get(30, SECONDS);
      assertThatThrownBy(() -> RatisLog.rewriteAlone(settings, new MemoryState()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in use");
      assertThat(log.propose(TestCluster.bytes("two")).get(30, SECONDS)).isPositive();
    }
    assertThatThrownBy(
            () ->
                RatisLog.rewriteAlone(
                    Alone.settings(directory.resolve("empty")), new MemoryState()))
        .hasMessageContaining("no log");
  }

  @Test
  void aRewritingThatWasCutShortIsFinishedOrForgotten() throws Exception {
    LogSettings settings = Alone.settings(directory);
    try (RatisLog log = RatisLog.open(settings, new MemoryState(), PeerTransport.NONE)) {
      log.propose(TestCluster.bytes("one")).get(30, SECONDS);
    }
    LogDirectory files = new LogDirectory(directory);
    Files.createDirectories(files.next());
    assertEntries(settings, "one");
    assertThat(files.next()).doesNotExist();
    // Between the two moves: the old one is aside, the new one not yet in place.
    Files.move(files.group(), files.next());
    assertEntries(settings, "one");
  }

  private static void assertEntries(LogSettings settings, String... entries) throws IOException {
    MemoryState state = new MemoryState();
    try (RatisLog log = RatisLog.open(settings, state, PeerTransport.NONE)) {
      assertThat(log.isLeader()).isTrue();
      assertThat(state.entries()).containsExactly(entries);
    }
  }

  @Test
  void aTornRecordOfOneMemberIsCutAndComesFromTheLeader() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      cluster.write("one");
      cluster.write("two");
      cluster.awaitAll("two");
      Node torn = cluster.follower();
      torn.kill();
      Path segment = openSegment(torn.directory());
      byte[] bytes = Files.readAllBytes(segment);
      int end = bytes.length;
      while (bytes[end - 1] == 0) {
        end--;
      }
      try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
        file.setLength(end - 5L);
      }
      torn.start();
      cluster.write("three");
      cluster.awaitAll("three");
      assertThat(torn.state().entries()).containsExactly("one", "two", "three");
    }
  }

  @Test
  void aDamagedRecordOfOneMemberStopsItAndNotTheOthers() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      cluster.write("one");
      cluster.write("two");
      cluster.awaitAll("two");
      Node damaged = cluster.follower();
      damaged.kill();
      Path segment = openSegment(damaged.directory());
      byte[] bytes = Files.readAllBytes(segment);
      bytes[30] ^= 1;
      Files.write(segment, bytes);
      assertThatThrownBy(damaged::start)
          .isInstanceOf(LogCorruptedException.class)
          .hasMessageContaining(segment + " at offset ");
      cluster.write("three");
      cluster.awaitAll("three");
    }
  }

  private static Path openSegment(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("log_inprogress_"))
          .max(Comparator.naturalOrder())
          .orElseThrow();
    }
  }
}
