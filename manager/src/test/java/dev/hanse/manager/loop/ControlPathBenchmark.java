package dev.hanse.manager.loop;

import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.control.Tasks;
import dev.hanse.control.command.ClusterCommand.FirstManager;
import dev.hanse.control.command.ClusterCommand.InitializeCluster;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.EnrollNode;
import dev.hanse.control.command.NodeCommand.UpdateNodeStatus;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.control.command.TaskCommand.UpdateTaskStatuses;
import dev.hanse.health.Health;
import dev.hanse.model.Annotations;
import dev.hanse.model.Certificate;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Node;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.PortConfig;
import dev.hanse.model.ReplicatedService;
import dev.hanse.model.Resources;
import dev.hanse.model.RootCA;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import dev.hanse.raft.RatisLog;
import dev.hanse.raft.log.LogKeys;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.log.Member;
import dev.hanse.raft.peer.PeerTransport;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Measures the way of a write through the control loop and a real log, without network and
 * containers. Run {@code main}, with a directory on the disk to measure as the only argument.
 */
final class ControlPathBenchmark implements AutoCloseable {
  private static final int NODES = 3;
  private static final int SERVICES = 1_000;
  private static final long QUIET_NANOS = 20_000_000;

  private final Path directory;
  private final Store store = new Store(Snapshot.empty());
  private final ControlLoop loop =
      new ControlLoop(new Health(), store, InstantSource.system(), new SplittableRandom(1));
  private final RatisLog log;
  private final List<String> nodes = new ArrayList<>();

  private ControlPathBenchmark(Path parent) throws Exception {
    directory = Files.createTempDirectory(parent, "control-path");
    LogSettings settings =
        LogSettings.of(
            directory.resolve("log"),
            new Member("member", "192.0.2.1:2377"),
            LogSettings.Start.RESUME_OR_FOUND,
            LogKeys.load(directory.resolve("keys"), Optional.empty()),
            new Health());
    log = RatisLog.open(settings, loop.state(), PeerTransport.NONE);
    loop.start(log, term -> {});
    accept(
        new InitializeCluster(
            "cluster",
            ClusterSpec.getDefaultInstance(),
            RootCA.getDefaultInstance(),
            List.of("10.0.0.0/8"),
            16,
            0,
            new FirstManager(
                "manager", Certificate.getDefaultInstance(), NodeSpec.Availability.DRAIN)));
    for (int i = 0; i < NODES; i++) {
      Decision.Accepted enrolled =
          accept(
              new EnrollNode(
                  NodeRole.WORKER, ByteString.copyFromUtf8("csr"), NodeSpec.Availability.ACTIVE));
      String id = ((Node) enrolled.result().orElseThrow()).getId();
      nodes.add(id);
      accept(
          new UpdateNodeStatus(
              id,
              NodeStatus.newBuilder()
                  .setState(NodeStatus.State.READY)
                  .setAddr("192.0.2." + (i + 1))
                  .build(),
              java.util.Optional.of(
                  NodeDescription.newBuilder()
                      .setHostname("n" + i)
                      .setResources(
                          Resources.newBuilder()
                              .setNanoCpus(64_000_000_000L)
                              .setMemoryBytes(256L << 30))
                      .build())));
    }
    settle();
  }

  /** Measures everything once to warm up and then for the record. */
  public static void main(String[] arguments) throws Exception {
    Path parent = Path.of(arguments[0]);
    for (String round : List.of("warm-up", "measured")) {
      System.out.println("--- " + round);
      for (Measurement measurement : measurements()) {
        try (ControlPathBenchmark bench = new ControlPathBenchmark(parent)) {
          measurement.body().run(bench, measurement.name());
        }
      }
    }
  }

  private record Measurement(String name, Body body) {
    interface Body {
      void run(ControlPathBenchmark bench, String name) throws Exception;
    }
  }

  private static List<Measurement> measurements() {
    return List.of(
        new Measurement(
            "services of 0 tasks, one by one",
            (bench, name) -> bench.createServices(name, ControlPathBenchmark::empty)),
        new Measurement(
            "services of 1 unplaceable task, one by one",
            (bench, name) -> bench.createServices(name, ControlPathBenchmark::unplaceable)),
        new Measurement(
            "services of 1 task, one by one",
            (bench, name) -> bench.createServices(name, ControlPathBenchmark::single)),
        new Measurement("10 tasks until running", (bench, name) -> bench.start(name, 10)),
        new Measurement("100 tasks until running", (bench, name) -> bench.start(name, 100)),
        new Measurement("10 -> 1000 tasks", (bench, name) -> bench.scale(name)),
        new Measurement("1000 single reports", (bench, name) -> bench.report(name)));
  }

  private void createServices(
      String name, java.util.function.IntFunction<ServiceSpec> specification) {
    long index = log.appliedIndex();
    double[] millis = new double[SERVICES];
    long start = System.nanoTime();
    for (int i = 0; i < SERVICES; i++) {
      long begin = System.nanoTime();
      accept(new CreateService(specification.apply(i)));
      millis[i] = (System.nanoTime() - begin) / 1e6;
    }
    settle();
    double seconds = (System.nanoTime() - start) / 1e9;
    double[] last = Arrays.copyOfRange(millis, SERVICES * 9 / 10, SERVICES);
    Arrays.sort(millis);
    Arrays.sort(last);
    System.out.printf(
        "%-45s %.0f/s p50 %.2f p99 %.2f ms (last tenth p50 %.2f), %d log entries%n",
        name,
        SERVICES / seconds,
        millis[SERVICES / 2],
        millis[SERVICES * 99 / 100],
        last[last.length / 2],
        log.appliedIndex() - index);
  }

