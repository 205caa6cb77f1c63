package dev.hanse.kernel.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.KernelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {
  private static final long SELF = 42;

  @TempDir Path directory;

  private static Supervisor at(String socket) {
    return Supervisor.of(Map.of("NOTIFY_SOCKET", socket), SELF).orElseThrow();
  }

  @Test
  void it_is_told_over_a_path() throws Exception {
    Path socket = directory.resolve("notify");
    assertThat(told(socket.toString(), "UNIX-RECV:" + socket)).isEqualTo("READY=1\nSTATUS=up");
  }

  @Test
  void it_is_told_over_an_abstract_address() throws Exception {
    String name = "hanse-supervisor-" + ProcessHandle.current().pid();
    assertThat(told("@" + name, "ABSTRACT-RECV:" + name)).isEqualTo("READY=1\nSTATUS=up");
  }

  /** What socat, which listens as systemd does, got. */
  private String told(String socket, String listen) throws Exception {
    Path output = directory.resolve("told");
    Process listener =
        new ProcessBuilder("socat", "-u", listen, "CREATE:" + output)
            .redirectErrorStream(true)
            .start();
    try {
      Supervisor supervisor = at(socket);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!delivered(supervisor)) {
        assertThat(listener.isAlive() && System.nanoTime() < end).as("socat listens").isTrue();
        Thread.onSpinWait();
      }
      while (!Files.exists(output) || Files.size(output) == 0) {
        assertThat(System.nanoTime()).as("it arrives").isLessThan(end);
        Thread.onSpinWait();
      }
      return Files.readString(output);
    } finally {
      listener.destroyForcibly().waitFor();
    }
  }

  private static boolean delivered(Supervisor supervisor) {
    try {
      supervisor.tell("READY=1", "STATUS=up");
      return true;
    } catch (KernelException notYet) {
      return false;
    }
  }

  @Test
  void one_that_is_gone_is_a_fault_and_not_a_hang() {
    assertThatThrownBy(() -> at(directory.resolve("nobody").toString()).tell("READY=1"))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("tell the service manager");
  }

  @Test
  void without_an_address_that_can_be_there_is_none() {
    for (String socket :
        new String[] {"", "/", "@", "relative", "vsock:2:1", "/" + "x".repeat(107)}) {
      assertThat(Supervisor.of(Map.of("NOTIFY_SOCKET", socket), SELF)).as(socket).isEmpty();
    }
    assertThat(Supervisor.of(Map.of("NOTIFY_SOCKET", "/" + "x".repeat(106)), SELF)).isPresent();
    assertThat(Supervisor.of(Map.of(), SELF)).isEmpty();
  }

  @Test
  void the_watchdog_is_for_the_process_that_it_names() {
    assertThat(watchdog("3000000", "42")).contains(Duration.ofSeconds(3));
    assertThat(watchdog("3000000", "")).contains(Duration.ofSeconds(3));
    assertThat(watchdog("3000000", "43")).isEmpty();
    assertThat(watchdog("0", "42")).isEmpty();
    assertThat(watchdog("soon", "42")).isEmpty();
  }

  private static java.util.Optional<Duration> watchdog(String micros, String processId) {
    return Supervisor.of(
            Map.of("NOTIFY_SOCKET", "/run/x", "WATCHDOG_USEC", micros, "WATCHDOG_PID", processId),
            SELF)
        .orElseThrow()
        .watchdog();
  }
}
