package dev.hanse.raft;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.raft.TestCluster.Node;
import dev.hanse.raft.log.DataKey;
import dev.hanse.raft.log.LogCorruptedException;
import dev.hanse.raft.log.LogKeys;
import dev.hanse.raft.log.LogLockedException;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.peer.PeerTransport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is on disk can be read with the keys only, and the keys with the unlock key. */
final class SealedLogTest {
  private static final byte[] UNLOCK =
      "the unlock key of this cluster!!".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] OTHER =
      "the unlock key of another one!!!".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path directory;

  @Test
  void nothingOfAnEntryIsOnDisk() throws Exception {
    LogSettings settings = Alone.settings(directory, 10);
    try (RatisLog log = RatisLog.open(settings, new MemoryState(), PeerTransport.NONE)) {
      for (int i = 0; i < 25; i++) {
        log.propose(TestCluster.bytes("a secret of the swarm " + i)).get(20, SECONDS);
      }
    }
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> written = files.filter(Files::isRegularFile).toList();
      assertThat(written).anyMatch(file -> file.getFileName().toString().startsWith("snapshot."));
      for (Path file : written) {
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertThat(text).as(file.toString()).doesNotContain("a secret");
      }
    }
    MemoryState state = new MemoryState();
    try (RatisLog log = RatisLog.open(settings, state, PeerTransport.NONE)) {
      assertThat(log.isLeader()).isTrue();
      assertThat(state.entries()).hasSize(25);
    }
  }

  @Test
  void aLockedLogOpensWithItsKeyOnly() throws Exception {
    Path file = directory.resolve("keys");
    LogKeys keys = LogKeys.load(file, Optional.empty());
    byte[] before = keys.seal(TestCluster.bytes("before"));
    byte[] old = Files.readAllBytes(file);
    assertThat(LogKeys.locked(file)).isFalse();
    keys.rewrap(Optional.of(UNLOCK));
    assertThat(LogKeys.locked(file)).isTrue();
    byte[] after = keys.seal(TestCluster.bytes("after"));
    assertThatThrownBy(() -> LogKeys.load(file, Optional.empty()))
        .isInstanceOf(LogLockedException.class);
    assertThatThrownBy(() -> LogKeys.load(file, Optional.of(OTHER)))
        .isInstanceOf(LogLockedException.class)
        .hasMessageContaining("invalid key");
    LogKeys unlocked = LogKeys.load(file, Optional.of(UNLOCK));
    assertThat(unlocked.open(before)).isEqualTo(TestCluster.bytes("before"));
    assertThat(unlocked.open(after)).isEqualTo(TestCluster.bytes("after"));
    // The key that could be read before is not used any more.
    Path stolen = directory.resolve("stolen");
    Files.write(stolen, old);
    LogKeys thief = LogKeys.load(stolen, Optional.empty());
    assertThatThrownBy(() -> thief.open(after)).isInstanceOf(IOException.class);
    unlocked.rewrap(Optional.empty());
    assertThat(LogKeys.load(file, Optional.empty()).open(after))
        .isEqualTo(TestCluster.bytes("after"));
  }

  @Test
  void aChangedByteIsNoticedAnywhere() throws Exception {
    Path file = directory.resolve("keys");
    LogKeys keys = LogKeys.load(file, Optional.of(UNLOCK));
    byte[] sealed = keys.seal(TestCluster.bytes("entry"));
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 4;
      assertThatThrownBy(() -> keys.open(changed)).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> keys.open(new byte[7])).isInstanceOf(IOException.class);
    byte[] whole = Files.readAllBytes(file);
    for (int i = 0; i < whole.length; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= 4;
      Files.write(file, changed);
      assertThatThrownBy(() -> LogKeys.load(file, Optional.of(UNLOCK)))
          .isInstanceOf(LogCorruptedException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void streamsOfAllLengthsComeBackAndCannotBeCut() throws Exception {
    DataKey key = LogKeys.load(directory.resolve("keys"), Optional.empty()).own();
    Random random = new Random(1);
    for (int length : new int[] {0, 1, 65_535, 65_536, 65_537, 200_000}) {
      byte[] plain = new byte[length];
      random.nextBytes(plain);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (OutputStream sealing = key.sealing(out)) {
        sealing.write(plain);
      }
      byte[] sealed = out.toByteArray();
      assertThat(opened(key, sealed, sealed.length)).isEqualTo(plain);
      assertThatThrownBy(() -> opened(key, sealed, sealed.length - 1))
          .isInstanceOf(IOException.class);
      byte[] changed = sealed.clone();
      changed[sealed.length / 2] ^= 1;
      assertThatThrownBy(() -> opened(key, changed, sealed.length)).isInstanceOf(IOException.class);
    }
  }

  private static byte[] opened(DataKey key, byte[] sealed, int length) throws IOException {
    var in = new ByteArrayInputStream(sealed, DataKey.ID_BYTES, length - DataKey.ID_BYTES);
    return key.opening(in).readAllBytes();
  }

  @Test
  void eachMemberReadsWhatAnyLeaderHasSealed() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      for (int round = 1; round <= 3; round++) {
        cluster.write("round " + round);
        cluster.leader().log().transferLeadership().get(30, SECONDS);
      }
      cluster.write("last");
      cluster.awaitAll("last");
      // Each one's own keys open everything after a restart, too.
      for (Node node : List.copyOf(cluster.running())) {
        node.kill();
        node.start();
        cluster.awaitAll("last");
      }
    }
  }
}
