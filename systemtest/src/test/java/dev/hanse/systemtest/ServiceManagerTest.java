package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.Distribution;
import dev.hanse.lab.client.DockerClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon as systemd starts and stops it, with socat in systemd's place. */
@Tag("system")
class ServiceManagerTest {
  @TempDir Path directory;

  @Test
  void it_is_told_of_the_start_the_life_and_the_end() throws Exception {
    Path socket = directory.resolve("notify");
    Path told = directory.resolve("told");
    Process listener =
        new ProcessBuilder("socat", "-u", "UNIX-RECV:" + socket, "CREATE:" + told).start();
    eventually(() -> assertThat(socket).exists());
    Process daemon = daemon(socket);
    Path execRoot = directory.resolve("exec");
    try {
      eventually(() -> assertThat(told).content().contains("READY=1"));
      assertThat(new DockerClient(execRoot.resolve("docker.sock")).answers()).isTrue();
      eventually(() -> assertThat(told).content().contains("WATCHDOG=1WATCHDOG=1"));
      String environment = Files.readString(Path.of("/proc/" + containerd(execRoot) + "/environ"));
      assertThat(environment)
          .contains("PATH=")
          .doesNotContain("NOTIFY_SOCKET", "WATCHDOG_USEC", "JOURNAL_STREAM");

      daemon.destroy();
      assertThat(daemon.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(daemon.exitValue()).as("the status after SIGTERM").isZero();
      eventually(() -> assertThat(told).content().contains("STOPPING=1"));
      assertThat(ProcessHandle.of(containerd(execRoot))).as("containerd lives on").isPresent();
    } finally {
      daemon.destroyForcibly().waitFor();
      listener.destroyForcibly().waitFor();
      if (Files.exists(execRoot.resolve("containerd/containerd.pid"))) {
        ProcessHandle.of(containerd(execRoot))
            .ifPresent(
                process -> {
                  process.destroy();
                  process.onExit().join();
                });
      }
    }
  }

  private Process daemon(Path socket) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    "unshare",
                    "--net",
                    "sh",
                    "-c",
                    "ip link set lo up && exec \"$@\"",
                    "sh",
                    Distribution.launcher().toString(),
                    "daemon",
                    "--containerd",
                    "private",
                    "--data-root",
                    directory.resolve("data").toString(),
                    "--exec-root",
                    directory.resolve("exec").toString()))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile());
    builder.environment().put("NOTIFY_SOCKET", socket.toString());
    builder.environment().put("WATCHDOG_USEC", "300000");
    builder.environment().put("JOURNAL_STREAM", "1:1");
    return builder.start();
  }

  private static long containerd(Path execRoot) throws Exception {
    return Long.parseLong(Files.readString(execRoot.resolve("containerd/containerd.pid")).strip());
  }
}
