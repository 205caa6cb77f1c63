package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.ProcessIdentity;
import dev.hanse.lab.demo.WebRequest;
import dev.hanse.systemtest.Services.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Processes die, cables are pulled, tables are flushed: what was acknowledged stays, what can go on
 * goes on.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DaemonFaultTest {
  private static final Duration FAILOVER_LIMIT = Duration.ofSeconds(60);

  private OwnLab own;
  private Lab lab;
  private DockerCommand docker;
  private Services services;

  @BeforeAll
  void make() {
    own = OwnLab.of("faults", 1, 2);
    lab = own.lab();
    docker = own.docker();
    services = own.services();
  }

  /** Also after a story that failed half way, so that the next has a whole swarm. */
  @AfterEach
  void repair_and_remove_services() {
    own.repairAndRemoveServices();
  }

  @AfterAll
  void take_down() {
    own.close();
  }

  @Test
  void a_manager_killed_at_any_moment_loses_nothing_acknowledged_and_touches_no_container()
      throws Exception {
    List<String> acknowledged = new ArrayList<>();
    docker.create("--name", "web", "--replicas", "3", "-p", "8080:80", SharedLab.IMAGE);
    List<Task> before = services.running("web");
    for (int round = 1; round <= 3; round++) {
      Thread killer = killSoon(40L * round);
      int number = 0;
      while (killer.isAlive()) {
        String name = "idle-" + round + "-" + number++;
        if (docker
                .attempt(
                    "service",
                    "create",
                    "--detach",
                    "--name",
                    name,
                    "--replicas",
                    "0",
                    SharedLab.IMAGE)
                .status()
            == 0) {
          acknowledged.add(name);
        }
      }
      lab.restart("host1");
      eventually(
          () ->
              assertThat(docker.run("service", "ls", "--format", "{{.Name}}").lines())
                  .containsAll(acknowledged));
      eventually(
          () ->
              assertThat(docker.run("node", "ls", "--format", "{{.Status}}").lines())
                  .containsOnly("Ready"));
      assertThat(services.awaitRunning("web", 3)).isEqualTo(before);
      for (Task task : before) {
        assertThat(ProcessIdentity.of(task.pid())).isPresent();
      }
    }
    for (HostState host : lab.hosts()) {
      eventually(() -> assertThat(WebRequest.send(host.address(), 8080).status()).isEqualTo(200));
    }
  }

  @Test
  void a_killed_worker_daemon_comes_back_to_its_running_containers() throws Exception {
    // On a slow machine the other nodes give it up before it is back: its tasks shall wait.
    docker.create(
        "--name",
        "web",
        "--replicas",
        "3",
        "--label",
        "hanse.disconnect=keep:60s",
        "-p",
        "8080:80",
        SharedLab.IMAGE);
    List<Task> before = services.running("web");
    lab.kill("host2");
    // The containers go on, and so does the mesh, while no daemon is there.
    assertThat(WebRequest.send(lab.host("host2").address(), 8080).status()).isEqualTo(200);
    lab.restart("host2");
    eventually(
        () ->
            assertThat(docker.run("node", "ls", "--format", "{{.Status}}").lines())
                .containsOnly("Ready"));
    assertThat(services.awaitRunning("web", 3)).isEqualTo(before);
    DockerCommand onHost = new DockerCommand(lab, "host2");
    Task own =
        before.stream().filter(task -> task.host().equals("host2")).findFirst().orElseThrow();
    assertThat(onHost.run("exec", own.containerId(), "hostname"))
        .isEqualTo(own.containerHostname());
  }

  @Test
  void a_daemon_that_stays_dead_is_down_its_tasks_run_elsewhere_and_back_it_drops_them()
      throws Exception {
    docker.create("--name", "web", "--replicas", "3", SharedLab.IMAGE);
    Task orphan =
        services.running("web").stream()
            .filter(task -> task.host().equals("host3"))
            .findFirst()
            .orElseThrow();
    lab.kill("host3");
    eventually(FAILOVER_LIMIT, () -> assertThat(statusOf("host3")).isEqualTo("Down"));
    eventually(
        () ->
            assertThat(services.running("web"))
                .hasSize(3)
                .extracting(Task::host)
                .doesNotContain("host3"));
    // Nobody stopped the old container: the agent does so as soon as it is back.
    ProcessIdentity container = ProcessIdentity.of(orphan.pid()).orElseThrow();
    assertThat(container.alive()).isTrue();
    lab.restart("host3");
    eventually(() -> assertThat(statusOf("host3")).isEqualTo("Ready"));
    eventually(() -> assertThat(container.alive()).isFalse());
    eventually(() -> assertThat(lab.docker("host3").get("/containers/json")).isEmpty());
    assertThat(services.running("web")).hasSize(3);
  }

  @Test
  void a_node_without_power_is_down_its_tasks_run_elsewhere_and_back_it_has_none_of_the_old()
      throws Exception {
    docker.create("--name", "web", "--replicas", "3", SharedLab.IMAGE);
    lab.powerOff("host3");
    eventually(FAILOVER_LIMIT, () -> assertThat(statusOf("host3")).isEqualTo("Down"));
    eventually(
        FAILOVER_LIMIT,
        () ->
            assertThat(services.running("web"))
                .hasSize(3)
                .extracting(Task::host)
                .doesNotContain("host3"));
    lab.restart("host3");
    eventually(() -> assertThat(statusOf("host3")).isEqualTo("Ready"));
    eventually(() -> assertThat(lab.docker("host3").get("/containers/json")).isEmpty());
    assertThat(services.running("web")).hasSize(3);
  }

  @Test
  void a_node_cut_off_drops_what_is_no_longer_its_own_when_it_returns() throws Exception {
    docker.create("--name", "web", "--replicas", "3", "-p", "8080:80", SharedLab.IMAGE);
    lab.partition("host2");
    eventually(FAILOVER_LIMIT, () -> assertThat(statusOf("host2")).isEqualTo("Down"));
    eventually(
        FAILOVER_LIMIT,
        () ->
            assertThat(services.running("web"))
                .hasSize(3)
                .extracting(Task::host)
                .doesNotContain("host2"));
    assertThat(lab.docker("host2").get("/containers/json")).hasSize(1);
    lab.heal("host2");
    eventually(FAILOVER_LIMIT, () -> assertThat(statusOf("host2")).isEqualTo("Ready"));
    eventually(() -> assertThat(lab.docker("host2").get("/containers/json")).isEmpty());
    eventually(
        () ->
            assertThat(WebRequest.send(lab.host("host2").address(), 8080).status()).isEqualTo(200));
  }

  @Test
  void a_killed_containerd_comes_back_and_the_containers_never_notice() throws Exception {
    docker.create("--name", "web", "--constraint", "node.hostname==host2", SharedLab.IMAGE);
    Task before = services.awaitRunning("web", 1).getFirst();
    ProcessIdentity containerd = containerdOf(lab.host("host2"));
    containerd.kill();
    DockerCommand host = new DockerCommand(lab, "host2");
    eventually(
        () ->
            assertThat(host.attempt("exec", before.containerId(), "hostname").out().strip())
                .isEqualTo(before.containerHostname()));
    docker.run("service", "scale", "web=2");
    assertThat(services.running("web")).contains(before).hasSize(2);
  }

  @Test
  void flushed_tables_are_repaired() throws Exception {
    docker.create("--name", "web", "-p", "8080:80", SharedLab.IMAGE);
    for (HostState host : lab.hosts()) {
      eventually(() -> assertThat(WebRequest.send(host.address(), 8080).status()).isEqualTo(200));
      assertThat(
              new DockerCommand(lab, host.name()).run(List.of("nft", "flush", "ruleset")).status())
          .isZero();
    }
    for (HostState host : lab.hosts()) {
      eventually(() -> assertThat(WebRequest.send(host.address(), 8080).status()).isEqualTo(200));
    }
  }

  @Test
  void a_forward_policy_of_drop_does_not_stop_the_mesh() throws Exception {
    String rules =
        "table ip filter { chain FORWARD { type filter hook forward priority 0; policy drop; }; }";
    for (HostState host : lab.hosts()) {
      DockerCommand onHost = new DockerCommand(lab, host.name());
      assertThat(onHost.run(List.of("nft", rules)).status()).isZero();
    }
    try {
      docker.create("--name", "web", "-p", "8080:80", SharedLab.IMAGE);
      for (HostState host : lab.hosts()) {
        eventually(() -> assertThat(WebRequest.send(host.address(), 8080).status()).isEqualTo(200));
      }
      Task task = services.awaitRunning("web", 1).getFirst();
      DockerCommand onHost = new DockerCommand(lab, task.host());
      eventually(
          () ->
              assertThat(
                      onHost
                          .attempt(
                              "exec",
                              task.containerId(),
                              "ping",
                              "-c",
                              "1",
                              "-W",
                              "1",
                              lab.machine())
                          .status())
                  .isZero());
    } finally {
      for (HostState host : lab.hosts()) {
        new DockerCommand(lab, host.name()).run(List.of("nft", "delete table ip filter"));
      }
    }
  }

  private Thread killSoon(long millis) {
    // How far the manager has come when it dies is left to chance on purpose.
    return Thread.ofVirtual()
        .start(
            () -> {
              LockSupport.parkNanos(millis * 1_000_000);
              lab.kill("host1");
            });
  }

  private String statusOf(String host) {
    JsonNode node = docker.json("node", "inspect", host).path(0);
    String state = node.at("/Status/State").asText();
    return state.isEmpty() ? "" : Character.toUpperCase(state.charAt(0)) + state.substring(1);
  }

  /** The containerd whose command line names the host's directory, as the daemon's does, too. */
  private static ProcessIdentity containerdOf(HostState host) throws IOException {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process : processes.toList()) {
        String pid = String.valueOf(process.getFileName());
        if (pid.chars().allMatch(Character::isDigit)) {
          String command = commandLine(process);
          String program = command.split("\0", 2)[0];
          if (program.endsWith("/containerd") && command.contains(host.execRoot().toString())) {
            return ProcessIdentity.of(Long.parseLong(pid)).orElseThrow();
          }
        }
      }
    }
    throw new AssertionError("no containerd of " + host.name());
  }

  private static String commandLine(Path process) {
    try {
      return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
