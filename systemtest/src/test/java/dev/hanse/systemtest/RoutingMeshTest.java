package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.demo.WebRequest;
import dev.hanse.systemtest.Services.Task;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Published ports answer on every host, and the containers see who asks. */
@OnSharedLab
class RoutingMeshTest {
  private static final int REQUESTS = 40;

  private final Lab lab;
  private final DockerCommand docker;
  private final Services services;

  RoutingMeshTest(Lab lab, DockerCommand docker) {
    this.lab = lab;
    this.docker = docker;
    this.services = new Services(lab);
  }

  @Test
  void every_host_answers_also_those_without_a_task_and_the_client_is_seen() throws Exception {
    docker.create("--name", "web", "-p", "8080:80", SharedLab.IMAGE);
    assertThat(services.running("web")).hasSize(1);
    for (HostState host : lab.hosts()) {
      WebRequest answer = awaitAnswer(host, 8080);
      assertThat(answer.clientSeen()).as("asked through %s", host.name()).isEqualTo(lab.machine());
    }
  }

  @Test
  void requests_are_spread_over_all_tasks_from_every_entry() throws Exception {
    docker.create("--name", "web", "--replicas", "4", "-p", "8080:80", SharedLab.IMAGE);
    Set<String> all = containers(services.running("web"));
    assertThat(all).hasSize(4);
    for (HostState host : lab.hosts()) {
      awaitAnswer(host, 8080);
      Set<String> seen = new HashSet<>();
      for (int request = 0; request < REQUESTS; request++) {
        seen.add(WebRequest.send(host.address(), 8080).container());
      }
      assertThat(seen).as("asked through %s", host.name()).isEqualTo(all);
    }
  }

  @Test
  void another_port_is_published_and_withdrawn_without_touching_the_tasks() throws Exception {
    docker.create("--name", "web", "--replicas", "2", "-p", "8080:80", SharedLab.IMAGE);
    List<Task> before = services.running("web");
    docker.run("service", "update", "--publish-add", "published=8081,target=80", "web");
    for (HostState host : lab.hosts()) {
      awaitAnswer(host, 8081);
      awaitAnswer(host, 8080);
    }
    // The command line withdraws by the container's port: both of it.
    docker.run("service", "update", "--publish-rm", "80", "--publish-add", "8082:80", "web");
    for (HostState host : lab.hosts()) {
      awaitAnswer(host, 8082);
      eventually(() -> assertThat(answers(host, 8080)).isFalse());
      eventually(() -> assertThat(answers(host, 8081)).isFalse());
    }
    assertThat(services.running("web")).isEqualTo(before);
    assertThat(services.tasks("web")).hasSameSizeAs(before);
  }

  @Test
  void a_port_is_chosen_when_none_is_named() throws Exception {
    docker.create("--name", "web", "-p", "80", SharedLab.IMAGE);
    int port =
        docker.json("service", "inspect", "web").at("/0/Endpoint/Ports/0/PublishedPort").asInt();
    assertThat(port).isBetween(30000, 32767);
    awaitAnswer(lab.host("host3"), port);
  }

  @Test
  void a_host_answers_itself_by_loopback_and_by_its_address() throws Exception {
    docker.create("--name", "web", "-p", "8080:80", SharedLab.IMAGE);
    for (HostState host : lab.hosts()) {
      DockerCommand onHost = new DockerCommand(lab, host.name());
      for (String address : List.of("127.0.0.1", "[::1]", host.address())) {
        List<String> wget =
            List.of("timeout", "3", "busybox", "wget", "-qO", "-", "http://" + address + ":8080/");
        eventually(
            () ->
                assertThat(onHost.run(wget).out())
                    .as("%s on %s", address, host.name())
                    .contains("container: "));
      }
    }
  }

