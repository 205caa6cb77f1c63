package dev.hanse.sim.life;

import dev.hanse.agent.network.Silence;
import dev.hanse.endpoints.EndpointEntry;
import dev.hanse.endpoints.NetworkTable;
import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.MemberState;
import dev.hanse.model.NodeStatus;
import dev.hanse.sim.check.Violation;
import dev.hanse.sim.time.Timeline;
import dev.hanse.sim.world.GossipRun;
import dev.hanse.sim.world.Host;
import dev.hanse.sim.world.NodeEndpoints;
import dev.hanse.sim.world.World;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * What befalls one host while all others are well: only then can be said how soon they must notice
 * it. A short pause is no death; a death is known to all within seconds, and to the managers.
 */
final class CalmTrials {
  private static final long PAUSE_MAX = 1_900 * Timeline.MS;
  private static final long PAUSE_FORGOTTEN = 4 * Timeline.SECOND;
  private static final long DEATH_KNOWN = 6 * Timeline.SECOND;
  private static final long NODE_DOWN = 2 * Timeline.SECOND;

  private final World world;
  private final LongConsumer advance;

  /**
   * In a world that has settled.
   *
   * @param advance lets time go on by so many nanoseconds
   */
  CalmTrials(World world, LongConsumer advance) {
    this.world = world;
    this.advance = advance;
  }

  /** A host stands still for less than two seconds. */
  void pause() {
    long before = deaths();
    Host host = world.any(List.copyOf(world.hosts()));
    long nanos = world.random().nextLong(PAUSE_MAX);
    world.trace().line("%s stands still for %d ms, alone", host.name(), nanos / Timeline.MS);
    host.machine().pause(nanos);
    advance.accept(nanos + PAUSE_FORGOTTEN);
    Violation.unless(
        deaths() == before,
        "somebody was believed dead when %s stood still for %d ms",
        host.name(),
        nanos / Timeline.MS);
  }

  private long deaths() {
    return world.hosts().stream()
        .flatMap(host -> host.gossip().stream())
        .mapToLong(GossipRun::deaths)
        .sum();
  }

  /** A host dies, and comes back when everybody has noticed. */
  void death() {
    List<Host> mortal =
        world.hosts().stream()
            .filter(host -> world.managerHosts().size() > 2 || !host.isManagerHost())
            .toList();
    Host dead = world.any(mortal);
    dead.kill(world.random().nextBoolean());
    advance.accept(DEATH_KNOWN);
    for (Host host : world.hosts()) {
      if (host != dead) {
        knows(host, dead);
      }
    }
    advance.accept(NODE_DOWN);
    NodeStatus.State state =
        world
            .committed()
            .newest()
            .find(Kind.NODE, dead.nodeId())
            .map(node -> node.getStatus().getState())
            .orElse(NodeStatus.State.DOWN);
    Violation.unless(
        state == NodeStatus.State.DOWN,
        "%s is dead for %d ms and still %s",
        dead.name(),
        (DEATH_KNOWN + NODE_DOWN) / Timeline.MS,
        state);
    dead.start();
  }

  private void knows(Host host, Host dead) {
    Snapshot state = world.committed().newest();
    GossipView view = host.gossip().map(GossipRun::view).orElse(GossipView.EMPTY);
    Violation.unless(
        view.state(dead.nodeId()).equals(Optional.of(MemberState.DEAD)),
        "%s is dead for %d ms, and for %s it is %s",
        dead.name(),
        DEATH_KNOWN / Timeline.MS,
        host.name(),
        view.state(dead.nodeId()));
    Set<String> silent =
        new HashSet<>(Silence.of(view, host.nodeId(), host.machine().instant()).nodeIds());
    silent.removeIf(nodeId -> state.find(Kind.NODE, nodeId).isEmpty());
    Violation.unless(
        silent.equals(Set.of(dead.nodeId())),
        "only %s is dead, and %s avoids the nodes %s",
        dead.name(),
        host.name(),
        silent);
    host.node().ifPresent(node -> avoids(host, node.endpoints(), silent));
  }

  /** No connection goes to the dead where one could go to the living. */
  private static void avoids(Host host, NodeEndpoints endpoints, Set<String> silent) {
    for (NetworkTable network : endpoints.table().avoiding(silent).networks()) {
      for (String serviceId : network.services().keySet()) {
        List<EndpointEntry> ready = network.ready(serviceId);
        long dead = ready.stream().filter(each -> silent.contains(each.nodeId())).count();
        Violation.unless(
            dead == 0 || dead == ready.size(),
            "%s offers %d dead endpoints of service %s in network %s",
            host.name(),
            dead,
            serviceId,
            network.entry().id());
      }
    }
  }
}
