package dev.hanse.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.hanse.agent.dispatch.FakeManager;
import dev.hanse.agent.dispatch.Membership;
import dev.hanse.agent.log.LogEntry;
import dev.hanse.agent.log.LogQuery;
import dev.hanse.agent.log.LogReader;
import dev.hanse.agent.network.TaskNetwork;
import dev.hanse.agent.network.TaskNetworks;
import dev.hanse.agent.task.TaskContainer;
import dev.hanse.agent.workload.Workload;
import dev.hanse.health.Health;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.model.Annotations;
import dev.hanse.model.Assignment;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.Config;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.ForeignSubnet;
import dev.hanse.model.NodeTLSInfo;
import dev.hanse.model.Secret;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.UpdateTaskStatusRequest;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import dev.hanse.runtime.ContainerRuntime;
import dev.hanse.runtime.RuntimeSettings;
import dev.hanse.runtime.containers.ContainerState;
import dev.hanse.runtime.content.Reference;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A node with a private containerd and a manager in the test. Its tasks run busybox on the host's
 * network.
 */
final class AgentWorld implements AutoCloseable {
  private static final java.time.Duration PATIENCE = java.time.Duration.ofSeconds(40);
  private static final AtomicInteger COUNTER = new AtomicInteger();

  final FakeManager manager = new FakeManager();
  final Health health = new Health();
  final Set<String> networks = ConcurrentHashMap.newKeySet();
  private final Path directory = Files.createTempDirectory("hanse-agent");
  private final RuntimeSettings runtimeSettings =
      RuntimeSettings.of(
              directory.resolve("images"),
              directory.resolve("x"),
              "hanse-agent-test-" + ProcessHandle.current().pid())
          .withPrivateContainerd();
  private final Map<String, TaskStatus> statuses = new HashMap<>();
  private ContainerRuntime runtime = ContainerRuntime.open(runtimeSettings);
  private final TaskNetworks taskNetworks;
  private Agent agent;
  private StreamObserver<AssignmentsMessage> assignments;
  private int sequence;

  /** A node whose tasks are on the host's network. */
  AgentWorld() throws Exception {
    this(Optional.empty());
  }

  /** A node with networks of its own. */
  AgentWorld(Optional<TaskNetworks> networks) throws Exception {
    taskNetworks = networks.orElseGet(HostNetworks::new);
    agent = startAgent();
    runtime
        .images()
        .importRootfs(
            new ByteArrayInputStream(rootfs()),
            Optional.of(Reference.parse("busybox:latest")),
            "made by the test",
            List.of("CMD [\"sh\"]", "ENV FROM=image"));
    assignments = join();
  }

  private byte[] rootfs() throws IOException, InterruptedException {
    Path root = Files.createDirectories(directory.resolve("rootfs"));
    Files.createDirectories(root.resolve("bin"));
    Files.createDirectories(root.resolve("etc"));
    Files.createDirectories(root.resolve("data/sub"));
    Files.writeString(root.resolve("data/sub/from-image"), "original\n");
    Files.createSymbolicLink(root.resolve("escape"), Path.of("/data"));
    Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
    Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
    assertThat(root.resolve("bin/busybox").toFile().setExecutable(true, false)).isTrue();
    for (String applet :
        List.of("sh", "cat", "sleep", "echo", "dd", "ls", "env", "hostname", "httpd", "nslookup")) {
      Files.createSymbolicLink(root.resolve("bin/" + applet), Path.of("busybox"));
    }
    Process tar = new ProcessBuilder("tar", "-c", "-C", root.toString(), ".").start();
    tar.getOutputStream().close();
    byte[] bytes = tar.getInputStream().readAllBytes();
    assertThat(tar.waitFor()).isZero();
    return bytes;
  }

