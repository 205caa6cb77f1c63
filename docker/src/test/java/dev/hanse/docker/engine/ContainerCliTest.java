package dev.hanse.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Duration;
import dev.hanse.docker.Cli;
import dev.hanse.model.HealthConfig;
import dev.hanse.model.Task;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Containers of tasks under the real docker CLI. */
@Timeout(120)
final class ContainerCliTest {
  private static EngineWorld world;
  private static Cli docker;

  @BeforeAll
  static void open() throws Exception {
    world = new EngineWorld();
    docker = world.cli();
  }

  @AfterAll
  static void close() throws Exception {
    world.close();
  }

  private static JsonNode inspect(Task task) throws Exception {
    return new ObjectMapper().readTree(docker.ok("inspect", EngineWorld.name(task))).get(0);
  }

  @Test
  void listsAndInspects() throws Exception {
    Task task = world.start("echo hello; exec sleep 1000");
    String name = EngineWorld.name(task);

    assertThat(
            docker.ok("ps", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.Image}} {{.State}}"))
        .contains(EngineWorld.id(task) + " " + name + " busybox:latest running");
    assertThat(docker.ok("ps", "--filter", "name=^" + name + "$", "--format", "{{.Command}}"))
        .isEqualTo("\"sh -c 'echo hello; …\"");
    assertThat(docker.ok("ps", "-q", "--filter", "name=nobody")).isEmpty();
    assertThat(docker.ok("ps", "-q", "--filter", "is-task=false")).isEmpty();
    assertThat(
            docker.ok(
                "ps",
                "-q",
                "--filter",
                "ancestor=busybox",
                "--filter",
                "id=" + EngineWorld.id(task)))
        .isEqualTo(EngineWorld.id(task).substring(0, 12));
    assertThat(docker.ok("ps", "--format", "{{.Ports}}", "--filter", "name=" + name))
        .isEqualTo("80/tcp");
    assertThat(docker.ok("ps", "-s", "--format", "{{.Size}}", "--filter", "name=" + name))
        .contains("virtual");

    JsonNode json = inspect(task);
    assertThat(json.at("/State/Running").asBoolean()).isTrue();
    assertThat(json.at("/State/Pid").asInt()).isPositive();
    assertThat(json.at("/Path").asText()).isEqualTo("sh");
    assertThat(json.at("/Config/Env").toString()).contains("FROM=image");
    assertThat(json.at("/Config/Labels").get("com.docker.swarm.task.id").asText())
        .isEqualTo(task.getId());
    assertThat(docker.ok("inspect", "-f", "{{.Id}}", EngineWorld.id(task).substring(0, 10)))
        .isEqualTo(EngineWorld.id(task));
  }

  @Test
  void inspectsWhatTheContainerWasMadeOf() throws Exception {
    Task task =
        world.start(
            spec ->
                spec.addCommand("sh")
                    .addArgs("-c")
                    .addArgs("exec sleep 1000")
                    .setHostname("{{.Service.Name}}-{{.Task.Slot}}")
                    .addEnv("SLOT={{.Task.Slot}}")
                    .addEnv("FROM=spec"));
    JsonNode json = inspect(task);
    assertThat(json.at("/Config/Hostname").asText())
        .isEqualTo(task.getServiceAnnotations().getName() + "-1")
        .isEqualTo(docker.ok("exec", EngineWorld.name(task), "cat", "/etc/hostname"));
    assertThat(json.at("/Config/Env").toString()).isEqualTo("[\"SLOT=1\",\"FROM=spec\"]");
    assertThat(json.path("Path").asText()).isEqualTo("sh");
    assertThat(json.path("Args").toString()).isEqualTo("[\"-c\",\"exec sleep 1000\"]");
    for (String path : List.of("HostsPath", "HostnamePath", "ResolvConfPath", "LogPath")) {
      assertThat(Path.of(json.path(path).asText("/nothing"))).as(path).exists();
    }
    assertThat(Path.of(json.path("HostnamePath").asText()))
        .hasContent(json.at("/Config/Hostname").asText());
  }

