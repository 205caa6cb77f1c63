package dev.hanse.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.log.ContainerLog;
import dev.hanse.agent.log.LogEntry;
import dev.hanse.agent.log.LogOptions;
import dev.hanse.agent.log.LogQuery;
import dev.hanse.agent.log.LogReader;
import dev.hanse.agent.log.LogStore;
import dev.hanse.runtime.process.OutputListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two containers write, and the disk under the log of one of them does not answer. */
@Tag("attack")
class LogOutputTest {
  private static final int CHUNK_BYTES = 16 * 1024;

  @TempDir Path directory;
  private LogStore store;

  /** Whether a container's output is read now. */
  private static final class Reading implements OutputListener.Flow {
    final AtomicBoolean held = new AtomicBoolean();
    final Semaphore resumed = new Semaphore(0);

    @Override
    public void pause() {
      held.set(true);
    }

    @Override
    public void resume() {
      held.set(false);
      resumed.release();
    }
  }

  @BeforeEach
  void open() throws IOException {
    store = LogStore.in(directory);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private ContainerLog log(String containerId) {
    return store.open(containerId, LogOptions.of("json-file", Map.of()));
  }

  private LogOutput output(String containerId, Reading reading) {
    LogOutput output = new LogOutput(containerId, log(containerId), store);
    output.begins(reading);
    return output;
  }

  private static ByteBuffer chunk(int number) {
    String line = "%06d".formatted(number) + "x".repeat(CHUNK_BYTES - 7) + "\n";
    return ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII));
  }

  private int lines(String containerId) throws Exception {
    int lines = 0;
    try (LogReader reader = store.read(containerId, LogQuery.everything())) {
      Optional<LogEntry> entry = reader.next();
      while (entry.isPresent()) {
        String text = entry.get().written().toStringUtf8();
        if (text.endsWith("\n")) {
          lines++;
        }
        entry = reader.next();
      }
    }
    return lines;
  }

  @Test
  void one_that_is_stuck_holds_its_own_container_and_no_other() throws Exception {
    Reading slowReading = new Reading();
    LogOutput slow = output("slow", slowReading);
    int sent = 0;
    // The lock is held for as long as the disk is at work.
    synchronized (log("slow")) {
      while (!slowReading.held.get()) {
        slow.output(OutputListener.Stream.STDOUT, chunk(sent++));
        assertThat(sent * CHUNK_BYTES)
            .as("what is held in memory")
            .isLessThanOrEqualTo(2 * LogOutput.WAITING_BYTES_MAX);
      }
      Reading fastReading = new Reading();
      LogOutput fast = output("fast", fastReading);
      CompletableFuture<Integer> written =
          CompletableFuture.supplyAsync(
              () -> {
                for (int number = 0; number < 100; number++) {
                  fast.output(OutputListener.Stream.STDOUT, chunk(number));
                  awaitReading(fastReading);
                }
                fast.ended();
                try (LogReader reader = store.read("fast", LogQuery.everything().following())) {
                  while (reader.next().isPresent()) {
                    Thread.onSpinWait(); // To its end.
                  }
                  return lines("fast");
                } catch (Exception fault) {
                  throw new IllegalStateException(fault);
                }
              });
      assertThat(written.get(30, TimeUnit.SECONDS)).isEqualTo(100);
      assertThat(slowReading.held).isTrue();
    }
    assertThat(slowReading.resumed.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    slow.ended();
    store.close();
    assertThat(lines("slow")).as("nothing is lost").isEqualTo(sent);
  }

  /** The end of a line without line feed is written last of all. */
  @Test
  void what_was_written_last_is_there_for_who_asks_right_after_the_end() throws Exception {
    for (int number = 0; number < 200; number++) {
      String containerId = "short" + number;
      LogOutput output = output(containerId, new Reading());
      output.output(OutputListener.Stream.STDOUT, text("first\nlast"));
      output.ended();
      try (LogReader reader = store.read(containerId, LogQuery.everything())) {
        assertThat(reader.next().orElseThrow().written().toStringUtf8()).isEqualTo("first\n");
        assertThat(reader.next().orElseThrow().data().toStringUtf8()).isEqualTo("last");
      }
    }
  }

  /** A start that failed has ended its output; the next try has the same log. */
  @Test
  void another_output_of_a_container_is_not_lost_by_the_end_of_the_one_before() throws Exception {
    for (int number = 0; number < 200; number++) {
      String containerId = "again" + number;
      output(containerId, new Reading()).ended();
      LogOutput second = output(containerId, new Reading());
      second.output(OutputListener.Stream.STDOUT, text("second\n"));
      second.ended();
      try (LogReader reader = store.read(containerId, LogQuery.everything())) {
        assertThat(reader.next().orElseThrow().written().toStringUtf8()).isEqualTo("second\n");
      }
    }
  }

  @Test
  void what_comes_after_the_writers_have_ended_is_written_all_the_same() throws Exception {
    LogOutput late = output("late", new Reading());
    store.close();
    late.output(OutputListener.Stream.STDOUT, chunk(0));
    late.ended();
    assertThat(lines("late")).isEqualTo(1);
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void awaitReading(Reading reading) {
    while (reading.held.get()) {
      Thread.onSpinWait();
    }
  }
}
