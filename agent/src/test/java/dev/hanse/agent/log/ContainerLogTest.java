package dev.hanse.agent.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerLogTest {
  private static final Instant T0 = Instant.ofEpochSecond(1_000_000, 123_456_789);

  @TempDir Path directory;
  private LogStore store;

  @BeforeEach
  void open() throws IOException {
    store = LogStore.in(directory);
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private ContainerLog log(LogOptions options) {
    return store.open("c1", options);
  }

  private List<LogEntry> read(LogQuery query) throws IOException, InterruptedException {
    try (LogReader reader = store.read("c1", query)) {
      return read(reader);
    }
  }

  private static List<LogEntry> read(LogReader reader) throws IOException, InterruptedException {
    List<LogEntry> entries = new ArrayList<>();
    Optional<LogEntry> entry = reader.next();
    while (entry.isPresent()) {
      entries.add(entry.get());
      entry = reader.next();
    }
    return entries;
  }

  private static List<String> lines(LogReader reader) throws IOException, InterruptedException {
    return read(reader).stream().map(entry -> entry.data().toStringUtf8()).toList();
  }

  private List<String> lines(LogQuery query) throws IOException, InterruptedException {
    return read(query).stream().map(entry -> entry.data().toStringUtf8()).toList();
  }

  @Test
  void linesComeBackWithTimeAndSource() throws Exception {
    ContainerLog log = log(LogOptions.STANDARD);
    log.append(LogSource.STDOUT, bytes("one\ntw"), T0);
    log.append(LogSource.STDERR, bytes("oops\n"), T0.plusSeconds(1));
    log.append(LogSource.STDOUT, bytes("o\nrest"), T0.plusSeconds(2));
    store.finish("c1", log, T0.plusSeconds(3));

    assertThat(read(LogQuery.everything()))
        .containsExactly(
            new LogEntry(T0, LogSource.STDOUT, bytes("one"), false),
            new LogEntry(T0.plusSeconds(1), LogSource.STDERR, bytes("oops"), false),
            new LogEntry(T0, LogSource.STDOUT, bytes("two"), false),
            new LogEntry(T0.plusSeconds(2), LogSource.STDOUT, bytes("rest"), true));
  }

  @Test
  void longLinesAreCutAtTheLimitAndOnePast() throws Exception {
    ContainerLog log = log(LogOptions.STANDARD);
    String limit = "x".repeat(LineSplitter.LINE_BYTES_MAX);
    log.append(LogSource.STDOUT, bytes(limit + "\n"), T0);
    log.append(LogSource.STDOUT, bytes(limit + "y\n"), T0);
    store.finish("c1", log, T0);

    assertThat(read(LogQuery.everything()))
        .extracting(entry -> entry.data().size() + " " + entry.partial())
        .containsExactly("16384 false", "16384 true", "1 false");
    assertThat(read(LogQuery.everything().last(1)))
        .extracting(entry -> entry.data().size())
        .containsExactly(16384, 1);
  }

  @Test
  void tailSinceUntilAndSourcesChoose() throws Exception {
    ContainerLog log = log(LogOptions.STANDARD);
    for (int second = 0; second < 10; second++) {
      LogSource source = second % 2 == 0 ? LogSource.STDOUT : LogSource.STDERR;
      log.append(source, bytes("line " + second + "\n"), T0.plusSeconds(second));
    }

    assertThat(lines(LogQuery.everything().last(2))).containsExactly("line 8", "line 9");
    assertThat(lines(LogQuery.everything().last(0))).isEmpty();
    assertThat(lines(LogQuery.everything().last(100))).hasSize(10);
    assertThat(
            lines(
                new LogQuery(
                    Set.of(LogSource.STDERR),
                    OptionalLong.of(2),
                    Optional.empty(),
                    Optional.empty(),
                    false)))
        .containsExactly("line 7", "line 9");
    assertThat(
            lines(
                new LogQuery(
                    Set.of(LogSource.values()),
                    OptionalLong.empty(),
                    Optional.of(T0.plusSeconds(3)),
                    Optional.of(T0.plusSeconds(4)),
                    false)))
        .containsExactly("line 3", "line 4");
  }

  @Test
  void oldFilesAreDroppedAndTailReachesOverFiles() throws Exception {
    ContainerLog log = log(new LogOptions(true, 200, 3));
    for (int number = 0; number < 100; number++) {
      log.append(LogSource.STDOUT, bytes("line " + number + "\n"), T0);
    }

    try (Stream<Path> files = Files.list(directory.resolve("c1"))) {
      assertThat(files.count()).isEqualTo(3);
    }
    List<String> kept = lines(LogQuery.everything());
    assertThat(kept).hasSizeBetween(10, 30).last().isEqualTo("line 99");
    assertThat(lines(LogQuery.everything().last(10)))
        .isEqualTo(kept.subList(kept.size() - 10, kept.size()));
  }

  @Test
  void aTornRecordIsCutWhenWritingGoesOn() throws Exception {
    ContainerLog log = log(LogOptions.STANDARD);
    log.append(LogSource.STDOUT, bytes("whole\n"), T0);
    store.finish("c1", log, T0);
    Path file = directory.resolve("c1/00000001.log");
    Files.write(file, new byte[] {0, 0, 0, 9, 0, 1}, StandardOpenOption.APPEND);

    assertThat(lines(LogQuery.everything())).containsExactly("whole");
    assertThat(lines(LogQuery.everything().last(1))).containsExactly("whole");
    log(LogOptions.STANDARD).append(LogSource.STDOUT, bytes("after\n"), T0);
    assertThat(lines(LogQuery.everything())).containsExactly("whole", "after");
  }

  @Test
  void aFollowerSeesWhatComesOverRotationsAndEndsWithTheContainer() throws Exception {
    ContainerLog log = log(new LogOptions(true, 100, 50));
    log.append(LogSource.STDOUT, bytes("before\n"), T0);
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    LogReader reader = store.read("c1", LogQuery.everything().last(1).following());
    Thread follower =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (reader) {
                    lines(reader).forEach(seen::add);
                    seen.add("ended");
                  } catch (IOException | InterruptedException failure) {
                    seen.add(failure.toString());
                  }
                });
    for (int number = 0; number < 50; number++) {
      log.append(LogSource.STDOUT, bytes("line " + number + "\n"), T0);
    }
    store.finish("c1", log, T0);

    assertThat(follower.join(Duration.ofSeconds(10))).isTrue();
    List<String> all = new ArrayList<>();
    seen.drainTo(all);
    assertThat(all).last().isEqualTo("ended");
    assertThat(all).contains("before", "line 0", "line 49").hasSize(52);
  }

  @Test
  void whatDoesNotFollowEndsWhereTheLogEndedAtFirst() throws Exception {
    ContainerLog log = log(LogOptions.of("json-file", Map.of("max-size", "2k", "max-file", "3")));
    log.append(LogSource.STDOUT, bytes("one\ntwo\n"), T0);

    for (LogQuery query : List.of(LogQuery.everything(), LogQuery.everything().last(2))) {
      int before = lines(LogQuery.everything()).size();
      try (LogReader reader = store.read("c1", query)) {
        List<LogEntry> seen = new ArrayList<>();
        Optional<LogEntry> entry = reader.next();
        // Each line that is read has the container write more than one.
        while (entry.isPresent() && seen.size() <= 1_000) {
          seen.add(entry.get());
          log.append(LogSource.STDOUT, bytes(("more " + seen.size() + "\n").repeat(3)), T0);
          entry = reader.next();
        }
        assertThat(seen).hasSize(query.tail().isPresent() ? 2 : before);
      }
    }
    try (LogReader none = store.read("c2", LogQuery.everything())) {
      store.open("c2", LogOptions.STANDARD).append(LogSource.STDOUT, bytes("later\n"), T0);
      assertThat(none.next()).isEmpty();
    }
  }

  @Test
  void closingAReaderEndsItsWaiting() throws Exception {
    log(LogOptions.STANDARD).append(LogSource.STDOUT, bytes("one\n"), T0);
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    LogReader reader = store.read("c1", LogQuery.everything().following());
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                seen.add(reader.next().orElseThrow().data().toStringUtf8());
                seen.add(reader.next().isPresent() ? "more" : "ended");
              } catch (IOException | InterruptedException failure) {
                seen.add(failure.toString());
              }
            });
    assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo("one");
    reader.close();
    assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo("ended");
  }

  @Test
  void theDriverNoneKeepsNothing() throws Exception {
    ContainerLog log = log(LogOptions.NONE);
    log.append(LogSource.STDOUT, bytes("gone\n"), T0);
    store.finish("c1", log, T0);
    assertThat(lines(LogQuery.everything())).isEmpty();
    assertThat(directory.resolve("c1")).doesNotExist();
  }

  @Test
  void theContainersWithLogsAreKnown() throws Exception {
    log(LogOptions.STANDARD).append(LogSource.STDOUT, bytes("x\n"), T0);
    store.open("c2", LogOptions.STANDARD).append(LogSource.STDOUT, bytes("y\n"), T0);
    assertThat(store.present()).containsExactlyInAnyOrder("c1", "c2");
    store.remove("c2");

    assertThat(store.present()).containsExactly("c1");
    assertThat(directory.resolve("c1")).exists();
    assertThat(directory.resolve("c2")).doesNotExist();
    assertThat(store.size("c1")).isEqualTo(LogRecord.OVERHEAD_BYTES + 1);
  }
}