  @Test
  void showsTheNetworkOfATaskWithoutOne() throws Exception {
    JsonNode network = inspect(world.start("exec sleep 1000")).path("NetworkSettings");
    assertThat(network.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder(
            ("Bridge EndpointID Gateway GlobalIPv6Address GlobalIPv6PrefixLen HairpinMode IPAddress"
                    + " IPPrefixLen IPv6Gateway LinkLocalIPv6Address LinkLocalIPv6PrefixLen"
                    + " MacAddress Networks Ports SandboxID SandboxKey SecondaryIPAddresses"
                    + " SecondaryIPv6Addresses")
                .split(" "));
    assertThat(network.path("SandboxID").asText()).hasSize(64);
    JsonNode bridge = network.at("/Networks/bridge");
    assertThat(bridge.path("EndpointID").asText()).hasSize(64);
    assertThat(network.path("EndpointID")).isEqualTo(bridge.path("EndpointID"));
    assertThat(bridge.path("NetworkID").asText())
        .isEqualTo(docker.ok("network", "inspect", "-f", "{{.Id}}", "bridge"));
  }

  @Test
  void showsLabelsOfTheServiceTheSwarmAndTheImage() throws Exception {
    Task task =
        world.start(
            spec ->
                spec.addArgs("sleep")
                    .addArgs("1000")
                    .putLabels("kind", "own")
                    .putLabels("empty", ""));
    JsonNode labels = inspect(task).at("/Config/Labels");
    assertThat(labels.get("com.docker.swarm.task").asText("absent")).isEmpty();
    assertThat(labels.get("empty").asText("absent")).isEmpty();
    assertThat(labels.get("kind").asText()).isEqualTo("own");
    assertThat(labels.get("maker").asText()).isEqualTo("image");
    for (String wanted :
        List.of("com.docker.swarm.task", "empty=", "kind=own", "maker=image", "maker")) {
      assertThat(docker.ok("ps", "-q", "--no-trunc", "--filter", "label=" + wanted))
          .as(wanted)
          .contains(EngineWorld.id(task));
    }
    assertThat(docker.ok("ps", "-q", "--no-trunc", "--filter", "label=kind=image"))
        .doesNotContain(EngineWorld.id(task));
    assertThat(docker.ok("ps", "--format", "{{.Labels}}", "--filter", "id=" + EngineWorld.id(task)))
        .contains("maker=image")
        .contains("com.docker.swarm.task=");
  }

  @Test
  void showsHealth() throws Exception {
    long since = Instant.now().getEpochSecond();
    Task task =
        world.start(
            spec ->
                spec.addArgs("sleep")
                    .addArgs("1000")
                    .setHealthcheck(
                        HealthConfig.newBuilder()
                            .addTest("CMD-SHELL")
                            .addTest("echo fine; [ ! -e /ill ]")
                            .setInterval(Duration.newBuilder().setNanos(200_000_000))
                            .setRetries(1)));
    String name = EngineWorld.name(task);
    EngineWorld.eventually(
        () -> "healthy",
        () ->
            docker
                .ok("ps", "--format", "{{.Status}}", "--filter", "name=" + name)
                .contains("(healthy)"));
    JsonNode health = inspect(task).at("/State/Health");
    assertThat(health.get("Status").asText()).isEqualTo("healthy");
    assertThat(health.at("/Log/0/Output").asText()).isEqualTo("fine\n");
    assertThat(docker.ok("ps", "-q", "--filter", "health=healthy", "--filter", "name=" + name))
        .isNotEmpty();
    assertThat(events(since, "container=" + name).lines()).contains("health_status: healthy");
    docker.ok("exec", name, "sh", "-c", "echo > /ill");
    EngineWorld.eventually(
        () -> "unhealthy is told",
        () -> events(since, "container=" + name).contains("health_status: unhealthy"));
  }

  @Test
  void followsLogsToTheEnd() throws Exception {
    Task task =
        world.start("echo out; echo err >&2; while [ ! -e /end ]; do sleep 0.1; done; echo last");
    String name = EngineWorld.name(task);
    CompletableFuture<Cli.Result> following =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return docker.run("", "logs", "-f", name);
              } catch (Exception failure) {
                throw new IllegalStateException(failure);
              }
            });
    EngineWorld.eventually(() -> "lines", () -> docker.ok("logs", name).equals("out"));
    assertThat(following).isNotDone();
    docker.ok("exec", name, "sh", "-c", "echo > /end");

    Cli.Result result = following.get();
    assertThat(result.output()).isEqualTo("out\nlast");
    assertThat(result.errors()).isEqualTo("err");
    assertThat(docker.ok("logs", "--tail", "1", name)).isEqualTo("last");
    assertThat(docker.ok("logs", "-t", "--tail", "1", name))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z last");
  }

  @Test
  void executes() throws Exception {
    Task task = world.start("exec sleep 1000");
    String name = EngineWorld.name(task);
    Cli.Result result = docker.run("", "exec", name, "sh", "-c", "echo out; echo err >&2; exit 7");
    assertThat(result).isEqualTo(new Cli.Result(7, "out", "err"));
    assertThat(docker.run("typed", "exec", "-i", name, "cat").output()).isEqualTo("typed");
    assertThat(docker.ok("exec", "-e", "A=b", "-w", "/etc", name, "sh", "-c", "echo $A $PWD $FROM"))
        .isEqualTo("b /etc image");
    Cli.Result missing = docker.run("", "exec", name, "no-such-command");
    assertThat(missing.exit()).isEqualTo(127);
    assertThat(missing.output())
        .isEqualTo(
            "OCI runtime exec failed: exec failed: unable to start container process: exec:"
                + " \"no-such-command\": executable file not found in $PATH: unknown");
    assertThat(docker.ok("exec", "-d", name, "true")).isEmpty();
    assertThat(docker.run("", "exec", "-u", "nobody-there", name, "true"))
        .isEqualTo(
            new Cli.Result(
                126, "unable to find user nobody-there: no matching entries in passwd file", ""));
  }

  @Test
  void executesOnATerminal() throws Exception {
    Task task = world.start("exec sleep 1000");
    Process script =
        new ProcessBuilder(
                "script",
                "-qec",
                "stty rows 33 cols 77; docker -H unix://"
                    + world.socket()
                    + " exec -it "
                    + EngineWorld.name(task)
                    + " sh -c 'tty; until stty size | grep 33; do sleep 0.1; done; exit 5'",
                "/dev/null")
            .redirectErrorStream(true)
            .start();
    String output = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(script.waitFor()).as(output).isEqualTo(5);
    assertThat(output).contains("/dev/pts/0").contains("33 77");
  }

  @Test
  void holdsUpAnExecForASlowReader() throws Exception {
    Task task = world.start("exec sleep 1000");
    Task other = world.start("i=0; while true; do i=$((i+1)); echo line $i; sleep 0.05; done");
    Process slow =
        new ProcessBuilder(
                "sh",
                "-c",
                "docker -H unix://"
                    + world.socket()
                    + " exec "
                    + EngineWorld.name(task)
                    + " dd if=/dev/zero bs=1M count=100 2>/dev/null | (while [ ! -e "
                    + world.directory().resolve("go")
                    + " ]; do sleep 0.1; done; wc -c)")
            .start();
    // Others go on meanwhile.
    String name = EngineWorld.name(other);
    int before = docker.ok("logs", name).length();
    EngineWorld.eventually(
        () -> "more lines", () -> docker.ok("logs", name).length() > before + 100);
    assertThat(slow.isAlive()).isTrue();
    Files.createFile(world.directory().resolve("go"));
    String count = new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(slow.waitFor()).isZero();
    assertThat(count).isEqualTo(Integer.toString(100 << 20));
  }

  @Test
  void showsProcessesAndUse() throws Exception {
    Task task = world.start("exec sleep 1234");
    String name = EngineWorld.name(task);
    assertThat(docker.ok("top", name)).contains("UID").contains("sleep 1234");
    assertThat(docker.ok("top", name, "-o", "pid,comm").lines()).hasSize(2);
    assertThat(docker.fails("top", name, "-o", "pid=x,comm=PID")).contains("is not allowed");
    assertThat(
            docker.ok(
                "stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}} {{.MemUsage}}", name))
        .startsWith(name + " 1 ")
        .contains("iB / ");
  }

  @Test
  void killsPausesStopsAndRemoves() throws Exception {
    Task task =
        world.start(
            "trap 'echo hup' HUP; trap 'exit 3' TERM; echo set; while true; do sleep 0.1; done");
    String name = EngineWorld.name(task);
    EngineWorld.eventually(() -> "trap", () -> docker.ok("logs", name).contains("set"));
    assertThat(docker.ok("kill", "-s", "HUP", name)).isEqualTo(name);
    EngineWorld.eventually(() -> "hup", () -> docker.ok("logs", name).contains("hup"));
    docker.ok("pause", name);
    assertThat(docker.ok("ps", "--format", "{{.Status}}", "--filter", "name=" + name))
        .contains("(Paused)");
    assertThat(docker.fails("exec", name, "true")).contains("is paused, unpause the container");
    assertThat(docker.fails("pause", name)).contains("is already paused");
    docker.ok("unpause", name);
    assertThat(docker.fails("rm", name))
        .contains("cannot remove container")
        .contains("container is running");
    CompletableFuture<String> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return docker.ok("wait", name);
              } catch (Exception failure) {
                throw new IllegalStateException(failure);
              }
            });
    docker.ok("stop", name);
    assertThat(waiting.get()).isEqualTo("3");
    world.awaitEnd(task);
    assertThat(docker.ok("ps", "-a", "--format", "{{.Status}}", "--filter", "name=" + name))
        .startsWith("Exited (3)");
    assertThat(docker.fails("start", name)).contains("a task runs once");
    assertThat(docker.ok("rm", name)).isEqualTo(name);
    assertThat(docker.fails("inspect", name)).containsIgnoringCase("no such object");
  }

  @Test
  void endsFrozenContainers() throws Exception {
    Task task = world.start("exec sleep 1000");
    docker.ok("pause", EngineWorld.name(task));
    docker.ok("rm", "-f", EngineWorld.name(task));
    assertThat(docker.ok("ps", "-aq", "--filter", "name=" + EngineWorld.name(task))).isEmpty();
  }

  @Test
  void tellsEvents() throws Exception {
    long since = Instant.now().getEpochSecond();
    Task task = world.start("exec sleep 1000");
    String name = EngineWorld.name(task);
    docker.ok("exec", name, "true");
    docker.ok("rm", "-f", name);
    EngineWorld.eventually(
        () -> "destroyed", () -> events(since, "container=" + name).endsWith("destroy"));
    assertThat(events(since, "container=" + name).lines())
        .containsSubsequence(
            "create", "start", "exec_create: true", "exec_start: true", "die", "destroy")
        .contains("exec_die");
    assertThat(
            events(
                    since,
                    "type=container",
                    "type=network",
                    "event=start",
                    "event=die",
                    "event=connect",
                    "event=disconnect")
                .lines())
        .containsSubsequence("connect", "start", "die", "disconnect");
    String network =
        docker.ok(
            "events",
            "--since",
            Long.toString(since),
            "--until",
            Long.toString(Instant.now().getEpochSecond() + 1),
            "--filter",
            "type=network",
            "--format",
            "{{.Action}} {{.Actor.Attributes.container}} {{.Actor.Attributes.name}}");
    assertThat(network.lines())
        .contains(
            "connect " + EngineWorld.id(task) + " bridge",
            "disconnect " + EngineWorld.id(task) + " bridge");
  }

  private static String events(long since, String... filters) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "events",
                "--since",
                Long.toString(since),
                "--until",
                Long.toString(Instant.now().getEpochSecond() + 1),
                "--format",
                "{{.Action}}"));
    for (String filter : filters) {
      command.add("--filter");
      command.add(filter);
    }
    return docker.ok(command.toArray(String[]::new));
  }

  @Test
  void attaches() throws Exception {
    Task task =
        world.start(
            spec ->
                spec.addArgs("sh")
                    .addArgs("-c")
                    .addArgs("read x; echo got $x; exit 4")
                    .setOpenStdin(true));
    Cli.Result result = docker.run("word\n", "attach", EngineWorld.name(task));
    assertThat(result.output()).contains("got word");
    world.awaitEnd(task);
    assertThat(inspect(task).at("/State/ExitCode").asInt()).isEqualTo(4);
  }
}
