package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hanse.lab.Lab;
import dev.hanse.lab.client.DockerClient;
import dev.hanse.lab.client.DockerException;
import dev.hanse.systemtest.Services.Task;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked wrongly is refused with a reason, and changes nothing. */
@OnSharedLab
class BadInputTest {
  private final Lab lab;
  private final DockerCommand docker;
  private final Services services;

  BadInputTest(Lab lab, DockerCommand docker) {
    this.lab = lab;
    this.docker = docker;
    this.services = new Services(lab);
  }

  @AfterEach
  void all_nodes_are_well() {
    assertThat(docker.run("node", "ls", "--format", "{{.Status}}").lines())
        .containsOnly("Ready")
        .hasSize(3);
  }

  @Test
  void an_image_that_cannot_start_is_told_with_the_task() {
    docker.run(
        "service",
        "create",
        "--detach",
        "--restart-condition",
        "none",
        "--name",
        "broken",
        SharedLab.IMAGE,
        "/no/such/program");
    eventually(
        () -> {
          List<Task> tasks = services.tasks("broken");
          assertThat(tasks).hasSize(1);
          assertThat(tasks.getFirst().state()).isIn("failed", "rejected");
          assertThat(tasks.getFirst().error()).contains("/no/such/program");
        });
  }

  @Test
  void a_port_that_is_published_already_is_refused() {
    docker.create("--name", "first", "-p", "8080:80", SharedLab.IMAGE);
    assertThat(
            docker.refused(
                "service", "create", "--name", "second", "-p", "8080:80", SharedLab.IMAGE))
        .contains("port '8080' is already in use by service 'first'");
    assertThat(docker.run("service", "ls", "--format", "{{.Name}}")).isEqualTo("first");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-a", "a_", "with space", "ä", "a/b"})
  void an_invalid_service_name_is_refused(String name) {
    assertThat(docker.refused("service", "create", "--name=" + name, SharedLab.IMAGE))
        .contains("name must be valid as a DNS name component");
  }

  @Test
  void a_name_that_is_taken_is_refused() {
    docker.create("--name", "web", SharedLab.IMAGE);
    assertThat(docker.refused("service", "create", "--name", "web", SharedLab.IMAGE))
        .contains("name conflicts with an existing object");
  }

  @Test
  void unknown_networks_secrets_and_configs_are_refused() {
    assertThat(docker.refused("service", "create", "--network", "nowhere", SharedLab.IMAGE))
        .containsAnyOf("network nowhere not found", "No such network: nowhere");
    assertThat(docker.refused("service", "create", "--secret", "none", SharedLab.IMAGE))
        .contains("secret not found: none");
    assertThat(docker.refused("service", "create", "--config", "none", SharedLab.IMAGE))
        .contains("config not found: none");
    assertThat(docker.refused("network", "inspect", "nowhere"))
        .containsAnyOf("network nowhere not found", "No such network: nowhere");
    assertThat(docker.refused("network", "rm", "nowhere"))
        .containsAnyOf("network nowhere not found", "No such network: nowhere");
  }

  @Test
  void invalid_networks_are_refused() {
    assertThat(
            docker.refused("network", "create", "-d", "overlay", "--subnet", "10.1.0.0/33", "bad"))
        .isNotEmpty();
    assertThat(
            docker.refused(
                "network",
                "create",
                "-d",
                "overlay",
                "--subnet",
                "10.1.0.0/24",
                "--gateway",
                "10.2.0.1",
                "bad"))
        .isNotEmpty();
    docker.run("network", "create", "-d", "overlay", "--subnet", "10.98.0.0/24", "good");
    assertThat(docker.refused("network", "create", "-d", "overlay", "good"))
        .contains("good already exists");
    assertThat(
            docker
                .run("network", "ls", "--filter", "driver=overlay", "--format", "{{.Name}}")
                .lines())
        .containsExactlyInAnyOrder("good", "ingress");
  }

  @ParameterizedTest
  @ValueSource(strings = {"node.role", "node.role=manager", "node.nope==1", "node.role==!x y"})
  void an_invalid_constraint_is_refused_or_never_satisfied(String constraint) {
    DockerCommand.Result result =
        docker.attempt(
            "service",
            "create",
            "--detach",
            "--name",
            "odd",
            "--constraint",
            constraint,
            SharedLab.IMAGE);
    if (result.status() == 0) {
      eventually(
          () ->
              assertThat(docker.run("service", "ps", "--no-trunc", "odd"))
                  .contains("no suitable node"));
    } else {
      assertThat(result.err()).containsAnyOf("constraint", "is invalid");
    }
  }

  @Test
  void invalid_ports_and_mounts_are_refused() throws Exception {
    DockerClient manager = lab.docker("host1");
    ObjectMapper json = new ObjectMapper();
    String meshWithoutVirtualAddress =
        """
        {"Name":"bad","TaskTemplate":{"ContainerSpec":{"Image":"x"}},
         "EndpointSpec":{"Mode":"dnsrr","Ports":[{"Protocol":"tcp","TargetPort":80,"PublishedPort":8080}]}}
        """;
    assertRefused(
        () -> manager.post("/services/create", json.readTree(meshWithoutVirtualAddress)), 400);
    String twice =
        """
        {"Name":"bad","TaskTemplate":{"ContainerSpec":{"Image":"x"}},
         "EndpointSpec":{"Ports":[{"Protocol":"tcp","TargetPort":80,"PublishedPort":8080},
                                  {"Protocol":"tcp","TargetPort":81,"PublishedPort":8080}]}}
        """;
    assertRefused(() -> manager.post("/services/create", json.readTree(twice)), 400);
    String mount =
        """
        {"Name":"bad","TaskTemplate":{"ContainerSpec":{"Image":"x","Mounts":[
          {"Type":"bind","Source":"/tmp","Target":"/a"},{"Type":"tmpfs","Target":"/a"}]}}}
        """;
    assertRefused(() -> manager.post("/services/create", json.readTree(mount)), 400);
    assertRefused(() -> manager.post("/services/create", json.readTree("{\"Name\":\"bad\"}")), 400);
    assertRefused(
        () ->
            manager.send(
                "/services/create",
                "application/json",
                "{\"Name\":".getBytes(StandardCharsets.UTF_8)),
        400);
    assertThat(docker.run("service", "ls", "-q")).isEmpty();
  }

  @Test
  void a_missing_source_of_a_bind_mount_is_told_with_the_task() {
    docker.run(
        "service",
        "create",
        "--detach",
        "--restart-condition",
        "none",
        "--name",
        "bound",
        "--mount",
        "type=bind,source=/no/such/place,destination=/a",
        SharedLab.IMAGE);
    eventually(
        () -> {
          List<Task> tasks = services.tasks("bound");
          assertThat(tasks).hasSize(1);
          assertThat(tasks.getFirst().state()).isEqualTo("rejected");
          assertThat(tasks.getFirst().error())
              .contains(
                  "invalid mount config for type \"bind\": bind source path does not exist: /no/such/place");
        });
  }

  @Test
  void a_second_init_and_a_second_join_are_refused() {
    assertThat(docker.refused("swarm", "init"))
        .contains(
            "This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one.");
    String token = docker.run("swarm", "join-token", "-q", "worker");
    assertThat(
            new DockerCommand(lab, "host2")
                .refused("swarm", "join", "--token", token, lab.host("host1").address() + ":2377"))
        .contains("This node is already part of a swarm.");
  }

  @Test
  void the_last_manager_does_not_leave_without_force() {
    assertThat(docker.refused("swarm", "leave"))
        .contains(
            "Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message.");
  }

  @Test
  void unknown_things_are_not_found() {
    for (String kind :
        List.of("service", "secret", "config", "volume", "network", "container", "image")) {
      assertThat(docker.refused(kind, "inspect", "nothing"))
          .as(kind)
          .containsIgnoringCase("nothing");
    }
    assertRefused(() -> lab.docker("host1").get("/tasks/nothing"), 404);
    assertRefused(() -> lab.docker("host1").get("/no/such/page"), 404);
    assertRefused(() -> lab.docker("host2").get("/services"), 503);
  }

  private interface Request {
    void send() throws Exception;
  }

  private static void assertRefused(Request request, int status) {
    assertThatThrownBy(request::send)
        .isInstanceOfSatisfying(
            DockerException.class,
            refusal -> {
              assertThat(refusal.status()).as(refusal.getMessage()).isEqualTo(status);
              assertThat(refusal.getMessage()).isNotBlank();
            });
  }
}