  @Test
  void udp_is_carried_as_well() throws Exception {
    // busybox has no UDP server: the machine's socat, from a read-only mount of its root.
    docker.create(
        "--name",
        "echo",
        "-p",
        "9000:9000/udp",
        "--mount",
        "type=bind,source=/,target=/host,readonly",
        SharedLab.IMAGE,
        "chroot",
        "/host",
        "socat",
        "UDP4-RECVFROM:9000,fork",
        "EXEC:cat");
    services.awaitRunning("echo", 1);
    for (HostState host : lab.hosts()) {
      eventually(() -> assertThat(UdpEcho.ask(host.address(), 9000, "ahoy")).isEqualTo("ahoy"));
    }
  }

  @Test
  void a_port_in_host_mode_answers_only_where_a_task_runs() throws Exception {
    docker.create(
        "--name", "web", "--publish", "mode=host,published=8085,target=80", SharedLab.IMAGE);
    Task task = services.awaitRunning("web", 1).getFirst();
    awaitAnswer(lab.host(task.host()), 8085);
    for (HostState host : lab.hosts()) {
      if (!host.name().equals(task.host())) {
        assertThat(answers(host, 8085)).as(host.name()).isFalse();
      }
    }
    docker.run("service", "scale", "web=3");
    assertThat(services.running("web")).extracting(Task::host).doesNotHaveDuplicates();
  }

  @Test
  void a_port_in_host_mode_goes_over_where_start_first_would_wait_for_ever() throws Exception {
    docker.create(
        "--name",
        "web",
        "--mode",
        "global",
        "--update-order",
        "start-first",
        "--publish",
        "published=8080,target=80,mode=host",
        SharedLab.IMAGE);
    List<Task> before = services.awaitRunning("web", 3);
    docker.run("service", "update", "--env-add", "A=1", "web");
    assertThat(docker.run("service", "inspect", "--format", "{{.UpdateStatus.State}}", "web"))
        .isEqualTo("completed");
    assertThat(services.awaitRunning("web", 3)).doesNotContainAnyElementsOf(before);
    for (HostState host : lab.hosts()) {
      awaitAnswer(host, 8080);
    }
  }

  @Test
  void no_request_is_lost_while_tasks_are_taken_away() throws Exception {
    docker.create("--name", "web", "--replicas", "6", "-p", "8080:80", SharedLab.IMAGE);
    for (HostState host : lab.hosts()) {
      awaitAnswer(host, 8080);
    }
    docker.run("service", "scale", "--detach", "web=1");
    int asked = 0;
    while (services.running("web").size() > 1 || asked < REQUESTS) {
      for (HostState host : lab.hosts()) {
        assertThat(WebRequest.send(host.address(), 8080).status()).isEqualTo(200);
        asked++;
      }
    }
    assertThat(asked).isGreaterThanOrEqualTo(REQUESTS);
  }

  @Test
  void after_the_service_is_removed_the_port_is_closed() throws Exception {
    docker.create("--name", "web", "-p", "8080:80", SharedLab.IMAGE);
    awaitAnswer(lab.host("host2"), 8080);
    docker.run("service", "rm", "web");
    services.awaitGone("web");
    for (HostState host : lab.hosts()) {
      eventually(() -> assertThat(answers(host, 8080)).isFalse());
    }
  }

  private static WebRequest awaitAnswer(HostState host, int port) {
    eventually(() -> assertThat(answers(host, port)).as("%s:%d", host.name(), port).isTrue());
    try {
      return WebRequest.send(host.address(), port);
    } catch (IOException failure) {
      throw new AssertionError("answered before and does not now", failure);
    }
  }

  private static boolean answers(HostState host, int port) {
    try {
      return WebRequest.send(host.address(), port).status() == 200;
    } catch (IOException refused) {
      return false;
    }
  }

  private static Set<String> containers(List<Task> tasks) {
    Set<String> names = new HashSet<>();
    tasks.forEach(task -> names.add(task.containerHostname()));
    return names;
  }
}
