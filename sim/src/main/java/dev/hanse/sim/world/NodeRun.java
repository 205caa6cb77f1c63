package dev.hanse.sim.world;

import dev.hanse.agent.dispatch.StatusReports;
import dev.hanse.agent.task.ContainerView;
import dev.hanse.agent.task.TaskContainer;
import dev.hanse.agent.task.TaskTable;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.agent.workload.Workload;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.WeightedPeer;
import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A node from its daemon's start to its end: the real task table and reports, on fake steps. */
public final class NodeRun {
  private static final long PAUSE_FIRST = 100 * Timeline.MS;
  private static final long PAUSE_MAX = 5 * Timeline.SECOND;

  private final World world;
  private final Host host;
  private final Machine machine;
  private final StatusReports reports = new StatusReports();
  private final TaskTable tasks;
  private final NodeDependencies dependencies;
  private final NodeEndpoints endpoints;
  private final Set<String> failedManagers = new HashSet<>();
  private String sessionId = "";
  private int failures;
  private Optional<NodeSessionRun> session = Optional.empty();

  NodeRun(World world, Host host) {
    this.world = world;
    this.host = host;
    this.machine = host.machine();
    this.endpoints = new NodeEndpoints(world);
    this.dependencies = new NodeDependencies(world, host);
    FakeSteps steps = new FakeSteps(world, host, dependencies, reports, this::reported);
    this.tasks = new TaskTable(steps);
    steps.attach(tasks);
    host.containers().watch(id -> machine.receive(() -> exited(id)));
    resume();
    machine.after(0, this::connect);
  }

  private void resume() {
    Set<String> wanted = new HashSet<>();
    for (Workload workload : List.copyOf(host.records().values())) {
      String containerId = TaskContainer.id(workload.id());
      wanted.add(containerId);
      tasks.resume(workload, host.containers().view(containerId, false));
    }
    for (String id : host.containers().running()) {
      if (!wanted.contains(id)) {
        host.containers().stop(id);
      }
    }
    host.containers().keepOnly(wanted);
    tasks.moveAll();
  }

  private void exited(String containerId) {
    if (host.containers().view(containerId, true) instanceof ContainerView.Exited exited) {
      tasks.exited(containerId, exited.code(), false);
    }
  }

  /** Has it no task, not even one that is being taken down? */
  public boolean isEmpty() {
    return tasks.isEmpty();
  }

  private void reported() {
    session.ifPresent(NodeSessionRun::sendReports);
  }

  StatusReports reports() {
    return reports;
  }

  /** The secrets and configs that its tasks need. */
  public NodeDependencies dependencies() {
    return dependencies;
  }

  /** What it knows of its networks. */
  public NodeEndpoints endpoints() {
    return endpoints;
  }

  void assigned(AssignmentsMessage message) {
    dependencies.assign(message);
    tasks.assign(SwarmWorkloads.changes(message));
  }

  /** A session's news: where the managers are, and that there are keys to gossip with. */
  void learned(SessionMessage message) {
    List<String> present =
        message.getManagersList().stream()
            .map((WeightedPeer peer) -> peer.getPeer().getAddr())
            .filter(address -> !address.isEmpty())
            .toList();
    if (!present.isEmpty()) {
      host.managers().clear();
      host.managers().addAll(present);
    }
    if (message.hasNode()) {
      host.told(message.getNode());
    }
    if (message.getNetworkBootstrapKeysCount() > 0) {
      host.gossip(
          present.stream()
              .map(name -> world.host(name).gossipAddress())
              .filter(address -> !address.equals(host.gossipAddress()))
              .toList());
    }
  }

  // Managers, one session after the other: as agent/dispatch/ManagerClient.

  private void connect() {
    List<String> candidates =
        host.managers().stream().filter(name -> !failedManagers.contains(name)).toList();
    if (candidates.isEmpty()) {
      failedManagers.clear();
      candidates = List.copyOf(host.managers());
    }
    String manager = candidates.get(world.random().nextInt(candidates.size()));
    NodeSessionRun fresh = new NodeSessionRun(world, host, this, manager, sessionId);
    session = Optional.of(fresh);
    fresh.begin();
  }

  /** The session with a manager has ended. */
  void sessionEnded(NodeSessionRun ended) {
    if (!session.equals(Optional.of(ended))) {
      return;
    }
    session = Optional.empty();
    Optional<String> id = ended.id();
    if (id.isPresent()) {
      failures = 0;
      failedManagers.remove(ended.manager());
    } else {
      failures++;
      failedManagers.add(ended.manager());
    }
    sessionId = ended.isUnknown() ? "" : id.orElse(sessionId);
    long longest = Math.min(PAUSE_FIRST << Math.min(failures, 10), PAUSE_MAX);
    machine.after(world.random().nextLong(longest / 2, longest), this::connect);
  }
}