  private void start(String name, int replicas) {
    long index = log.appliedIndex();
    long start = System.nanoTime();
    accept(new CreateService(replicated(0, replicas)));
    long answered = System.nanoTime();
    await(snapshot -> count(snapshot, TaskState.ASSIGNED) >= replicas);
    long assigned = System.nanoTime();
    long entries = log.appliedIndex() - index;
    runAll();
    System.out.printf(
        "%-45s answered %.2f assigned %.2f running %.2f ms, %d log entries to assigned, %d in all%n",
        name,
        (answered - start) / 1e6,
        (assigned - start) / 1e6,
        (System.nanoTime() - start) / 1e6,
        entries,
        log.appliedIndex() - index);
  }

  private void scale(String name) {
    accept(new CreateService(replicated(0, 10)));
    await(snapshot -> count(snapshot, TaskState.ASSIGNED) >= 10);
    runAll();
    settle();
    long index = log.appliedIndex();
    Service service = store.snapshot().all(Kind.SERVICE).iterator().next();
    long start = System.nanoTime();
    accept(
        new UpdateService(
            service.getId(),
            service.getMeta().getVersion().getIndex(),
            replicated(0, 1_000),
            false));
    await(snapshot -> count(snapshot, TaskState.ASSIGNED) >= 1_000);
    long assigned = System.nanoTime();
    runAll();
    System.out.printf(
        "%-45s assigned %.1f running %.1f ms, %d log entries%n",
        name,
        (assigned - start) / 1e6,
        (System.nanoTime() - start) / 1e6,
        log.appliedIndex() - index);
  }

  /** Each task's report is a request of its own, and the next comes when it is answered. */
  private void report(String name) {
    accept(new CreateService(replicated(0, 1_000)));
    await(snapshot -> count(snapshot, TaskState.ASSIGNED) >= 1_000);
    settle();
    long index = log.appliedIndex();
    long start = System.nanoTime();
    for (Task task : List.copyOf(store.snapshot().all(Kind.TASK))) {
      accept(new UpdateTaskStatuses(task.getNodeId(), List.of(update(task, TaskState.RUNNING))));
    }
    settle();
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%-45s %.0f/s, %d log entries%n", name, 1_000 / seconds, log.appliedIndex() - index);
  }

  /** What the agents of three nodes would report, in batches of fifty. */
  private void runAll() {
    for (TaskState state :
        List.of(TaskState.ACCEPTED, TaskState.PREPARING, TaskState.STARTING, TaskState.RUNNING)) {
      for (String node : nodes) {
        List<TaskStatusUpdate> updates = new ArrayList<>();
        for (Task task : store.snapshot().tasksOfNode(node)) {
          if (Tasks.isWanted(task) && task.getStatus().getStateValue() < state.getNumber()) {
            updates.add(update(task, state));
          }
        }
        for (int i = 0; i < updates.size(); i += 50) {
          accept(
              new UpdateTaskStatuses(node, updates.subList(i, Math.min(i + 50, updates.size()))));
        }
      }
    }
  }

  private static TaskStatusUpdate update(Task task, TaskState state) {
    return TaskStatusUpdate.newBuilder()
        .setTaskId(task.getId())
        .setStatus(TaskStatus.newBuilder().setState(state).setMessage("reported"))
        .build();
  }

  private static long count(Snapshot snapshot, TaskState state) {
    return snapshot.all(Kind.TASK).stream()
        .filter(task -> task.getStatus().getStateValue() >= state.getNumber())
        .count();
  }

  private void await(Predicate<Snapshot> condition) {
    while (!condition.test(store.snapshot())) {
      Thread.onSpinWait();
    }
  }

  /** Until nothing was written for a while. */
  private void settle() {
    long index = log.appliedIndex();
    long since = System.nanoTime();
    while (System.nanoTime() - since < QUIET_NANOS) {
      if (log.appliedIndex() != index) {
        index = log.appliedIndex();
        since = System.nanoTime();
      }
      Thread.onSpinWait();
    }
  }

  private Decision.Accepted accept(Command command) {
    return switch (loop.submit(command).join()) {
      case Decision.Accepted accepted -> accepted;
      case Decision.Refused refused -> throw new AssertionError(refused.rejection());
    };
  }

  private static ServiceSpec empty(int number) {
    return replicated(number, 0);
  }

  private static ServiceSpec single(int number) {
    return replicated(number, 1);
  }

  private static ServiceSpec unplaceable(int number) {
    ServiceSpec.Builder spec = replicated(number, 1).toBuilder();
    spec.getTaskBuilder().getPlacementBuilder().addConstraints("node.labels.none==such");
    return spec.build();
  }

  private static ServiceSpec replicated(int number, int replicas) {
    ServiceSpec.Builder spec =
        ServiceSpec.newBuilder()
            .setAnnotations(Annotations.newBuilder().setName("web" + number))
            .setReplicated(ReplicatedService.newBuilder().setReplicas(replicas));
    spec.getTaskBuilder().setContainer(ContainerSpec.newBuilder().setImage("web:1"));
    spec.getEndpointBuilder()
        .addPorts(PortConfig.newBuilder().setTargetPort(80).setPublishedPort(8080 + number));
    return spec.build();
  }

  @Override
  public void close() throws Exception {
    loop.close();
    log.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
