package dev.hanse.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.Agent;
import dev.hanse.agent.AgentSettings;
import dev.hanse.agent.network.TaskNetwork;
import dev.hanse.agent.network.TaskNetworks;
import dev.hanse.agent.task.TaskContainer;
import dev.hanse.agent.workload.Workload;
import dev.hanse.docker.Cli;
import dev.hanse.docker.DockerApi;
import dev.hanse.docker.DockerSettings;
import dev.hanse.docker.events.EventHub;
import dev.hanse.health.Health;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.model.Annotations;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.ForeignSubnet;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.runtime.ContainerRuntime;
import dev.hanse.runtime.RuntimeSettings;
import dev.hanse.runtime.content.Reference;
import dev.hanse.web.HttpListener;
import dev.hanse.web.RawClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The API on a unix socket over a real node: private containerd, agent, busybox. Its tasks, which
 * the test assigns, run on the host's network.
 */
final class EngineWorld implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final Path directory = Files.createTempDirectory("hanse-engine");
  private final Assigner assigner = new Assigner();
  private final Health health = new Health();
  private final ContainerRuntime runtime;
  private final Agent agent;
  private final Engine engine;
  private final DockerApi api;

  EngineWorld() throws Exception {
    runtime =
        ContainerRuntime.open(
            RuntimeSettings.of(
                    directory.resolve("images"),
                    directory.resolve("x"),
                    "hanse-engine-test-" + ProcessHandle.current().pid())
                .withHostSocket(directory.resolve("none.sock")));
    agent =
        Agent.start(
            new AgentSettings(
                directory.resolve("data"),
                directory.resolve("run"),
                "host-a",
                "1.0",
                Map.of(),
                List.of(),
                health),
            runtime,
            new HostNetworks());
    agent.join(assigner.membership());
    EventHub events = new EventHub();
    engine = new Engine(runtime, agent, events, health);
    api =
        DockerApi.start(
            new DockerSettings(
                List.of(new HttpListener.Endpoint.UnixSocket(socket(), "docker")),
                "0.1.0",
                "engine-one",
                "host-a",
                directory,
                directory.resolve("calls"),
                List.of(),
                List.of(),
                health),
            new NoSwarm(),
            engine,
            List::of,
            events);
    var unused =
        runtime
            .images()
            .importRootfs(
                new ByteArrayInputStream(rootfs()),
                Optional.of(Reference.parse("busybox:latest")),
                "made by the test",
                List.of(
                    "CMD [\"sh\"]", "ENV FROM=image", "EXPOSE 80", "LABEL maker=image kind=image"));
  }

  /** Every task is on the host's network. */
  private static final class HostNetworks implements TaskNetworks {
    @Override
    public List<ForeignSubnet> foreignSubnets() {
      return List.of();
    }

    @Override
    public void onForeignSubnets(Runnable listener) {}

    @Override
    public TaskNetwork attach(Workload workload) {
      return new TaskNetwork(
          Optional.empty(),
          Path.of("/etc/resolv.conf"),
          List.of(),
          Optional.empty(),
          "127.0.0.1",
          List.of());
    }

    @Override
    public void detach(String taskId) {}

    @Override
    public Set<String> holders() {
      return Set.of();
    }

    @Override
    public void keepOnly(Set<String> taskIds) {}
  }

  /** A root file system with busybox, as a tar archive. */
  byte[] rootfs() throws IOException, InterruptedException {
    Path root = directory.resolve("rootfs");
    if (!Files.exists(root)) {
      Files.createDirectories(root.resolve("bin"));
      Files.createDirectories(root.resolve("etc"));
      Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
      Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
      assertThat(root.resolve("bin/busybox").toFile().setExecutable(true, false)).isTrue();
      for (String applet :
          List.of("sh", "cat", "sleep", "echo", "dd", "env", "stty", "tty", "kill", "true")) {
        Files.createSymbolicLink(root.resolve("bin/" + applet), Path.of("busybox"));
      }
    }
    Process tar = new ProcessBuilder("tar", "-c", "-C", root.toString(), ".").start();
    tar.getOutputStream().close();
    byte[] bytes = tar.getInputStream().readAllBytes();
    assertThat(tar.waitFor()).isZero();
    return bytes;
  }

  Path directory() {
    return directory;
  }

  Path socket() {
    return directory.resolve("docker.sock");
  }

  Cli cli() {
    return new Cli(socket());
  }

  ContainerRuntime runtime() {
    return runtime;
  }

  /** Starts a task that runs busybox with a shell line. */
  Task start(String line) throws Exception {
    return start(spec -> spec.addArgs("sh").addArgs("-c").addArgs(line));
  }

  /** Starts a task that runs busybox. */
  Task start(UnaryOperator<ContainerSpec.Builder> change) throws Exception {
    int number = COUNTER.incrementAndGet();
    Task task =
        Task.newBuilder()
            .setId("task" + number)
            .setServiceId("service" + number)
            .setServiceAnnotations(Annotations.newBuilder().setName("web" + number))
            .setSlot(1)
            .setNodeId("n1")
            .setDesiredState(TaskState.RUNNING)
            .setStatus(TaskStatus.newBuilder().setState(TaskState.ASSIGNED))
            .setSpec(
                TaskSpec.newBuilder()
                    .setRestart(
                        RestartPolicy.newBuilder().setCondition(RestartPolicy.RestartCondition.ANY))
                    .setContainer(
                        change.apply(ContainerSpec.newBuilder().setImage("busybox:latest"))))
            .build();
    assigner.assign(task);
    eventually(() -> "the task runs: " + assigner.said(task), () -> assigner.hasStarted(task));
    return task;
  }

  /** Waits until the node has reported the task's end. */
  void awaitEnd(Task task) throws Exception {
    eventually(() -> "the task ends: " + assigner.said(task), () -> assigner.hasEnded(task));
  }

  static String name(Task task) {
    return task.getServiceAnnotations().getName() + ".1." + task.getId();
  }

  static String id(Task task) {
    return TaskContainer.id(task.getId());
  }

  /** An answer to a request made by hand. */
  record Answer(int status, String head, String body) {}

  /** Asks without a body. */
  Answer ask(String method, String path) throws IOException {
    return ask(method, path, "");
  }

  /** Asks with a JSON body. */
  Answer ask(String method, String path, String json) throws IOException {
    try (RawClient client = RawClient.connect(socket())) {
      client.send(
          "%s /v1.51%s HTTP/1.1\nHost: x\nConnection: close\n%sContent-Length: %d\n\n%s"
              .formatted(
                  method,
                  path,
                  json.isEmpty() ? "" : "Content-Type: application/json\n",
                  json.length(),
                  json));
      String head = client.head();
      String status = head.split(" ", 3)[1];
      return new Answer(Integer.parseInt(status), head, client.readToEnd());
    }
  }

  /** Waits until something is so. */
  static void eventually(Supplier<String> what, Check check) throws Exception {
    Instant end = Instant.now().plus(PATIENCE);
    while (!check.holds()) {
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("not in time: " + what.get());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** A condition that may fail to be asked. */
  @FunctionalInterface
  interface Check {
    boolean holds() throws Exception;
  }

  @Override
  public void close() throws Exception {
    api.close();
    engine.close();
    agent.leave();
    agent.close();
    runtime.close();
    runtime.containerd().process().ifPresent(EngineWorld::end);
    assigner.close();
    assertThat(Mounts.list())
        .as("mounts left in the run directory")
        .noneMatch(mount -> mount.target().startsWith(directory.resolve("run")));
    try (Stream<Path> all = Files.walk(directory)) {
      all.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  private static void end(ProcessHandle process) {
    process.destroy();
    var unused = process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }
}
