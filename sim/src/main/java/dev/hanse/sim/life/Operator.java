package dev.hanse.sim.life;

import com.google.protobuf.ByteString;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.EnrollNode;
import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import dev.hanse.sim.world.Host;
import dev.hanse.sim.world.ManagerRun;
import dev.hanse.sim.world.Request;
import dev.hanse.sim.world.Request.Answer;
import dev.hanse.sim.world.World;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Somebody who promotes and demotes nodes, brings new hosts and takes broken ones out. The first
 * manager stays one, so that every node knows somebody to ask when it comes back.
 */
final class Operator {
  private static final long PAUSE_MIN = Timeline.SECOND / 2;
  private static final long PAUSE_MAX = 3 * Timeline.SECOND;
  private static final long REGRET_MAX = Timeline.SECOND / 2;
  private static final int MANAGERS_MAX = 5;
  private static final int NEW_HOSTS_MAX = 2;
  private static final int LOST_MAX = 2;
  private static final String FIRST = "m1";

  private final World world;
  private final Machine machine;
  private int brought;
  private int lost;
  private boolean enrolling;
  private boolean stopped;

  Operator(World world, Machine machine) {
    this.world = world;
    this.machine = machine;
  }

  void begin() {
    machine.after(world.random().nextLong(PAUSE_MIN, PAUSE_MAX), this::act);
  }

  /** Changes nothing more, but brings to an end what was begun. */
  void stop() {
    stopped = true;
  }

  private void act() {
    begin();
    Optional<Snapshot> seen = world.any(world.managerHosts()).manager().map(ManagerRun::snapshot);
    if (seen.isEmpty() || seen.get().size(Kind.NODE) == 0 || tidies(seen.get()) || stopped) {
      return;
    }
    switch (world.random().nextInt(8)) {
      case 0, 1, 2 -> promote(seen.get());
      case 3, 4 -> demote(seen.get());
      case 5 -> lose();
      case 6 -> bring();
      default -> {}
    }
  }

  /** Takes out one node whose host is broken, or was never there; false if there is none. */
  private boolean tidies(Snapshot seen) {
    Set<String> well =
        world.hosts().stream()
            .filter(host -> !host.isLost())
            .map(Host::nodeId)
            .collect(Collectors.toSet());
    for (Node node : seen.all(Kind.NODE)) {
      if (!well.contains(node.getId()) && !enrolling) {
        if (node.getSpec().getDesiredRole() == NodeRole.MANAGER) {
          setRole(node, NodeRole.WORKER);
        } else if (node.getStatus().getState() != NodeStatus.State.READY) {
          send(new RemoveNode(node.getId(), false), answer -> {});
        }
        return true;
      }
    }
    Snapshot committed = world.committed().newest();
    world.hosts().stream()
        .filter(Host::isLost)
        .filter(host -> committed.find(Kind.NODE, host.nodeId()).isEmpty())
        .forEach(world::retire);
    return false;
  }

  private void promote(Snapshot seen) {
    List<Node> workers = seen.all(Kind.NODE).stream().filter(Operator::isWorker).toList();
    if (!workers.isEmpty() && seen.size(Kind.NODE) - workers.size() < MANAGERS_MAX) {
      setRole(world.any(workers), NodeRole.MANAGER);
    }
  }

  private static boolean isWorker(Node node) {
    return node.getSpec().getDesiredRole() == NodeRole.WORKER;
  }

  private void demote(Snapshot seen) {
    List<Node> managers =
        seen.all(Kind.NODE).stream()
            .filter(node -> node.getSpec().getDesiredRole() == NodeRole.MANAGER)
            .filter(node -> !node.getId().equals(world.host(FIRST).nodeId()))
            .toList();
    if (!managers.isEmpty()) {
      Node demoted = world.any(managers);
      setRole(demoted, NodeRole.WORKER);
      if (world.random().nextInt(3) == 0) {
        machine.after(world.random().nextLong(REGRET_MAX), () -> promoteAgain(demoted.getId()));
      }
    }
  }

  /** The change of mind comes at any moment: before the node has noticed anything, or after. */
  private void promoteAgain(String nodeId) {
    world
        .any(world.managerHosts())
        .manager()
        .flatMap(run -> run.snapshot().find(Kind.NODE, nodeId))
        .filter(Operator::isWorker)
        .filter(node -> !stopped)
        .ifPresent(node -> setRole(node, NodeRole.MANAGER));
  }

  private void setRole(Node node, NodeRole role) {
    NodeSpec spec = node.getSpec().toBuilder().setDesiredRole(role).build();
    world.trace().line("node %s should be a %s", node.getId(), role);
    send(new UpdateNode(node.getId(), node.getMeta().getVersion().getIndex(), spec), answer -> {});
  }

  private void lose() {
    List<Host> mortal =
        world.hosts().stream()
            .filter(host -> !host.isLost() && !host.name().equals(FIRST))
            .filter(host -> !host.isManagerHost() || (isSettled() && managers() > 2))
            .toList();
    if (lost < LOST_MAX && mortal.size() > 2 && world.hosts().stream().noneMatch(Host::isLost)) {
      lost++;
      Host host = world.any(mortal);
      world.trace().line("%s breaks for good", host.name());
      host.lose();
    }
  }

  private static boolean isSettled(Node node) {
    return node.getRole() == node.getSpec().getDesiredRole();
  }

  private static boolean areSettled(Snapshot state) {
    return state.all(Kind.NODE).stream().allMatch(Operator::isSettled);
  }

  private boolean isSettled() {
    return areSettled(world.committed().newest());
  }

  private int managers() {
    return world.leader().map(run -> run.log().members().size()).orElse(0);
  }

  private void bring() {
    if (brought < NEW_HOSTS_MAX && !enrolling) {
      brought++;
      enrolling = true;
      String name = "x" + brought;
      NodeRole role = world.random().nextInt(3) == 0 ? NodeRole.MANAGER : NodeRole.WORKER;
      send(
          new EnrollNode(role, ByteString.copyFromUtf8(name), NodeSpec.Availability.ACTIVE),
          answer -> enrolled(name, role, answer));
    }
  }

  private void enrolled(String name, NodeRole role, Answer answer) {
    enrolling = false;
    if (answer instanceof Answer.Written written
        && written.decision().result().orElse(null) instanceof Node node) {
      Host host = new Host(world, new Machine(world.timeline(), name, 0), node.getId());
      world.managerHosts().forEach(manager -> host.managers().add(manager.name()));
      host.certify(role);
      world.add(host);
      host.start();
    }
  }

  private void send(Command command, Consumer<Answer> answered) {
    Request.send(world, machine, world.any(world.managerHosts()), command, answered);
  }
}
