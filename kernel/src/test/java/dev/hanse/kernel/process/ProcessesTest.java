package dev.hanse.kernel.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.KernelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ProcessesTest {
  @TempDir Path directory;

  @Test
  void signalsAreReadInAllTheirForms() {
    for (String text : List.of("SIGTERM", "TERM", "term", "sigterm", "15", " 15 ")) {
      assertThat(Signal.parse(text)).contains(Signal.TERM);
    }
    assertThat(Signal.parse("RTMIN+3")).contains(new Signal(37));
    assertThat(Signal.parse("SIGRTMAX-1")).contains(new Signal(63));
    assertThat(Signal.parse("RTMIN")).contains(new Signal(34));
    assertThat(Signal.parse("IOT")).contains(new Signal(6));
    for (String text :
        List.of(
            "", "0", "65", "-9", "SIG", "NOTHING", "RTMIN-1", "RTMIN+31", "RTMAX-31", "RTMIN+")) {
      assertThat(Signal.parse(text)).isEmpty();
    }
    assertThat(Signal.KILL.name()).isEqualTo("SIGKILL");
    assertThat(new Signal(37).name()).isEqualTo("SIGRTMIN+3");
    assertThat(new Signal(31).name()).isEqualTo("SIGSYS");
    assertThatThrownBy(() -> new Signal(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDetachedProcessHasItsOwnSessionAndIsKilled() throws Exception {
    Path output = directory.resolve("output");
    Process child =
        DetachedProcess.start(
            List.of("sh", "-c", "echo $GREETING; ps -o sid= -p $$; exec sleep 1000"),
            Map.of("GREETING", "hello"),
            directory,
            output);
    try {
      while (Files.readAllLines(output).size() < 2) {
        Thread.onSpinWait();
      }
      List<String> lines = Files.readAllLines(output);
      assertThat(lines.get(0)).isEqualTo("hello");
      assertThat(lines.get(1).strip()).isEqualTo(Long.toString(child.pid()));

      ProcessIdentity identity = Processes.find(child.pid()).orElseThrow();
      assertThat(Processes.isAlive(identity)).isTrue();
      ProcessIdentity predecessor = new ProcessIdentity(identity.pid(), identity.startTicks() - 1);
      assertThat(Processes.kill(predecessor, Signal.KILL)).isFalse();
      assertThat(Processes.isAlive(identity)).isTrue();

      assertThat(Processes.kill(identity, Signal.TERM)).isTrue();
      assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isEqualTo(128 + 15);
      assertThat(Processes.isAlive(identity)).isFalse();
      assertThat(Processes.kill(identity, Signal.TERM)).isFalse();
      assertThatThrownBy(() -> Processes.kill(identity.pid(), Signal.TERM))
          .isInstanceOfSatisfying(
              KernelException.class, thrown -> assertThat(thrown.notFound()).isTrue())
          .hasMessage("send SIGTERM to process " + identity.pid() + ": No such process");
      assertThatThrownBy(() -> Processes.kill(-1, Signal.TERM))
          .isInstanceOf(IllegalArgumentException.class);
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void aMissingProgramIsTold() throws Exception {
    Path output = directory.resolve("output");
    Process child = DetachedProcess.start(List.of("/nothing/here"), Map.of(), directory, output);
    assertThat(child.waitFor()).isEqualTo(127);
    assertThat(output).content().contains("/nothing/here");
  }
}
