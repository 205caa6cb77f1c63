package dev.hanse.kernel.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LimitedProcessTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(300);

  private static LimitedProcess.Outcome shell(String line, Duration limit) throws Exception {
    return LimitedProcess.run(
        new ProcessBuilder("sh", "-c", line).redirectErrorStream(true), limit, 10);
  }

  @Test
  void its_code_and_the_beginning_of_its_output_are_told() throws Exception {
    LimitedProcess.Outcome outcome = shell("echo out; echo err >&2; exit 3", LONG);
    assertThat(outcome.code()).isEqualTo(OptionalInt.of(3));
    assertThat(outcome.text()).isEqualTo("out\nerr\n");
    assertThat(shell("echo 0123456789x", LONG).text()).isEqualTo("0123456789");
  }

  @Test
  @Tag("attack")
  void one_that_says_nothing_and_does_not_end_is_killed() throws Exception {
    assertThat(shell("sleep 1000", SHORT).isOverdue()).isTrue();
    assertThat(shell("yes", SHORT).isOverdue()).isTrue();
  }

  /** Who waits for the end of the output waits for the grandchild. */
  @Test
  @Tag("attack")
  void one_whose_child_keeps_the_output_open_is_not_waited_for() throws Exception {
    long began = System.nanoTime();
    LimitedProcess.Outcome outcome = shell("sleep 5 & exit 4", LONG);
    assertThat(outcome.code()).isEqualTo(OptionalInt.of(4));
    assertThat(System.nanoTime() - began).isLessThan(Duration.ofSeconds(5).toNanos());
  }
}
