package dev.hanse.sim.life;

import dev.hanse.agent.task.TaskContainer;
import dev.hanse.control.Tasks;
import dev.hanse.control.dispatch.Assignments;
import dev.hanse.control.endpoints.EndpointProjection;
import dev.hanse.endpoints.EndpointTable;
import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.MemberState;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.sim.world.GossipRun;
import dev.hanse.sim.world.Host;
import dev.hanse.sim.world.World;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Is everything as it should be, everywhere? If not, the first reason why. */
final class Convergence {
  private final World world;

  Convergence(World world) {
    this.world = world;
  }

  Optional<String> missing() {
    Snapshot state = world.committed().newest();
    return membership(state)
        .or(() -> managers(state))
        .or(() -> nodes(state))
        .or(this::gossip)
        .or(() -> services(state))
        .or(() -> containers(state))
        .or(() -> dependencies(state))
        .or(() -> endpoints(state));
  }

  private Optional<String> managers(Snapshot state) {
    if (world.leader().isEmpty()) {
      return Optional.of("nobody leads");
    }
    for (Host host : world.managerHosts()) {
      long index = host.manager().map(run -> run.snapshot().index()).orElse(-1L);
      if (index != state.index()) {
        return Optional.of(
            "manager %s is at index %d of %d".formatted(host.name(), index, state.index()));
      }
    }
    return Optional.empty();
  }

