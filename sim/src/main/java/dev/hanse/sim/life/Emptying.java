package dev.hanse.sim.life;

import dev.hanse.control.allocator.Subnets;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.ConfigCommand.RemoveConfig;
import dev.hanse.control.command.NetworkCommand.RemoveNetwork;
import dev.hanse.control.command.SecretCommand.RemoveSecret;
import dev.hanse.control.command.ServiceCommand.RemoveService;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Node;
import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import dev.hanse.sim.world.Host;
import dev.hanse.sim.world.ManagerRun;
import dev.hanse.sim.world.Request;
import dev.hanse.sim.world.World;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Somebody who removes everything, after which nobody may hold anything any more. */
final class Emptying {
  private static final Map<String, Kind<?>> KINDS =
      Map.of(
          "services", Kind.SERVICE,
          "tasks", Kind.TASK,
          "configs", Kind.CONFIG,
          "secrets", Kind.SECRET);

  private static final String PREDEFINED = "com.docker.swarm.predefined";

  private final World world;
  private final Machine machine;

  Emptying(World world, Machine machine) {
    this.world = world;
    this.machine = machine;
  }

  /** Removes one thing after the other, again and again: some request may be lost. */
  void begin() {
    Optional<ManagerRun> leader = world.leader();
    Optional<Command> next = leader.map(ManagerRun::snapshot).flatMap(Emptying::next);
    if (next.isEmpty()) {
      machine.after(Timeline.SECOND / 2, this::begin);
      return;
    }
    Request.send(
        world,
        machine,
        world.any(world.managerHosts()),
        next.get(),
        answer -> machine.after(Timeline.SECOND / 20, this::begin));
  }

  private static Optional<Command> next(Snapshot seen) {
    Optional<Command> service =
        seen.all(Kind.SERVICE).stream().findFirst().map(found -> new RemoveService(found.getId()));
    if (service.isPresent() || seen.size(Kind.TASK) > 0) {
      return service; // Tasks use what follows.
    }
    return seen.all(Kind.NETWORK).stream()
        .filter(Emptying::isClients)
        .findFirst()
        .<Command>map(network -> new RemoveNetwork(network.getId()))
        .or(
            () ->
                seen.all(Kind.CONFIG).stream()
                    .findFirst()
                    .map(config -> new RemoveConfig(config.getId())))
        .or(
            () ->
                seen.all(Kind.SECRET).stream()
                    .findFirst()
                    .map(secret -> new RemoveSecret(secret.getId())));
  }

  /** The routing mesh's and the stand-ins for the nodes' own are every swarm's from the start. */
  private static boolean isClients(Network network) {
    return !network.getSpec().getIngress()
        && !network.getSpec().getAnnotations().containsLabels(PREDEFINED);
  }

  /** What is still there; empty when all is as at the beginning. */
  Optional<String> left() {
    Snapshot state = world.committed().newest();
    for (Map.Entry<String, Kind<?>> kind : KINDS.entrySet()) {
      if (state.size(kind.getValue()) > 0) {
        return Optional.of(
            "%d %s in the state".formatted(state.size(kind.getValue()), kind.getKey()));
      }
    }
    return addresses(state).or(this::onHosts);
  }

  /** Of the subnets only the routing mesh's is left, with an address for each node. */
  private static Optional<String> addresses(Snapshot state) {
    long networks = state.all(Kind.NETWORK).stream().filter(Emptying::isClients).count();
    int subnets = Subnets.inUse(state).size();
    if (networks > 0 || subnets != 1) {
      return Optional.of("%d networks and %d subnets in the state".formatted(networks, subnets));
    }
    Set<String> given = new TreeSet<>();
    int attachments = 0;
    for (Node node : state.all(Kind.NODE)) {
      for (NetworkAttachment attachment : node.getAttachmentsList()) {
        attachments++;
        given.addAll(attachment.getAddressesList());
      }
    }
    return given.size() == attachments && attachments <= state.size(Kind.NODE)
        ? Optional.empty()
        : Optional.of("%d addresses for %d attachments".formatted(given.size(), attachments));
  }

  private Optional<String> onHosts() {
    for (Host host : world.hosts()) {
      List<String> held = new ArrayList<>();
      host.containers().ids().forEach(id -> held.add("container " + id));
      host.records().keySet().forEach(id -> held.add("record of task " + id));
      host.node()
          .ifPresent(
              node -> {
                node.dependencies().ids().forEach(id -> held.add("secret or config " + id));
                if (!node.isEmpty()) {
                  held.add("tasks");
                }
              });
      if (!held.isEmpty()) {
        return Optional.of("host %s holds %s".formatted(host.name(), held));
      }
    }
    return Optional.empty();
  }
}
