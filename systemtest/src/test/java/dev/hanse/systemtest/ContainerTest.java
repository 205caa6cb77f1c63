package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.lab.Lab;
import dev.hanse.systemtest.Services.Task;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the docker command line does with the containers of one host. */
@OnSharedLab
class ContainerTest {
  private final Lab lab;
  private final DockerCommand docker;
  private final Services services;

  ContainerTest(Lab lab, DockerCommand docker) {
    this.lab = lab;
    this.docker = docker;
    this.services = new Services(lab);
  }

  @Test
  void ps_and_inspect_show_the_container_as_docker_does() throws Exception {
    Task task = web();
    DockerCommand host = new DockerCommand(lab, task.host());
    String name = "web.1." + task.id();
    assertThat(
            host.run(
                "ps",
                "--no-trunc",
                "--filter",
                "name=" + name,
                "--format",
                "{{.ID}} {{.Names}} {{.Image}} {{.Status}}"))
        .startsWith(task.containerId() + " " + name + " " + SharedLab.IMAGE + " Up ");
    JsonNode container = host.json("inspect", name).path(0);
    assertThat(container.path("Id").asText()).isEqualTo(task.containerId());
    assertThat(container.path("Name").asText()).isEqualTo("/" + name);
    assertThat(container.at("/State/Status").asText()).isEqualTo("running");
    assertThat(container.at("/State/Pid").asLong()).isEqualTo(task.pid());
    JsonNode labels = container.at("/Config/Labels");
    assertThat(labels.path("com.docker.swarm.service.name").asText()).isEqualTo("web");
    assertThat(labels.path("com.docker.swarm.task.id").asText()).isEqualTo(task.id());
    assertThat(labels.path("com.docker.swarm.task.name").asText()).isEqualTo(name);
    assertThat(host.refused("inspect", "nobody")).contains("No such object: nobody");
  }

  /** The daemon runs before others and is killed after them. */
  @Test
  void containers_do_not_inherit_the_priority_of_the_daemon() throws Exception {
    Task task = web();
    DockerCommand host = new DockerCommand(lab, task.host());
    String script = "cut -d' ' -f19 /proc/1/stat /proc/self/stat; cat /proc/1/oom_score_adj";
    assertThat(host.run("exec", task.containerId(), "sh", "-c", script)).isEqualTo("0\n0\n0");
  }

  @Test
  void exec_returns_output_and_status() throws Exception {
    Task task = web();
    DockerCommand host = new DockerCommand(lab, task.host());
    assertThat(host.run("exec", task.containerId(), "hostname"))
        .isEqualTo(task.containerHostname());
    DockerCommand.Result failed =
        host.attempt("exec", task.containerId(), "sh", "-c", "echo out; echo err >&2; exit 7");
    assertThat(failed).isEqualTo(new DockerCommand.Result(7, "out\n", "err\n"));
    assertThat(
            host.run(
                "exec",
                "-e",
                "A=b",
                "-w",
                "/www",
                "-u",
                "80",
                task.containerId(),
                "sh",
                "-c",
                "echo $A $PWD $(id -u)"))
        .isEqualTo("b /www 80");
    DockerCommand.Result unknown = host.attempt("exec", task.containerId(), "no-such-program");
    assertThat(unknown.status()).isIn(126, 127);
    assertThat(unknown.out() + unknown.err()).contains("no-such-program");
    assertThat(host.refused("exec", "nobody", "true")).contains("No such container: nobody");
  }