  /** Hosts, nodes and the log's members are the same; what is gone has left nothing behind. */
  private Optional<String> membership(Snapshot state) {
    Set<String> hosts = new TreeSet<>();
    world.hosts().forEach(host -> hosts.add(host.nodeId()));
    Set<String> managers = new TreeSet<>();
    Set<String> nodes = new TreeSet<>();
    for (Node node : state.all(Kind.NODE)) {
      nodes.add(node.getId());
      if (node.getRole() != node.getSpec().getDesiredRole()) {
        return Optional.of(
            "node %s should be another than %s".formatted(node.getId(), node.getRole()));
      }
      boolean manager = node.getRole() == NodeRole.MANAGER;
      if (manager != node.hasManagerStatus()) {
        return Optional.of(
            "node %s is a %s, member of the log: %s"
                .formatted(node.getId(), node.getRole(), node.hasManagerStatus()));
      }
      if (manager && hosts.contains(node.getId())) {
        managers.add(world.hostOf(node.getId()).name());
      }
    }
    if (!nodes.equals(hosts)) {
      return Optional.of("the nodes are %s, the hosts %s".formatted(nodes, hosts));
    }
    Set<String> seated = new TreeSet<>();
    world.managerHosts().forEach(host -> seated.add(host.name()));
    Set<String> members = new TreeSet<>();
    world
        .leader()
        .ifPresent(run -> run.log().members().forEach(member -> members.add(member.nodeId())));
    if (!managers.equals(seated) || !managers.equals(members)) {
      return Optional.of(
          "managers are %s, their daemons run on %s, the log is kept by %s"
              .formatted(managers, seated, members));
    }
    for (Task task : state.all(Kind.TASK)) {
      if (!Tasks.isDead(task) && Tasks.isAssigned(task) && !nodes.contains(task.getNodeId())) {
        return Optional.of(
            "task %s is %s on a node that was removed"
                .formatted(task.getId(), task.getStatus().getState()));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> nodes(Snapshot state) {
    for (Node node : state.all(Kind.NODE)) {
      if (node.getStatus().getState() != NodeStatus.State.READY) {
        return Optional.of(
            "node %s (%s) is %s: %s"
                .formatted(
                    node.getDescription().getHostname(),
                    node.getId(),
                    node.getStatus().getState(),
                    node.getStatus().getMessage()));
      }
    }
    return Optional.empty();
  }

  /** Everybody runs, so everybody is alive for everybody, and nobody is avoided. */
  private Optional<String> gossip() {
    for (Host host : world.hosts()) {
      GossipView view = host.gossip().map(GossipRun::view).orElse(GossipView.EMPTY);
      for (Host other : world.hosts()) {
        Optional<MemberState> state = view.state(other.nodeId());
        if (!state.equals(Optional.of(MemberState.ALIVE))) {
          return Optional.of(
              "for %s the gossip of %s is %s"
                  .formatted(host.name(), other.name(), state.map(Enum::name).orElse("unknown")));
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> services(Snapshot state) {
    for (Service service : state.all(Kind.SERVICE)) {
      if (!Client.isSettled(service)) {
        return Optional.of("service %s has not its last image".formatted(name(service)));
      }
      List<Task> wanted =
          state.tasksOfService(service.getId()).stream().filter(Tasks::isWanted).toList();
      long expected =
          switch (service.getSpec().getModeCase()) {
            case GLOBAL -> state.size(Kind.NODE);
            case REPLICATED -> service.getSpec().getReplicated().getReplicas();
            case GLOBAL_JOB, REPLICATED_JOB, MODE_NOT_SET -> 0;
          };
      if (wanted.size() != expected) {
        return Optional.of(
            "service %s wants %d tasks and should %d"
                .formatted(name(service), wanted.size(), expected));
      }
      Optional<String> undone = undone(state, service);
      if (undone.isPresent()) {
        return undone;
      }
      for (Task task : wanted) {
        if (task.getStatus().getState() != TaskState.RUNNING
            || !task.getSpec().equals(service.getSpec().getTask())) {
          return Optional.of(
              "task %s of service %s is %s on node %s: %s %s"
                  .formatted(
                      task.getId(),
                      name(service),
                      task.getStatus().getState(),
                      task.getNodeId(),
                      task.getStatus().getMessage(),
                      task.getStatus().getErr()));
        }
      }
    }
    return Optional.empty();
  }

  /** A job's last run has ended well in each of its slots. */
  private static Optional<String> undone(Snapshot state, Service job) {
    Set<String> done = new TreeSet<>();
    for (Task task : state.tasksOfService(job.getId())) {
      boolean ofRun = task.getJobIteration().equals(job.getJobStatus().getJobIteration());
      if (ofRun && task.getStatus().getState() == TaskState.COMPLETE) {
        done.add(job.getSpec().hasGlobalJob() ? task.getNodeId() : String.valueOf(task.getSlot()));
      }
    }
    Set<String> slots = new TreeSet<>();
    switch (job.getSpec().getModeCase()) {
      case GLOBAL_JOB -> state.all(Kind.NODE).forEach(node -> slots.add(node.getId()));
      case REPLICATED_JOB -> {
        for (long i = 0; i < job.getSpec().getReplicatedJob().getTotalCompletions(); i++) {
          slots.add(String.valueOf(i));
        }
      }
      case GLOBAL, REPLICATED, MODE_NOT_SET -> {}
    }
    return done.containsAll(slots)
        ? Optional.empty()
        : Optional.of("job %s is done in %s of %s".formatted(name(job), done, slots));
  }

  private static String name(Service service) {
    return service.getSpec().getAnnotations().getName();
  }

  /** Each slot has one process and no other process runs: none twice, none left over. */
  private Optional<String> containers(Snapshot state) {
    Map<String, Set<String>> wanted = new TreeMap<>();
    for (Task task : state.all(Kind.TASK)) {
      if (Tasks.isWanted(task) || !Tasks.isDead(task)) {
        wanted
            .computeIfAbsent(task.getNodeId(), node -> new TreeSet<>())
            .add(TaskContainer.id(task.getId()));
      }
    }
    for (Host host : world.hosts()) {
      Set<String> expected = wanted.getOrDefault(host.nodeId(), Set.of());
      Set<String> running = new TreeSet<>(host.containers().running());
      if (!running.equals(expected)) {
        Set<String> more = new TreeSet<>(running);
        more.removeAll(expected);
        return Optional.of(
            "host %s runs %d containers and should %d; left over: %s"
                .formatted(host.name(), running.size(), expected.size(), more));
      }
    }
    return Optional.empty();
  }

  /** Nodes hold the secrets and configs that their tasks need, and no others. */
  private Optional<String> dependencies(Snapshot state) {
    for (Host host : world.hosts()) {
      Set<String> expected = new TreeSet<>();
      for (AssignmentChange change : Assignments.of(state, host.nodeId()).complete()) {
        switch (change.getAssignment().getItemCase()) {
          case SECRET -> expected.add(change.getAssignment().getSecret().getId());
          case CONFIG -> expected.add(change.getAssignment().getConfig().getId());
          case TASK, VOLUME, ITEM_NOT_SET -> {}
        }
      }
      Set<String> held = host.node().map(node -> node.dependencies().ids()).orElse(Set.of());
      if (!held.equals(expected)) {
        return Optional.of(
            "host %s holds the secrets and configs %s and should %s"
                .formatted(host.name(), new TreeSet<>(held), expected));
      }
    }
    return Optional.empty();
  }

  private Optional<String> endpoints(Snapshot state) {
    EndpointProjection whole = EndpointProjection.of(state);
    for (Host host : world.hosts()) {
      EndpointTable expected = whole.table(host.nodeId());
      EndpointTable table =
          host.node().map(node -> node.endpoints().table()).orElse(EndpointTable.empty());
      if (!table.equals(expected)) {
        return Optional.of(
            "host %s has other endpoints than it should, which differ by %s"
                .formatted(host.name(), expected.since(table)));
      }
    }
    return Optional.empty();
  }
}
