package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.lab.Lab;
import dev.hanse.lab.client.DockerClient;
import dev.hanse.lab.client.DockerException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text that was made to cost much more than its length: every daemon goes on answering. */
@OnSharedLab
@Tag("attack")
class TextAttackTest {
  private final DockerClient api;
  private final DockerCommand docker;
  private final Services services;

  TextAttackTest(Lab lab, DockerCommand docker) {
    this.api = lab.docker(lab.hosts().getFirst().name());
    this.docker = docker;
    this.services = new Services(lab);
  }

  private void goes_on(String service) {
    docker.create("--name", service, "--replicas", "3", SharedLab.IMAGE);
    eventually(() -> assertThat(services.tasks(service)).hasSize(3).allMatch(it -> it.runs()));
    assertThat(docker.run("node", "ls", "--format", "{{.Status}}").lines())
        .containsOnly("Ready")
        .hasSize(3);
  }

  @Test
  void three_filters_that_would_search_for_ever_are_answered() throws Exception {
    goes_on("a".repeat(60));
    try (var requests = Executors.newFixedThreadPool(3)) {
      List<Future<?>> answers =
          List.of(
              requests.submit(() -> filtered("/containers/json", ".*.*.*.*.*.*.*.*.*.*.*.*#")),
              requests.submit(() -> filtered("/containers/json", "(a|aa)+(a|aa)+#")),
              requests.submit(() -> filtered("/volumes", "((a*)*)*#")));
      for (Future<?> answer : answers) {
        answer.get(60, TimeUnit.SECONDS);
      }
    }
    assertThatThrownBy(() -> filtered("/containers/json", "((a{1000}){1000}){1000}"))
        .isInstanceOfSatisfying(
            DockerException.class, refused -> assertThat(refused.status()).isEqualTo(400))
        .hasMessageContaining("invalid filter 'name'");
    api.get(
        "/images/json?filters="
            + DockerClient.filters(Map.of("reference", "*a".repeat(300) + "#")));
    goes_on("after-filters");
  }

  private Object filtered(String path, String pattern) throws Exception {
    return api.get(path + "?all=1&filters=" + DockerClient.filters(Map.of("name", pattern)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1_023, 1_024, 10_000, 100_000})
  void an_image_reference_of_any_length_is_refused_and_the_leader_goes_on(int length)
      throws Exception {
    for (String unit : List.of("a", "a.", "a/", "a-", "a__")) {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      body.put("Name", "long");
      body.putObject("TaskTemplate")
          .putObject("ContainerSpec")
          .put("Image", unit.repeat(length / unit.length() + 1).substring(0, length));
      assertThatThrownBy(() -> api.post("/services/create", body))
          .isInstanceOfSatisfying(
              DockerException.class, refused -> assertThat(refused.status()).isEqualTo(400))
          .hasMessageContaining("is not a valid repository/tag");
    }
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("Name", "after-" + length).put("Data", "eA==");
    assertThat(api.post("/configs/create", config).path("ID").asText()).isNotEmpty();
  }

  @Test
  void a_template_that_would_fill_the_memory_is_refused() throws Exception {
    ObjectNode body = service("bomb", "{{.Service.Labels.a}}".repeat(4_000));
    body.putObject("Labels").put("a", "x".repeat(100_000));
    assertThatThrownBy(() -> api.post("/services/create", body))
        .isInstanceOfSatisfying(
            DockerException.class, refused -> assertThat(refused.status()).isEqualTo(400))
        .hasMessageContaining("expanding env failed");
    goes_on("after-bomb");
  }

  @Test
  void a_template_that_would_fill_the_memory_of_a_node_ends_its_task_only() throws Exception {
    api.post("/services/create", service("late-bomb", "{{.Task.ID}}".repeat(60_000)));
    eventually(
        () ->
            assertThat(services.tasks("late-bomb"))
                .singleElement()
                .satisfies(it -> assertThat(it.error()).contains("expanding env failed")));
    goes_on("after-late-bomb");
  }

  private static ObjectNode service(String name, String value) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode task = body.put("Name", name).putObject("TaskTemplate");
    task.putObject("RestartPolicy").put("Condition", "none");
    ObjectNode container = task.putObject("ContainerSpec").put("Image", SharedLab.IMAGE);
    container.putArray("Env").add("A=" + value);
    return body;
  }

  @Test
  void deeply_nested_bodies_get_an_answer() {
    byte[] deep = ("[".repeat(100_000) + "]".repeat(100_000)).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> api.send("/services/create", "application/json", deep))
        .isInstanceOfSatisfying(
            DockerException.class, refused -> assertThat(refused.status()).isEqualTo(400))
        .hasMessageContaining("invalid JSON");
  }
}
