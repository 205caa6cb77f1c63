package dev.hanse.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.raft.log.LogCorruptedException;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.log.SegmentScan;
import dev.hanse.raft.peer.PeerTransport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log is written, closed or torn, and opened again. */
final class RatisLogTest {
  private static final int HEADER_BYTES = 8;

  @TempDir Path directory;

  @Test
  void entriesAreAppliedInOrderAndSurviveARestart() throws Exception {
    MemoryState first = new MemoryState();
    try (RatisLog log = open(directory, first)) {
      assertThat(log.isLeader()).isTrue();
      assertThat(first.leader()).isTrue();
      List<CompletableFuture<Long>> proposals = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        proposals.add(log.propose(bytes("entry " + i)));
      }
      long previous = -1;
      for (CompletableFuture<Long> proposal : proposals) {
        long index = proposal.get(10, TimeUnit.SECONDS);
        assertThat(index).isGreaterThan(previous);
        previous = index;
      }
      assertThat(log.appliedIndex()).isGreaterThanOrEqualTo(previous);
      assertThat(first.entries()).hasSize(500).endsWith("entry 499");
    }
    assertThat(first.leader()).isFalse();
    MemoryState second = new MemoryState();
    try (RatisLog log = open(directory, second)) {
      assertThat(second.entries()).isEqualTo(first.entries());
      assertThat(log.propose(bytes("after")).get(10, TimeUnit.SECONDS)).isPositive();
      assertThat(second.entries()).endsWith("after");
    }
  }

  @Test
  void aProposalIsRefusedWhenTheLogIsClosedOrTheEntryTooLarge() throws Exception {
    RatisLog log = open(directory, new MemoryState());
    assertThatThrownBy(() -> log.propose(new byte[log.entryBytesMax() + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2097152");
    assertThat(log.propose(new byte[log.entryBytesMax()]).get(10, TimeUnit.SECONDS)).isPositive();
    log.close();
    assertThat(log.propose(bytes("late")))
        .failsWithin(1, TimeUnit.SECONDS)
        .withThrowableThat()
        .withMessageContaining("the log is closed");
  }

  @Test
  void oldEntriesAreDroppedAfterASnapshot() throws Exception {
    LogSettings settings = Alone.settings(directory, 200);
    MemoryState first = new MemoryState();
    try (RatisLog log = RatisLog.open(settings, first, PeerTransport.NONE)) {
      // Five segments of 4 MiB; the last 500 entries are kept for slow members.
      for (int i = 0; i < 2_000; i++) {
        var unused = log.propose(bytes(i + " " + "x".repeat(10_000)));
      }
      log.propose(bytes("last")).get(30, TimeUnit.SECONDS);
    }
    assertThat(segments(directory)).hasSizeLessThan(4);
    MemoryState second = new MemoryState();
    try (RatisLog log = RatisLog.open(settings, second, PeerTransport.NONE)) {
      assertThat(second.restoredFrom()).isGreaterThan(1_500);
      assertThat(second.entries()).isEqualTo(first.entries());
      assertThat(log.isLeader()).isTrue();
    }
  }

  @Test
  void aRecordTornAtAnyByteIsCutAndTheRestKept() throws Exception {
    Path whole = directory.resolve("whole");
    write(whole, "one", "two", "three");
    byte[] bytes = Files.readAllBytes(segment(whole));
    int end = dataEnd(bytes);
    int begin = lastRecord(bytes, end);
    for (int length = begin; length < end; length++) {
      byte[] left = Arrays.copyOf(bytes, length);
      byte[] padded = Arrays.copyOf(left, bytes.length + 4096);
      for (byte[] torn : List.of(left, padded)) {
        Files.write(segment(whole), torn);
        scan(whole);
        byte[] kept = Files.readAllBytes(segment(whole));
        assertThat(dataEnd(kept)).as("cut at %s", length).isEqualTo(begin);
        assertThat(kept).startsWith(Arrays.copyOf(bytes, begin));
      }
    }
    Files.write(segment(whole), Arrays.copyOf(bytes, (begin + end) / 2));
    MemoryState state = new MemoryState();
    try (RatisLog log = open(whole, state)) {
      assertThat(state.entries()).containsExactly("one", "two");
      log.propose(bytes("four")).get(10, TimeUnit.SECONDS);
      assertThat(state.entries()).containsExactly("one", "two", "four");
    }
  }

  @Test
  void aFlippedBitStopsTheStartWithFileAndOffset() throws Exception {
    Path whole = directory.resolve("whole");
    write(whole, "one", "two", "three");
    Path file = segment(whole);
    byte[] bytes = Files.readAllBytes(file);
    byte[] preallocated = Arrays.copyOf(bytes, bytes.length + 4096);
    int end = dataEnd(bytes);
    for (byte[] original : List.of(bytes, preallocated)) {
      for (int bit = 0; bit < end * 8; bit++) {
        byte[] damaged = original.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        Files.write(file, damaged);
        int position = bit / 8;
        assertThatThrownBy(() -> scan(whole))
            .as("flipped bit %s of byte %s of %s", bit % 8, position, end)
            .isInstanceOfSatisfying(
                LogCorruptedException.class,
                e -> {
                  assertThat(e.file()).isEqualTo(file);
                  assertThat(e.offset()).isLessThanOrEqualTo(position + 1);
                  assertThat(e).hasMessageContaining(file + " at offset " + e.offset());
                });
        assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
      }
    }
    assertThatThrownBy(() -> open(whole, new MemoryState()).close())
        .isInstanceOf(LogCorruptedException.class);
  }

  @Test
  void aMissingSegmentAndADamagedSnapshotStopTheStart() throws Exception {
    LogSettings settings = Alone.settings(directory, 100_000);
    try (RatisLog log = RatisLog.open(settings, new MemoryState(), PeerTransport.NONE)) {
      for (int i = 0; i < 1_000; i++) {
        var unused = log.propose(bytes(i + " " + "x".repeat(10_000)));
      }
      log.propose(bytes("last")).get(30, TimeUnit.SECONDS);
    }
    List<Path> segments = segments(directory);
    assertThat(segments).hasSizeGreaterThan(2);
    Path aside = directory.resolve("aside");
    Files.move(segments.get(1), aside);
    assertThatThrownBy(() -> RatisLog.open(settings, new MemoryState(), PeerTransport.NONE))
        .isInstanceOf(LogCorruptedException.class)
        .hasMessageContaining("are missing");
    Files.move(aside, segments.get(1));

    LogSettings often = Alone.settings(directory, 10);
    try (RatisLog log = RatisLog.open(often, new MemoryState(), PeerTransport.NONE)) {
      log.propose(bytes("one more")).get(10, TimeUnit.SECONDS);
    }
    Path snapshot;
    try (Stream<Path> files = Files.walk(directory)) {
      snapshot =
          files
              .filter(file -> file.getFileName().toString().startsWith("snapshot."))
              .max(
                  java.util.Comparator.comparingLong(
                      file -> Long.parseLong(file.toString().replaceAll(".*_", ""))))
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(snapshot);
    bytes[bytes.length / 2] ^= 1;
    Files.write(snapshot, bytes);
    assertThatThrownBy(() -> RatisLog.open(often, new MemoryState(), PeerTransport.NONE))
        .isInstanceOf(LogCorruptedException.class)
        .hasMessageContaining(snapshot.toString());
  }

  @Test
  void aSecondProcessIsKeptOut() throws Exception {
    try (RatisLog log = open(directory, new MemoryState())) {
      assertThatThrownBy(() -> open(directory, new MemoryState())).isInstanceOf(IOException.class);
      assertThat(log.propose(bytes("still")).get(10, TimeUnit.SECONDS)).isPositive();
    }
  }

  private static RatisLog open(Path directory, AppliedState state) throws IOException {
    return RatisLog.open(Alone.settings(directory), state, PeerTransport.NONE);
  }

  private static void write(Path directory, String... entries) throws Exception {
    try (RatisLog log = open(directory, new MemoryState())) {
      for (String entry : entries) {
        log.propose(bytes(entry)).get(10, TimeUnit.SECONDS);
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<Path> segments(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("log_"))
          .sorted(java.util.Comparator.comparing(RatisLogTest::firstIndex))
          .toList();
    }
  }

  private static long firstIndex(Path file) {
    String name = file.getFileName().toString().replace("log_", "").replace("inprogress_", "");
    return Long.parseLong(name.split("-")[0]);
  }

  private static Path segment(Path directory) {
    try {
      return segments(directory).getLast();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static int dataEnd(byte[] bytes) {
    int position = HEADER_BYTES;
    while (position < bytes.length && bytes[position] != 0) {
      position = next(bytes, position);
    }
    return position;
  }

  private static int lastRecord(byte[] bytes, int end) {
    int position = HEADER_BYTES;
    while (next(bytes, position) < end) {
      position = next(bytes, position);
    }
    return position;
  }

  private static int next(byte[] bytes, int position) {
    int length = bytes[position] & 0x7f;
    int body = position + 1;
    if (bytes[position] < 0) {
      length |= bytes[position + 1] << 7;
      body++;
    }
    return body + length + 4;
  }

  private static void scan(Path directory) throws IOException {
    Path current = segment(directory).resolve("..").normalize();
    new SegmentScan(current, OptionalLong.empty(), OptionalLong.empty()).run();
  }
}
