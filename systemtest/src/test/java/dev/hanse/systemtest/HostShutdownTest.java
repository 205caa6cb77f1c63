package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.lab.Distribution;
import dev.hanse.lab.Lab;
import dev.hanse.systemtest.Services.Task;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of a machine: its tasks get their stop signal, and others take over without waiting. */
@Tag("system")
class HostShutdownTest {
  /** Says by which signal it ended, on a directory of its host, after a while in which it ends. */
  private static final String WORK =
      "trap 'sleep 1; echo TERM >/seen/'$HOSTNAME'; exit 0' TERM; while :; do sleep 0.1; done";

  @TempDir Path seen;

  @Test
  void tasks_end_in_order_run_elsewhere_and_the_node_comes_back() throws Exception {
    try (OwnLab own = OwnLab.of("shutdown", 1, 1)) {
      Lab lab = own.lab();
      own.docker()
          .create(
              "--name",
              "web",
              "--replicas",
              "6",
              "--stop-signal", // The image's is SIGKILL.
              "SIGTERM",
              "--mount",
              "type=bind,source=" + seen + ",target=/seen",
              SharedLab.IMAGE,
              "sh",
              "-c",
              WORK);
      List<Task> leaving =
          own.services().awaitRunning("web", 6).stream()
              .filter(task -> task.host().equals("host2"))
              .toList();
      assertThat(leaving).as("tasks on the host that goes down").isNotEmpty();

      assertThat(shutDown(lab, "host2")).isZero();

      for (Task task : leaving) {
        assertThat(Files.readString(seen.resolve(task.containerHostname()))).isEqualTo("TERM\n");
        assertThat(Files.exists(Path.of("/proc/" + task.pid()))).isFalse();
      }
      JsonNode node = own.docker().json("node", "inspect", "host2").path(0);
      assertThat(node.at("/Status/State").asText()).isEqualTo("down");
      assertThat(node.at("/Status/Message").asText()).isEqualTo("the node's machine goes down");
      assertThat(own.services().awaitRunning("web", 6))
          .extracting(Task::host)
          .containsOnly("host1");

      lab.restart("host2");
      eventually(
          () ->
              assertThat(own.docker().run("node", "ls", "--format", "{{.Status}}").lines())
                  .containsOnly("Ready"));
      own.docker().run("service", "scale", "web=12");
      assertThat(own.services().awaitRunning("web", 12)).extracting(Task::host).contains("host2");
    }
  }

  @Test
  void a_lone_manager_ends_its_own_tasks_and_runs_them_again_after_it() throws Exception {
    try (OwnLab own = OwnLab.of("lonely", 1, 0)) {
      Lab lab = own.lab();
      own.docker()
          .create(
              "--name",
              "web",
              "--replicas",
              "2",
              "--stop-signal", // The image's is SIGKILL.
              "SIGTERM",
              "--mount",
              "type=bind,source=" + seen + ",target=/seen",
              SharedLab.IMAGE,
              "sh",
              "-c",
              WORK);
      List<Task> ended = own.services().awaitRunning("web", 2);
      assertThat(shutDown(lab, "host1")).isZero();
      for (Task task : ended) {
        assertThat(Files.readString(seen.resolve(task.containerHostname()))).isEqualTo("TERM\n");
      }
      lab.restart("host1");
      assertThat(own.services().awaitRunning("web", 2))
          .extracting(Task::id)
          .doesNotContainAnyElementsOf(ended.stream().map(Task::id).toList());
    }
  }

  private static int shutDown(Lab lab, String host) throws Exception {
    Process process =
        new ProcessBuilder(
                Distribution.launcher().toString(),
                "node",
                "shutdown",
                "--host",
                lab.host(host).dockerHost())
            .inheritIO()
            .start();
    return process.waitFor();
  }
}
