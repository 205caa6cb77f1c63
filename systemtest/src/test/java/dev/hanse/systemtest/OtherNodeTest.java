package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.lab.Lab;
import dev.hanse.systemtest.Services.Task;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A manager's docker command line with the container of a task that is on another node. */
@OnSharedLab
class OtherNodeTest {
  private final Lab lab;
  private final DockerCommand manager;
  private final Services services;
  private Task task;

  OtherNodeTest(Lab lab, DockerCommand manager) {
    this.lab = lab;
    this.manager = manager;
    this.services = new Services(lab);
  }

  @BeforeEach
  void onWorker() throws Exception {
    manager.create(
        "--name",
        "far",
        "--constraint",
        "node.role==worker",
        "--restart-delay",
        "0s",
        SharedLab.IMAGE,
        "sh",
        "-c",
        "trap exit TERM; n=0; while true; do n=$((n+1)); echo line $n; sleep 0.2; done");
    task = services.awaitRunning("far", 1).getFirst();
  }

  @Test
  void exec_returns_output_and_status() {
    assertThat(manager.run("exec", task.containerId(), "hostname"))
        .isEqualTo(task.containerHostname());
    assertThat(
            manager.attempt(
                "exec", "far.1." + task.id(), "sh", "-c", "echo out; echo err >&2; exit 7"))
        .isEqualTo(new DockerCommand.Result(7, "out\n", "err\n"));
    DockerCommand.Result unknown =
        manager.attempt("exec", task.containerId().substring(0, 12), "no-such-program");
    assertThat(unknown.status()).isEqualTo(127);
    assertThat(manager.refused("exec", "nobody", "true")).contains("No such container: nobody");
  }

  @Test
  void exec_carries_input_and_output_of_any_length() throws Exception {
    Process exec = manager.start("exec", "-i", task.containerId(), "wc", "-c");
    byte[] megabytes = new byte[3 << 20];
    exec.getOutputStream().write(megabytes);
    exec.getOutputStream().close();
    String counted = new String(exec.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(counted.strip()).isEqualTo(String.valueOf(megabytes.length));
    assertThat(exec.waitFor()).isZero();
    Process printing =
        manager.start("exec", task.containerId(), "head", "-c", "3000000", "/dev/zero");
    assertThat(printing.getInputStream().readAllBytes()).hasSize(3_000_000);
    assertThat(printing.waitFor()).isZero();
  }

  @Test
  void exec_on_a_terminal_has_its_size() {
    DockerCommand.Result result =
        manager.run(
            List.of(
                "script",
                "-qec",
                "stty rows 31 cols 77; docker exec -it "
                    + task.containerId()
                    + " sh -c 'until stty size | grep 31; do sleep 0.1; done'",
                "/dev/null"));
    assertThat(result.status()).as(result.out()).isZero();
    assertThat(result.lines().getLast()).endsWith("31 77");
  }

  @Test
  void inspect_top_stats_and_logs_are_those_of_the_node() throws Exception {
    DockerCommand node = new DockerCommand(lab, task.host());
    JsonNode inspected = manager.json("inspect", task.containerId()).path(0);
    assertThat(inspected).isEqualTo(node.json("inspect", task.containerId()).path(0));
    assertThat(manager.run("top", task.containerId())).contains("PID", "echo line");
    assertThat(
            manager
                .json("stats", "--no-stream", "--format", "{{json .}}", task.containerId())
                .path("MemUsage")
                .asText())
        .contains("iB / ");
    assertThat(manager.attempt("logs", "--tail", "2", task.containerId()).lines()).hasSize(2);
    for (String command : List.of("logs -f", "attach --no-stdin")) {
      String[] arguments = (command + " " + task.containerId()).split(" ", -1);
      try (Following following = Following.of(manager.start(arguments))) {
        following.awaitLines(3, line -> line.startsWith("line "));
      }
    }
  }

  @Test
  void stop_ends_what_follows_and_the_task_is_replaced() throws Exception {
    try (Following following = Following.of(manager.start("logs", "-f", task.containerId()))) {
      following.awaitLines(1, "line 1"::equals);
      manager.run("stop", task.containerId());
      eventually(() -> assertThat(following.runs()).isFalse());
    }
    eventually(
        () ->
            assertThat(services.running("far"))
                .extracting(Task::id)
                .isNotEmpty()
                .doesNotContain(task.id()));
  }

  @Test
  void a_worker_asks_nobody() {
    String other = task.host().equals("host2") ? "host3" : "host2";
    assertThat(new DockerCommand(lab, other).refused("exec", task.containerId(), "true"))
        .contains("No such container");
  }
}
