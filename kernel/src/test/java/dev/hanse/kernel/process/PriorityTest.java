package dev.hanse.kernel.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PriorityTest {
  @Test
  void allThreadsGetTheNiceValueAndOrdinaryProgramsDoNot() throws Exception {
    int before = Priority.nice();
    CountDownLatch raised = new CountDownLatch(1);
    FutureTask<Integer> elsewhere =
        new FutureTask<>(
            () -> {
              assertThat(raised.await(30, TimeUnit.SECONDS)).isTrue();
              return Priority.nice();
            });
    Thread other = Thread.ofPlatform().start(elsewhere);
    try {
      Priority.nice(-3);
      raised.countDown();
      assertThat(Priority.nice()).isEqualTo(-3);
      assertThat(elsewhere.get(30, TimeUnit.SECONDS)).isEqualTo(-3);
      assertThat(output(List.of("nice"))).isEqualTo("-3");
      assertThat(output(Priority.ordinary(List.of("nice")))).isEqualTo("0");
    } finally {
      Priority.nice(before);
      other.join();
    }
  }

  @Test
  void theOomScoreIsSet() throws Exception {
    int before = Priority.oomScore();
    try {
      Priority.oomScore(before + 7);
      assertThat(Priority.oomScore()).isEqualTo(before + 7);
    } finally {
      Priority.oomScore(before);
    }
  }

  private static String output(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).isZero();
    return output;
  }
}
