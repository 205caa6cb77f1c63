package dev.hanse.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JournalLinesTest {
  /** What reaches the journal, one element for each write. */
  private final List<String> written = new ArrayList<>();

  private final PrintStream log =
      new PrintStream(
          new JournalLines(
              new ByteArrayOutputStream() {
                @Override
                public synchronized void write(byte[] bytes, int offset, int length) {
                  written.add(new String(bytes, offset, length, StandardCharsets.UTF_8));
                }
              }),
          true,
          StandardCharsets.UTF_8);

  @Test
  void each_line_has_the_priority_of_its_level() {
    log.println("ERROR Agent - a");
    log.println("WARN Agent - b");
    log.println("INFO Agent - c");
    log.println("DEBUG Agent - ü");
    log.println("no level");
    assertThat(written)
        .containsExactly(
            "<3>ERROR Agent - a\n",
            "<4>WARN Agent - b\n",
            "<6>INFO Agent - c\n",
            "<7>DEBUG Agent - ü\n",
            "<7>no level\n");
  }

  @Test
  void a_stack_trace_has_that_of_its_message() {
    log.println("ERROR Agent - broken");
    new IllegalStateException("why").printStackTrace(log);
    assertThat(written).hasSizeGreaterThan(2).allMatch(line -> line.startsWith("<3>"));
    assertThat(written.get(1)).isEqualTo("<3>java.lang.IllegalStateException: why\n");
  }

  @Test
  void a_line_without_end_is_passed_on_at_its_limit() {
    log.print("x".repeat(16_383));
    log.flush();
    assertThat(written).isEmpty();
    log.print("x");
    log.flush();
    assertThat(written).containsExactly("<6>" + "x".repeat(16_384) + "\n");
  }

  @Test
  void only_the_stream_that_the_journal_has_made_is_the_journal() throws Exception {
    var error = Files.readAttributes(Path.of("/proc/self/fd/2"), "unix:dev,ino");
    assertThat(JournalLines.isStandardError(error.get("dev") + ":" + error.get("ino"))).isTrue();
    assertThat(JournalLines.isStandardError("1:1")).isFalse();
    assertThat(JournalLines.isStandardError("")).isFalse();
  }
}
