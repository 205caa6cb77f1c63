package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.lab.Lab;
import dev.hanse.lab.client.DockerClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the tasks of services through the API of the manager. */
final class Services {
  private final Lab lab;
  private final DockerClient manager;

  /** As the first host tells. */
  Services(Lab lab) {
    this(lab, lab.hosts().getFirst().name());
  }

  /** As a manager tells. */
  Services(Lab lab, String manager) {
    this.lab = lab;
    this.manager = lab.docker(manager);
  }

  /** A task as these tests look at it. */
  record Task(
      String id,
      int slot,
      String host,
      String state,
      String desired,
      String error,
      String containerId,
      long pid) {
    boolean runs() {
      return state.equals("running") && desired.equals("running");
    }

    String containerHostname() {
      return containerId.substring(0, 12);
    }
  }

  /** All tasks of a service, history included. */
  List<Task> tasks(String service) throws IOException {
    Map<String, String> hosts = new HashMap<>();
    for (JsonNode node : manager.get("/nodes")) {
      hosts.put(node.path("ID").asText(), node.path("Description").path("Hostname").asText());
    }
    List<Task> tasks = new ArrayList<>();
    for (JsonNode task :
        manager.get("/tasks?filters=" + DockerClient.filters(Map.of("service", service)))) {
      JsonNode status = task.path("Status");
      tasks.add(
          new Task(
              task.path("ID").asText(),
              task.path("Slot").asInt(),
              hosts.getOrDefault(task.path("NodeID").asText(), ""),
              status.path("State").asText(),
              task.path("DesiredState").asText(),
              status.path("Err").asText(),
              status.path("ContainerStatus").path("ContainerID").asText(),
              status.path("ContainerStatus").path("PID").asLong()));
    }
    return tasks;
  }

  /** The tasks that run and shall run. */
  List<Task> running(String service) throws IOException {
    return tasks(service).stream().filter(Task::runs).toList();
  }

  /** Waits until exactly that many run and returns them. */
  List<Task> awaitRunning(String service, int count) throws IOException {
    eventually(() -> assertThat(running(service)).as("%s", tasks(service)).hasSize(count));
    return running(service);
  }

  /** Waits until none of its containers is left on any host. */
  void awaitGone(String service) {
    for (var host : lab.hosts()) {
      DockerClient docker = lab.docker(host.name());
      String filter =
          DockerClient.filters(Map.of("label", "com.docker.swarm.service.name=" + service));
      eventually(
          () -> assertThat(docker.get("/containers/json?all=1&filters=" + filter)).isEmpty());
    }
  }
}
