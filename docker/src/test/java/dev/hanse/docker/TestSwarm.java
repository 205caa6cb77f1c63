package dev.hanse.docker;

import dev.hanse.cluster.ClusterAccess;
import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.UpdateNodeStatus;
import dev.hanse.control.command.TaskCommand.UpdateTaskStatuses;
import dev.hanse.docker.events.EventHub;
import dev.hanse.health.Health;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.manager.ClusterRequest;
import dev.hanse.manager.Manager;
import dev.hanse.manager.ManagerSettings;
import dev.hanse.manager.ManagerStartException;
import dev.hanse.manager.RestoredCluster;
import dev.hanse.model.EngineDescription;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.Platform;
import dev.hanse.model.Resources;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import dev.hanse.web.HttpListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The API on a unix socket over a real manager: store, control, log, authority. There is no agent;
 * tests say what the one node reports.
 */
public final class TestSwarm implements SwarmLifecycle, AutoCloseable {
  private final Path directory;
  private final EventHub events = new EventHub();
  private final DockerApi api;
  private volatile Optional<Manager> manager = Optional.empty();
  private Optional<Store.Subscription> following = Optional.empty();
  private volatile List<String> sought = List.of();
  private final Health health = new Health();

  /** Starts the API; the socket is {@code docker.sock} in the directory. */
  public TestSwarm(Path directory) throws IOException {
    this.directory = directory;
    DockerSettings settings =
        new DockerSettings(
            List.of(new HttpListener.Endpoint.UnixSocket(socket(), "docker")),
            "0.1.0",
            "engine-one",
            "host-one",
            directory,
            directory.resolve("calls"),
            List.of("rack=r1"),
            List.of("reg.example:5000"),
            health);
    this.api = DockerApi.start(settings, this, LocalEngine.none(), List::of, events);
  }

  /** What is wrong with the node. */
  public Health health() {
    return health;
  }

  /** Where the API listens. */
  public Path socket() {
    return directory.resolve("docker.sock");
  }

  /** The docker CLI, talking to this API. */
  public Cli cli() {
    return new Cli(socket());
  }

  @Override
  public String init(InitRequest request) throws SwarmRefusal {
    if (manager.isPresent()) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.UNAVAILABLE,
          "This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one.");
    }
    try {
      start(
          Manager.initialize(
              settings(),
              certificates(),
              new ClusterRequest(
                  request.spec(),
                  request.defaultAddressPools(),
                  request.subnetSize(),
                  request.dataPathPort(),
                  request.availability())));
      return nodeId();
    } catch (ManagerStartException e) {
      throw new SwarmRefusal(SwarmRefusal.Kind.INVALID, String.valueOf(e.getMessage()), e);
    }
  }

  private void start(Manager started) {
    following = Optional.of(api.follow(started));
    manager = Optional.of(started);
  }

  private ManagerSettings settings() {
    return new ManagerSettings(
        directory.resolve("raft"),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        "127.0.0.1:2377",
        InstantSource.system(),
        health);
  }

  private CertificateDirectory certificates() {
    return new CertificateDirectory(directory.resolve("certificates"));
  }

  @Override
  public Restored restore(RestoreRequest request) throws SwarmRefusal {
    try {
      RestoredCluster cluster = RestoredCluster.read(request.state(), request.index());
      start(cluster.start(settings(), certificates(), request.availability()));
      return new Restored(nodeId(), cluster.formerManagers());
    } catch (ManagerStartException | IOException e) {
      throw new SwarmRefusal(SwarmRefusal.Kind.INVALID, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void seekManagers(List<String> addresses) {
    sought = List.copyOf(addresses);
  }

  @Override
  public int shutDown(java.time.Duration limit) {
    return (int) limit.toSeconds();
  }

  /** What {@link #seekManagers} was told last. */
  public List<String> sought() {
    return sought;
  }

  @Override
  public void join(JoinRequest request) throws SwarmRefusal {
    throw new SwarmRefusal(SwarmRefusal.Kind.INVALID, "no swarm at " + request.remoteAddresses());
  }

  @Override
  public void leave(boolean force) throws SwarmRefusal {
    if (!force) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.UNAVAILABLE, "You are attempting to leave the swarm on a manager.");
    }
    stopManager();
  }

  @Override
  public void unlock(String unlockKey) throws SwarmRefusal {
    throw new SwarmRefusal(SwarmRefusal.Kind.CONFLICT, "swarm is not locked");
  }

  @Override
  public LocalState state() {
    return manager
        .map(
            running ->
                new LocalState(
                    LocalState.Status.ACTIVE,
                    nodeId(),
                    "127.0.0.1",
                    true,
                    "",
                    List.of(new LocalState.Peer(nodeId(), "127.0.0.1:2377"))))
        .orElseGet(LocalState::inactive);
  }

  @Override
  public Optional<ClusterAccess> cluster() {
    return manager.map(running -> running);
  }

  /** The id of the one node. */
  public String nodeId() {
    return manager.orElseThrow().credentials().identity().nodeId();
  }

  /** The committed state. */
  public Snapshot snapshot() {
    return manager.orElseThrow().snapshot();
  }

  /** Writes, and fails if that is refused. */
  public void write(Command command) throws Exception {
    Decision decision = manager.orElseThrow().submit(command).get(10, TimeUnit.SECONDS);
    if (decision instanceof Decision.Refused(var rejection)) {
      throw new AssertionError(command + ": " + rejection);
    }
  }

  /** The node reports that it is up. */
  public void nodeIsReady() throws Exception {
    NodeDescription description =
        NodeDescription.newBuilder()
            .setHostname("host-one")
            .setPlatform(Platform.newBuilder().setArchitecture("x86_64").setOs("linux"))
            .setResources(
                Resources.newBuilder().setNanoCpus(4_000_000_000L).setMemoryBytes(8L << 30))
            .setEngine(EngineDescription.newBuilder().setEngineVersion("0.1.0"))
            .build();
    NodeStatus status =
        NodeStatus.newBuilder().setState(NodeStatus.State.READY).setAddr("127.0.0.1").build();
    write(new UpdateNodeStatus(nodeId(), status, Optional.of(description)));
  }

  /** The node reports all tasks as running or stopped, as they should be. */
  public void runTasks() throws Exception {
    List<TaskStatusUpdate> updates = new ArrayList<>();
    for (Task task : snapshot().tasksOfNode(nodeId())) {
      boolean run = task.getDesiredState() == TaskState.RUNNING;
      boolean stop = task.getDesiredState().getNumber() > TaskState.RUNNING_VALUE;
      TaskState state = run ? TaskState.RUNNING : TaskState.SHUTDOWN;
      if (run || stop) {
        updates.add(
            TaskStatusUpdate.newBuilder()
                .setTaskId(task.getId())
                .setStatus(
                    TaskStatus.newBuilder()
                        .setState(state)
                        .setMessage("started")
                        .setTimestamp(task.getMeta().getUpdatedAt()))
                .build());
      }
    }
    write(new UpdateTaskStatuses(nodeId(), updates));
  }

  /** Waits until the committed state is so. */
  public void await(String what, Predicate<Snapshot> condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (!condition.test(snapshot())) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "not in time: "
                + what
                + "; "
                + snapshot().all(Kind.TASK)
                + snapshot().all(Kind.NETWORK));
      }
      Thread.onSpinWait();
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private void stopManager() {
    following.ifPresent(Store.Subscription::close);
    manager.ifPresent(Manager::close);
    manager = Optional.empty();
  }

  @Override
  public void close() throws IOException {
    api.close();
    stopManager();
    Files.deleteIfExists(socket());
  }
}
