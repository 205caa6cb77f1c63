package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.LabPlan;
import dev.hanse.systemtest.Services.Task;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What an operator says that a node has, and who gets it. */
@Tag("system")
class GenericResourceTest {
  private static final String FLAG = "--node-generic-resource";

  @Test
  void tasks_get_what_they_reserve_and_are_told_what_it_is() throws Exception {
    LabPlan plan =
        LabPlan.of(SharedLab.name("generic"), 1, 0)
            .withDaemonOptions(List.of(FLAG, "GPU=UUID1", FLAG, "GPU=UUID2", FLAG, "SSD=3"));
    try (OwnLab own = OwnLab.of(plan)) {
      DockerCommand docker = own.docker();
      String described = "{{json .Description.Resources.GenericResources}}";
      assertThat(docker.run("node", "inspect", "--format", described, "self"))
          .contains("{\"NamedResourceSpec\":{\"Kind\":\"GPU\",\"Value\":\"UUID1\"}}")
          .contains("{\"NamedResourceSpec\":{\"Kind\":\"GPU\",\"Value\":\"UUID2\"}}")
          .contains("{\"DiscreteResourceSpec\":{\"Kind\":\"SSD\",\"Value\":3}}");
      docker.run(
          "service",
          "create",
          "--detach",
          "--name",
          "web",
          "--replicas",
          "2",
          "--generic-resource",
          "GPU=1",
          "--generic-resource",
          "SSD=2",
          SharedLab.IMAGE);
      Task first = own.services().awaitRunning("web", 1).getFirst();
      assertThat(docker.run("exec", first.containerId(), "env").lines())
          .contains("DOCKER_RESOURCE_GPU=UUID1", "DOCKER_RESOURCE_SSD=2");
      eventually(
          () ->
              assertThat(docker.run("service", "ps", "--no-trunc", "web"))
                  .contains("no suitable node (insufficient resources on 1 node)"));
      docker.run("service", "update", "--detach", "--generic-resource-rm", "SSD", "web");
      assertThat(own.services().awaitRunning("web", 2))
          .extracting(
              task ->
                  docker.run("exec", task.containerId(), "sh", "-c", "echo $DOCKER_RESOURCE_GPU"))
          .containsExactlyInAnyOrder("UUID1", "UUID2");
    }
  }
}
