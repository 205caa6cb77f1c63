package dev.hanse.lab.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.lab.Await;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.LabException;
import dev.hanse.lab.client.DockerClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The service {@code web} on a lab, driven through the Docker API. */
public final class WebService {
  /** The service's name. */
  public static final String NAME = "web";

  /** The image's name on all hosts. */
  public static final String IMAGE = "hanse/web:demo";

  private static final int TARGET_PORT = 80;
  private static final Duration RUNNING_LIMIT = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Lab lab;
  private final DockerClient manager;

  /** The service on this lab; nothing happens yet. */
  public WebService(Lab lab) {
    this.lab = lab;
    this.manager = lab.docker(lab.hosts().getFirst().name());
  }

  /** Loads the image on every host. */
  public void loadImages() throws IOException {
    byte[] archive = BusyboxImage.archive(IMAGE);
    for (HostState host : lab.hosts()) {
      lab.docker(host.name()).send("/images/load?quiet=1", "application/x-tar", archive);
    }
  }

  /** {@code docker service create --name web --replicas N -p 8080:80 hanse/web:demo}. */
  public void create(int replicas) throws IOException {
    ObjectNode spec = JSON.createObjectNode().put("Name", NAME);
    spec.putObject("TaskTemplate").putObject("ContainerSpec").put("Image", IMAGE);
    spec.putObject("Mode").putObject("Replicated").put("Replicas", replicas);
    port(spec.putObject("EndpointSpec").put("Mode", "vip").putArray("Ports"), 8080);
    manager.post("/services/create", spec);
  }

  /** {@code docker service update --publish-add published=PORT,target=80 web}. */
  public void addPort(int published) throws IOException {
    JsonNode service = manager.get("/services/" + NAME);
    ObjectNode spec = service.path("Spec").deepCopy();
    port(spec.withObjectProperty("EndpointSpec").withArrayProperty("Ports"), published);
    long version = service.path("Version").path("Index").asLong();
    manager.post("/services/" + NAME + "/update?version=" + version, spec);
  }

  /** {@code docker service rm web}. */
  public void remove() throws IOException {
    manager.delete("/services/" + NAME);
  }

  /**
   * Waits until as many tasks run.
   *
   * @throws LabException when they do not, with what the tasks say about it
   */
  public void awaitRunning(int replicas) throws IOException {
    try {
      Await.until(
          RUNNING_LIMIT,
          replicas + " tasks of " + NAME + " run",
          () -> runningTasks().size() == replicas);
    } catch (LabException late) {
      throw new LabException(late.getMessage() + ": " + String.join("; ", troubles()), late);
    }
  }

  /** What the tasks that do not run say. */
  private List<String> troubles() throws IOException {
    List<String> troubles = new ArrayList<>();
    for (JsonNode task : allTasks()) {
      JsonNode status = task.path("Status");
      troubles.add(
          (NAME + "." + task.path("Slot").asInt() + " " + status.path("State").asText())
              + (" " + status.path("Message").asText() + " " + status.path("Err").asText()));
    }
    return troubles;
  }

  /** The running tasks in the order of their names. */
  public List<RunningTask> tasks() throws IOException {
    Map<String, String> hosts = new HashMap<>();
    for (JsonNode node : manager.get("/nodes")) {
      hosts.put(node.path("ID").asText(), node.path("Description").path("Hostname").asText());
    }
    List<RunningTask> tasks = new ArrayList<>();
    for (JsonNode task : runningTasks()) {
      String host = hosts.getOrDefault(task.path("NodeID").asText(), "");
      JsonNode container = task.path("Status").path("ContainerStatus");
      String containerId = container.path("ContainerID").asText();
      // Each host knows its own containers: when they started is not in the manager's task.
      JsonNode inspected = lab.docker(host).get("/containers/" + containerId + "/json");
      tasks.add(
          new RunningTask(
              task.path("ID").asText(),
              NAME + "." + task.path("Slot").asInt(),
              host,
              containerId,
              inspected.path("State").path("Pid").asLong(),
              inspected.path("State").path("StartedAt").asText()));
    }
    tasks.sort(Comparator.comparing(RunningTask::name));
    return tasks;
  }

  private List<JsonNode> runningTasks() throws IOException {
    List<JsonNode> running = new ArrayList<>();
    for (JsonNode task : allTasks()) {
      if (task.path("Status").path("State").asText().equals("running")
          && task.path("DesiredState").asText().equals("running")) {
        running.add(task);
      }
    }
    return running;
  }

  private JsonNode allTasks() throws IOException {
    return manager.get("/tasks?filters=" + DockerClient.filters(Map.of("service", NAME)));
  }

  private static void port(ArrayNode ports, int published) {
    ports
        .addObject()
        .put("Protocol", "tcp")
        .put("TargetPort", TARGET_PORT)
        .put("PublishedPort", published)
        .put("PublishMode", "ingress");
  }
}
