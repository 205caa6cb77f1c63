package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.lab.Lab;
import dev.hanse.lab.ProcessIdentity;
import dev.hanse.systemtest.Services.Task;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The life of services: made, shown, scaled, changed, moved, ended. */
@OnSharedLab
class ServiceTest {
  private final Lab lab;
  private final DockerCommand docker;
  private final Services services;

  ServiceTest(Lab lab, DockerCommand docker) {
    this.lab = lab;
    this.docker = docker;
    this.services = new Services(lab);
  }

  @Test
  void create_shows_its_progress_until_the_service_has_converged() throws Exception {
    String output =
        docker.run("service", "create", "--name", "web", "--replicas", "3", SharedLab.IMAGE);
    assertThat(output).contains("overall progress: 3 out of 3 tasks").contains("onverged");
    assertThat(services.running("web")).hasSize(3);
    assertThat(
            docker.run("service", "ls", "--format", "{{.Name}} {{.Mode}} {{.Replicas}} {{.Image}}"))
        .isEqualTo("web replicated 3/3 " + SharedLab.IMAGE);
    String tasks =
        docker.run(
            "service", "ps", "web", "--format", "{{.Name}} {{.DesiredState}} {{.CurrentState}}");
    assertThat(tasks.lines().sorted())
        .hasSize(3)
        .allSatisfy(line -> assertThat(line).matches("web\\.[123] Running Running .*ago"));
    assertThat(docker.run("service", "inspect", "--pretty", "web"))
        .contains("Name:\t\tweb", "Replicas:\t3", SharedLab.IMAGE);
  }

  @Test
  void tasks_are_spread_over_the_hosts_and_scale_both_ways() throws Exception {
    docker.create("--name", "web", "--replicas", "3", SharedLab.IMAGE);
    assertThat(services.running("web")).extracting(Task::host).doesNotHaveDuplicates();
    docker.run("service", "scale", "web=7");
    assertThat(services.running("web")).hasSize(7);
    assertThat(services.running("web")).extracting(Task::slot).doesNotHaveDuplicates();
    docker.run("service", "scale", "web=2");
    services.awaitRunning("web", 2);
    docker.run("service", "scale", "web=0");
    services.awaitGone("web");
    docker.run("service", "rm", "web");
    assertThat(docker.refused("service", "inspect", "web")).contains("no such service: web");
  }

  @Test
  void a_killed_container_is_replaced_and_the_history_tells_why() throws Exception {
    docker.create("--name", "web", "--restart-delay", "0s", SharedLab.IMAGE);
    Task first = services.awaitRunning("web", 1).getFirst();
    ProcessIdentity.of(first.pid()).orElseThrow().kill();
    eventually(
        () ->
            assertThat(services.running("web"))
                .extracting(Task::id)
                .isNotEmpty()
                .doesNotContain(first.id()));
    Task failed =
        services.tasks("web").stream()
            .filter(t -> t.id().equals(first.id()))
            .findFirst()
            .orElseThrow();
    assertThat(failed.state()).isEqualTo("failed");
    assertThat(failed.error()).isEqualTo("task: non-zero exit (137)");
    assertThat(docker.run("service", "ps", "--no-trunc", "web"))
        .contains("task: non-zero exit (137)");
  }

  @Test
  void restarts_end_when_the_condition_says_so() throws Exception {
    docker.run(
        "service",
        "create",
        "--detach",
        "--name",
        "once",
        "--restart-condition",
        "none",
        SharedLab.IMAGE,
        "true");
    eventually(
        () ->
            assertThat(services.tasks("once")).extracting(Task::state).containsExactly("complete"));
    docker.run(
        "service",
        "create",
        "--detach",
        "--name",
        "thrice",
        "--restart-max-attempts",
        "2",
        "--restart-delay",
        "10ms",
        SharedLab.IMAGE,
        "false");
    eventually(
        () ->
            assertThat(services.tasks("thrice"))
                .hasSize(3)
                .extracting(Task::state)
                .containsOnly("failed"));
    assertThat(services.tasks("once")).hasSize(1);
  }

  @Test
  void the_history_of_a_slot_is_kept_five_deep() throws Exception {
    docker.run(
        "service",
        "create",
        "--detach",
        "--name",
        "loop",
        "--restart-delay",
        "10ms",
        SharedLab.IMAGE,
        "false");
    Set<String> seen = new HashSet<>();
    eventually(
        () -> {
          services.tasks("loop").forEach(task -> seen.add(task.id()));
          assertThat(seen).hasSizeGreaterThan(8);
        });
    eventually(() -> assertThat(services.tasks("loop")).hasSizeBetween(5, 6));
  }