  private Agent startAgent() throws IOException, InterruptedException {
    AgentSettings settings =
        new AgentSettings(
            directory.resolve("data"),
            directory.resolve("run"),
            "host-a",
            "1.0",
            Map.of(),
            List.of(),
            health);
    return Agent.start(settings, runtime, taskNetworks);
  }

  /** Every task is on the host's network; says who has been attached. */
  private final class HostNetworks implements TaskNetworks {
    @Override
    public List<ForeignSubnet> foreignSubnets() {
      return List.of();
    }

    @Override
    public void onForeignSubnets(Runnable listener) {}

    @Override
    public TaskNetwork attach(Workload workload) {
      networks.add(workload.id());
      return new TaskNetwork(
          Optional.empty(),
          Path.of("/etc/resolv.conf"),
          List.of(),
          Optional.empty(),
          "127.0.0.1",
          List.of());
    }

    @Override
    public void detach(String taskId) {
      networks.remove(taskId);
    }

    @Override
    public Set<String> holders() {
      return Set.copyOf(networks);
    }

    @Override
    public void keepOnly(Set<String> taskIds) {
      networks.retainAll(taskIds);
    }
  }

  private StreamObserver<AssignmentsMessage> join() throws InterruptedException {
    agent.join(
        new Membership(
            "n1",
            address -> NettyChannelBuilder.forTarget("dns:///" + address).usePlaintext().build(),
            List.of(manager.address()),
            NodeTLSInfo::getDefaultInstance,
            message -> {},
            (message, applied, refused) -> {}));
    return awaitAssignmentStream();
  }

  private StreamObserver<AssignmentsMessage> awaitAssignmentStream() throws InterruptedException {
    StreamObserver<AssignmentsMessage> stream =
        manager.assignments.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (stream == null) {
      throw new AssertionError("the node asked for no assignments");
    }
    sequence = 0;
    return stream;
  }

  Agent agent() {
    return agent;
  }

  ContainerRuntime runtime() {
    return runtime;
  }

  Path directory() {
    return directory;
  }

  /** Ends the daemon's part and begins anew on the same directories; nobody assigns anything. */
  void restartAlone() throws Exception {
    agent.close();
    runtime.close();
    statuses.clear();
    runtime = ContainerRuntime.open(runtimeSettings);
    agent = startAgent();
  }

  /** The restarted agent finds its manager again. */
  void rejoin() throws Exception {
    assignments = join();
  }

  /** A task of a shell line. */
  static Task shell(String line) {
    return task(spec -> spec.addArgs("sh").addArgs("-c").addArgs(line));
  }

  /** A task that is to run busybox. */
  static Task task(UnaryOperator<ContainerSpec.Builder> change) {
    int number = COUNTER.incrementAndGet();
    return Task.newBuilder()
        .setId("task" + number)
        .setServiceId("service" + number)
        .setServiceAnnotations(Annotations.newBuilder().setName("web"))
        .setSlot(1)
        .setNodeId("n1")
        .setDesiredState(TaskState.RUNNING)
        .setStatus(TaskStatus.newBuilder().setState(TaskState.ASSIGNED))
        .setSpec(
            TaskSpec.newBuilder()
                .setContainer(
                    change.apply(
                        ContainerSpec.newBuilder()
                            .setImage("busybox:latest")
                            .setStopGracePeriod(Duration.newBuilder().setNanos(300_000_000)))))
        .build();
  }

  void assign(Task... tasks) {
    AssignmentsMessage.Builder message = next(AssignmentsMessage.Type.INCREMENTAL);
    for (Task task : tasks) {
      message.addChanges(change(Assignment.newBuilder().setTask(task)));
    }
    send(message);
  }

  void assign(Task task, Secret secret, Config config) {
    send(
        next(AssignmentsMessage.Type.INCREMENTAL)
            .addChanges(change(Assignment.newBuilder().setTask(task)))
            .addChanges(change(Assignment.newBuilder().setSecret(secret)))
            .addChanges(change(Assignment.newBuilder().setConfig(config))));
  }

