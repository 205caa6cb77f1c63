package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.demo.WebRequest;
import dev.hanse.systemtest.Services.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The nodes notice by themselves who is dead, and who only was silent for a while. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LivenessTest {
  private static final System.Logger log = System.getLogger(LivenessTest.class.getName());

  /** What the manager says of a node whose heartbeats ended; gossip must have come before. */
  private static final String HEARTBEATS_ENDED = "heartbeat failure";

  private OwnLab own;
  private Lab lab;
  private DockerCommand docker;
  private Services services;

  @BeforeAll
  void make() {
    own = OwnLab.of("liveness", 1, 2);
    lab = own.lab();
    docker = own.docker();
    services = own.services();
  }

  @AfterEach
  void repair_and_remove_services() {
    own.repairAndRemoveServices();
    lab.hosts().forEach(host -> services.awaitGone("web"));
  }

  @AfterAll
  void take_down() {
    own.close();
  }

  @Test
  void a_dead_worker_is_down_and_replaced_before_its_heartbeats_are_missed() throws Exception {
    docker.create("--name", "web", "--replicas", "3", SharedLab.IMAGE);
    assertThat(services.awaitRunning("web", 3)).extracting(Task::host).contains("host3");
    long death = System.nanoTime();
    lab.powerOff("host3");
    eventually(() -> assertThat(state("host3")).isEqualTo("down"));
    long down = System.nanoTime();
    assertThat(statusMessage("host3")).isNotEmpty().doesNotContain(HEARTBEATS_ENDED);
    eventually(
        () ->
            assertThat(services.running("web"))
                .hasSize(3)
                .extracting(Task::host)
                .doesNotContain("host3"));
    log.log(
        System.Logger.Level.INFO,
        "down after {0} ms, replaced after {1} ms",
        (down - death) / 1_000_000,
        (System.nanoTime() - death) / 1_000_000);
  }

  @Test
  void a_daemon_that_stands_still_for_two_seconds_is_not_down() throws Exception {
    docker.create("--name", "web", "--replicas", "3", SharedLab.IMAGE);
    List<Task> before = services.awaitRunning("web", 3);
    long version = version("host2");
    long pid = lab.host("host2").daemon().orElseThrow().pid();
    signal("STOP", pid);
    LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
    signal("CONT", pid);
    // It does again what it is told, and nothing was written about it meanwhile.
    docker.run("service", "scale", "web=6");
    assertThat(services.awaitRunning("web", 6)).containsAll(before);
    assertThat(version("host2")).isEqualTo(version);
  }

  @Test
  void a_node_whose_containerd_hangs_says_so_keeps_its_tasks_and_gets_no_others() throws Exception {
    docker.create("--name", "web", "--replicas", "3", SharedLab.IMAGE);
    List<Task> before = services.awaitRunning("web", 3);
    HostState ill = lab.host("host3");
    long containerd =
        Long.parseLong(
            Files.readString(ill.execRoot().resolve("containerd/containerd.pid")).strip());
    signal("STOP", containerd);
    try {
      eventually(() -> assertThat(state("host3")).isEqualTo("disconnected"));
      assertThat(statusMessage("host3")).isEqualTo("unhealthy: containerd: does not answer");
      assertThat(docker.run("node", "ls", "--format", "{{.Hostname}} {{.Status}}").lines())
          .contains("host1 Ready", "host2 Ready", "host3 Disconnected");
      assertThat(new DockerCommand(lab, "host3").attempt("info").err())
          .contains("WARNING: containerd: does not answer");
      assertThat(lab.docker("host3").ask("/hanse/v1/health").status()).isEqualTo(503);
      assertThat(lab.docker("host2").ask("/hanse/v1/health").status()).isEqualTo(200);

      docker.run("service", "scale", "web=6");
      assertThat(services.awaitRunning("web", 6))
          .containsAll(before)
          .filteredOn(task -> !before.contains(task))
          .extracting(Task::host)
          .hasSize(3)
          .doesNotContain("host3");
      docker.run(
          "service",
          "create",
          "--detach",
          "--name",
          "pinned",
          "--constraint",
          "node.hostname==host3",
          SharedLab.IMAGE);
      eventually(
          () ->
              assertThat(
                      docker.run("service", "ps", "--no-trunc", "--format", "{{.Error}}", "pinned"))
                  .contains("no suitable node (", "1 node is unhealthy"));
    } finally {
      signal("CONT", containerd);
    }
    eventually(() -> assertThat(state("host3")).isEqualTo("ready"));
    services.awaitRunning("pinned", 1);
    assertThat(services.running("web")).containsAll(before);
    assertThat(lab.docker("host3").ask("/hanse/v1/health").status()).isEqualTo(200);
  }

  @Test
  void hosts_that_reach_each_other_send_nothing_to_one_that_is_cut_off() throws Exception {
    docker.create(
        "--name",
        "web",
        "--replicas",
        "3",
        "--label",
        "hanse.disconnect=keep:10m",
        "-p",
        "8080:80",
        SharedLab.IMAGE);
    List<Task> before = services.awaitRunning("web", 3);
    eventually(() -> assertThat(answering("host3")).hasSize(3));
    String cutOff =
        before.stream()
            .filter(task -> task.host().equals("host2"))
            .findFirst()
            .orElseThrow()
            .containerHostname();
    lab.partition("host2");
    // Each round stands for a dozen connections that all succeed, none of them to the lost host.
    for (String host : List.of("host1", "host3")) {
      eventually(() -> assertThat(answering(host)).hasSize(2).doesNotContain(cutOff));
    }
    eventually(() -> assertThat(state("host2")).isEqualTo("down"));
    assertThat(services.running("web")).as("kept").isEqualTo(before);
    lab.heal("host2");
    for (HostState host : lab.hosts()) {
      eventually(() -> assertThat(answering(host.name())).hasSize(3).contains(cutOff));
    }
    eventually(() -> assertThat(state("host2")).isEqualTo("ready"));
    assertThat(services.running("web")).as("nothing was restarted").isEqualTo(before);
  }

  @Test
  void a_node_away_for_less_than_the_label_allows_goes_on_with_its_tasks() throws Exception {
    docker.create(
        "--name",
        "web",
        "--replicas",
        "3",
        "--label",
        "hanse.disconnect=keep:60s",
        SharedLab.IMAGE);
    List<Task> before = services.awaitRunning("web", 3);
    lab.partition("host3");
    eventually(() -> assertThat(state("host3")).isEqualTo("down"));
    lab.heal("host3");
    eventually(() -> assertThat(state("host3")).isEqualTo("ready"));
    docker.run("service", "scale", "web=4");
    assertThat(services.awaitRunning("web", 4)).containsAll(before);
    DockerCommand.Result refused =
        docker.attempt("service", "update", "--label-add", "hanse.disconnect=keep", "web");
    assertThat(refused.status()).isNotZero();
    assertThat(refused.err()).contains("hanse.disconnect").contains("keep:60s");
  }

  @Test
  void while_the_manager_is_away_the_published_port_answers_on_the_others() throws Exception {
    docker.create("--name", "web", "--replicas", "3", "-p", "8080:80", SharedLab.IMAGE);
    services.awaitRunning("web", 3);
    for (String host : List.of("host2", "host3")) {
      eventually(() -> assertThat(answering(host)).hasSize(3));
    }
    lab.kill("host1");
    Thread restart = Thread.ofVirtual().start(() -> lab.restart("host1"));
    while (restart.isAlive()) {
      assertThat(answering("host2")).isNotEmpty();
      assertThat(answering("host3")).isNotEmpty();
    }
    eventually(() -> assertThat(state("host1")).isEqualTo("ready"));
    for (HostState host : lab.hosts()) {
      eventually(() -> assertThat(answering(host.name())).hasSize(3));
    }
  }

  /** Who answers a dozen connections to a host's published port; all must succeed. */
  private Set<String> answering(String host) {
    Set<String> containers = new TreeSet<>();
    for (int turn = 0; turn < 12; turn++) {
      try {
        WebRequest answer = WebRequest.send(lab.host(host).address(), 8080);
        assertThat(answer.status()).isEqualTo(200);
        containers.add(answer.container());
      } catch (IOException failure) {
        throw new AssertionError("connection " + turn + " to " + host, failure);
      }
    }
    return containers;
  }

  private static void signal(String name, long pid) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start();
    assertThat(kill.waitFor()).isZero();
  }

  private String state(String host) {
    return node(host).at("/Status/State").asText();
  }

  private String statusMessage(String host) {
    return node(host).at("/Status/Message").asText();
  }

  private long version(String host) {
    return node(host).at("/Version/Index").asLong();
  }

  private JsonNode node(String host) {
    return docker.json("node", "inspect", host).path(0);
  }
}