  @Test
  void a_change_of_the_specification_replaces_the_tasks_one_by_one() throws Exception {
    docker.create("--name", "web", "--replicas", "3", "--env", "V=1", SharedLab.IMAGE);
    Set<String> before = ids(services.running("web"));
    String output =
        docker.run("service", "update", "--env-add", "V=2", "--update-monitor", "1s", "web");
    assertThat(output).contains("onverged");
    List<Task> after = services.awaitRunning("web", 3);
    assertThat(ids(after)).doesNotContainAnyElementsOf(before);
    for (Task task : after) {
      DockerCommand onHost = new DockerCommand(lab, task.host());
      assertThat(onHost.run("exec", task.containerId(), "sh", "-c", "echo $V")).isEqualTo("2");
    }
    JsonNode service = docker.json("service", "inspect", "web");
    assertThat(service.at("/0/UpdateStatus/State").asText()).isEqualTo("completed");
    assertThat(service.at("/0/PreviousSpec/TaskTemplate/ContainerSpec/Env/0").asText())
        .isEqualTo("V=1");
  }

  @Test
  void a_drained_node_loses_its_tasks_and_a_paused_one_gets_no_new_ones() throws Exception {
    docker.create("--name", "web", "--replicas", "3", SharedLab.IMAGE);
    try {
      docker.run("node", "update", "--availability", "drain", "host3");
      eventually(
          () ->
              assertThat(services.running("web"))
                  .hasSize(3)
                  .extracting(Task::host)
                  .doesNotContain("host3"));
      docker.run("node", "update", "--availability", "active", "host3");
      docker.run("node", "update", "--availability", "pause", "host2");
      long paused = onHost("host2");
      docker.run("service", "scale", "web=8");
      assertThat(onHost("host2")).isEqualTo(paused);
      assertThat(onHost("host3")).isPositive();
    } finally {
      docker.run("node", "update", "--availability", "active", "host2");
      docker.run("node", "update", "--availability", "active", "host3");
    }
  }

  @Test
  void constraints_and_reservations_keep_tasks_where_they_may_be() throws Exception {
    docker.run("node", "update", "--label-add", "disk=fast", "host2");
    docker.create(
        "--name",
        "web",
        "--replicas",
        "3",
        "--constraint",
        "node.labels.disk==fast",
        SharedLab.IMAGE);
    assertThat(services.running("web")).extracting(Task::host).containsOnly("host2");
    docker.run(
        "service",
        "create",
        "--detach",
        "--name",
        "nowhere",
        "--constraint",
        "node.labels.disk==slow",
        SharedLab.IMAGE);
    docker.run(
        "service",
        "create",
        "--detach",
        "--name",
        "huge",
        "--reserve-memory",
        "900G",
        SharedLab.IMAGE);
    eventually(
        () ->
            assertThat(docker.run("service", "ps", "--no-trunc", "nowhere"))
                .contains("no suitable node (scheduling constraints not satisfied on 3 nodes)"));
    eventually(
        () ->
            assertThat(docker.run("service", "ps", "--no-trunc", "huge"))
                .contains("no suitable node (insufficient resources on 3 nodes)"));
    docker.run("node", "update", "--label-add", "disk=slow", "host3");
    services.awaitRunning("nowhere", 1);
    docker.run("node", "update", "--label-rm", "disk", "host2");
    docker.run("node", "update", "--label-rm", "disk", "host3");
  }

  @Test
  void logs_of_all_tasks_come_together_and_can_be_followed() throws Exception {
    docker.create(
        "--name",
        "talk",
        "--replicas",
        "3",
        SharedLab.IMAGE,
        "sh",
        "-c",
        "echo up; echo trouble >&2; trap exit TERM; while true; do sleep 1; done");
    services.awaitRunning("talk", 3);
    eventually(
        () -> {
          DockerCommand.Result logs = docker.attempt("service", "logs", "talk");
          assertThat(logs.lines().stream().filter(line -> line.endsWith("| up"))).hasSize(3);
          assertThat(logs.err().lines().filter(line -> line.endsWith("| trouble"))).hasSize(3);
        });
    try (Following following = Following.of(docker.start("service", "logs", "-f", "talk"))) {
      following.awaitLines(3, line -> line.endsWith("| up"));
      docker.run("service", "scale", "--detach", "talk=4");
      following.awaitLines(4, line -> line.endsWith("| up"));
    }
  }

  @Test
  void events_tell_what_happens_to_services() throws Exception {
    try (Following events =
        Following.of(
            docker.start(
                "events", "--format", "{{.Type}} {{.Action}} {{.Actor.Attributes.name}}"))) {
      // The stream is open when something of it arrives: services are made until one is seen.
      docker.run(
          "service", "create", "--detach", "--name", "seen", "--replicas", "0", SharedLab.IMAGE);
      docker.run("service", "rm", "seen");
      events.awaitLines(1, line -> line.equals("service remove seen"));
    }
  }

  private long onHost(String host) throws Exception {
    return services.running("web").stream().filter(task -> task.host().equals(host)).count();
  }

  private static Set<String> ids(List<Task> tasks) {
    Set<String> ids = new HashSet<>();
    tasks.forEach(task -> ids.add(task.id()));
    return ids;
  }
}