  void desire(Task task, TaskState state) {
    assign(task.toBuilder().setDesiredState(state).build());
  }

  void withdraw(Task task) {
    send(
        next(AssignmentsMessage.Type.INCREMENTAL)
            .addChanges(
                AssignmentChange.newBuilder()
                    .setAction(AssignmentChange.AssignmentAction.REMOVE)
                    .setAssignment(Assignment.newBuilder().setTask(task))));
  }

  void assignOnly(Task... tasks) {
    AssignmentsMessage.Builder message = next(AssignmentsMessage.Type.COMPLETE);
    for (Task task : tasks) {
      message.addChanges(change(Assignment.newBuilder().setTask(task)));
    }
    send(message);
  }

  private static AssignmentChange change(Assignment.Builder assignment) {
    return AssignmentChange.newBuilder().setAssignment(assignment).build();
  }

  private AssignmentsMessage.Builder next(AssignmentsMessage.Type type) {
    // A stream begins with a complete set; an incremental message needs one before it.
    if (sequence == 0 && type == AssignmentsMessage.Type.INCREMENTAL) {
      send(next(AssignmentsMessage.Type.COMPLETE));
    }
    return AssignmentsMessage.newBuilder()
        .setType(type)
        .setAppliesTo(Integer.toString(sequence))
        .setResultsIn(Integer.toString(sequence + 1));
  }

  private void send(AssignmentsMessage.Builder message) {
    sequence++;
    assignments.onNext(message.build());
  }

  /**
   * Waits until the node has reported a task in a state, or in one that it cannot leave any more.
   */
  TaskStatus await(Task task, TaskState state) throws InterruptedException {
    TaskStatus present = await(task, EnumSet.range(state, TaskState.ORPHANED));
    assertThat(present.getState()).as("%s", present).isEqualTo(state);
    return present;
  }

  private TaskStatus await(Task task, Set<TaskState> states) throws InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    while (true) {
      TaskStatus present = statuses.get(task.getId());
      if (present != null && states.contains(present.getState())) {
        return present;
      }
      UpdateTaskStatusRequest request =
          manager.statuses.poll(
              java.time.Duration.between(Instant.now(), end).toMillis(), TimeUnit.MILLISECONDS);
      if (request == null) {
        throw new AssertionError("task " + task.getId() + " is " + present);
      }
      for (TaskStatusUpdate update : request.getUpdatesList()) {
        statuses.put(update.getTaskId(), update.getStatus());
      }
    }
  }

  /** Waits until a task has ended, in whatever way. */
  TaskStatus awaitEnd(Task task) throws InterruptedException {
    return await(task, EnumSet.range(TaskState.COMPLETE, TaskState.REJECTED));
  }

  Optional<ContainerState> container(Task task) {
    return runtime.containers().find(TaskContainer.id(task.getId()));
  }

  /** What a task has written; waits for its end. */
  String output(Task task) throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    try (LogReader reader =
        agent.logs().read(TaskContainer.id(task.getId()), LogQuery.everything().following())) {
      Optional<LogEntry> entry = reader.next();
      while (entry.isPresent()) {
        text.append(entry.get().written().toStringUtf8());
        entry = reader.next();
      }
    }
    return text.toString();
  }

  /** Waits until something is so. */
  static void eventually(String what, Check check) throws Exception {
    Instant end = Instant.now().plus(PATIENCE);
    while (!check.holds()) {
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("not in time: " + what);
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
    agent.leave();
    agent.close();
    runtime.close();
    runtime.containerd().process().ifPresent(AgentWorld::end);
    manager.close();
    assertThat(Mounts.list())
        .as("mounts left in the run directory")
        .noneMatch(mount -> mount.target().startsWith(directory.resolve("run")));
    try (Stream<Path> all = Files.walk(directory)) {
      all.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  private static void end(ProcessHandle process) {
    process.destroy();
    process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }
}