  @Test
  void exec_takes_input_until_its_end() throws Exception {
    Task task = web();
    Process exec =
        new DockerCommand(lab, task.host()).start("exec", "-i", task.containerId(), "wc", "-c");
    byte[] megabyte = new byte[1024 * 1024];
    exec.getOutputStream().write(megabyte);
    exec.getOutputStream().close();
    String counted = new String(exec.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(counted.strip()).isEqualTo(String.valueOf(megabyte.length));
    assertThat(exec.waitFor()).isZero();
  }

  @Test
  void exec_on_a_terminal_is_interactive() throws Exception {
    Task task = web();
    // script(1) lends a terminal to the command line.
    List<String> command =
        List.of(
            "script",
            "-qec",
            "stty rows 31 cols 77; docker exec -it "
                + task.containerId()
                + " sh -c 'tty; until stty size | grep 31; do sleep 0.1; done'",
            "/dev/null");
    DockerCommand.Result result = new DockerCommand(lab, task.host()).run(command);
    assertThat(result.status()).as(result.out()).isZero();
    assertThat(result.lines().getFirst()).contains("/dev/pts/");
    // The size comes by a request of its own, soon after the start.
    assertThat(result.lines().getLast()).endsWith("31 77");
  }

  @Test
  void logs_are_kept_followed_and_cut() throws Exception {
    docker.create(
        "--name",
        "count",
        SharedLab.IMAGE,
        "sh",
        "-c",
        "trap exit TERM; n=0; while true; do n=$((n+1)); echo line $n; sleep 0.2; done");
    Task task = services.awaitRunning("count", 1).getFirst();
    DockerCommand host = new DockerCommand(lab, task.host());
    try (Following following = Following.of(host.start("logs", "-f", task.containerId()))) {
      following.awaitLines(1, "line 1"::equals);
      following.awaitLines(1, "line 6"::equals);
    }
    assertThat(host.attempt("logs", "--tail", "2", task.containerId()).lines()).hasSize(2);
    assertThat(host.attempt("logs", "--timestamps", task.containerId()).lines().getFirst())
        .matches("20\\d\\d-\\d\\d-\\d\\dT[0-9:.]+Z line 1");
    docker.run("service", "rm", "count");
  }

  @Test
  void stats_and_top_show_the_processes() throws Exception {
    Task task = web();
    DockerCommand host = new DockerCommand(lab, task.host());
    assertThat(host.run("top", task.containerId())).contains("PID", "httpd -f");
    JsonNode stats =
        host.json("stats", "--no-stream", "--format", "{{json .}}", task.containerId());
    assertThat(stats.path("PIDs").asText()).isEqualTo("1");
    assertThat(stats.path("MemUsage").asText()).matches("[0-9.]+[KM]?i?B / [0-9.]+[GM]iB");
  }

  @Test
  void kill_and_stop_end_the_container_and_the_task_is_replaced() throws Exception {
    Task first = web();
    new DockerCommand(lab, first.host()).run("kill", first.containerId());
    eventually(
        () ->
            assertThat(services.running("web"))
                .extracting(Task::id)
                .isNotEmpty()
                .doesNotContain(first.id()));
    Task second = services.awaitRunning("web", 1).getFirst();
    new DockerCommand(lab, second.host()).run("stop", second.containerId());
    eventually(
        () ->
            assertThat(services.running("web"))
                .extracting(Task::id)
                .isNotEmpty()
                .doesNotContain(second.id()));
  }

  @Test
  void limits_user_environment_and_file_systems_are_as_asked() throws Exception {
    docker.create(
        "--name",
        "web",
        "--env",
        "COLOUR=blue",
        "--user",
        "80:80",
        "--workdir",
        "/tmp",
        "--hostname",
        "bremen",
        "--limit-memory",
        "64M",
        "--limit-cpu",
        "0.5",
        "--read-only",
        "--mount",
        "type=tmpfs,destination=/scratch",
        "--cap-drop",
        "NET_RAW",
        "--ulimit",
        "nofile=321:321",
        "--sysctl",
        "net.core.somaxconn=99",
        SharedLab.IMAGE,
        "sh",
        "-c",
        "trap exit TERM; while true; do sleep 0.2; done");
    Task task = services.awaitRunning("web", 1).getFirst();
    DockerCommand host = new DockerCommand(lab, task.host());
    String facts =
        host.run(
            "exec",
            task.containerId(),
            "sh",
            "-c",
            "echo $COLOUR $(id -u) $PWD $(hostname) $(ulimit -n) $(cat /proc/sys/net/core/somaxconn);"
                + "touch /file 2>&1; touch /scratch/file && echo scratch; grep CapBnd /proc/1/status; "
                + "grep -E 'Seccomp:|NoNewPrivs' /proc/1/status; cat /proc/kcore 2>&1 | head -c 60");
    assertThat(facts)
        .contains("blue 80 /tmp bremen 321 99", "Read-only file system", "scratch", "Seccomp:\t2");
    JsonNode inspected = host.json("inspect", task.containerId()).path(0);
    assertThat(inspected.at("/HostConfig/Memory").asLong()).isEqualTo(64L << 20);
    assertThat(inspected.at("/HostConfig/NanoCpus").asLong()).isEqualTo(500_000_000);
  }

  @Test
  void running_out_of_memory_is_told() throws Exception {
    docker.run(
        "service",
        "create",
        "--detach",
        "--name",
        "hungry",
        "--restart-condition",
        "none",
        "--limit-memory",
        "8M",
        SharedLab.IMAGE,
        "sh",
        "-c",
        "x=a; while true; do x=$x$x; done");
    eventually(
        () ->
            assertThat(services.tasks("hungry")).extracting(Task::state).containsExactly("failed"));
    assertThat(services.tasks("hungry").getFirst().error()).contains("137");
  }

  private Task web() throws Exception {
    docker.create("--name", "web", "--restart-delay", "0s", SharedLab.IMAGE);
    return services.awaitRunning("web", 1).getFirst();
  }
}
