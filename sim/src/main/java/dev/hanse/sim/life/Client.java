package dev.hanse.sim.life;

import dev.hanse.control.command.Command;
import dev.hanse.control.command.ConfigCommand.CreateConfig;
import dev.hanse.control.command.ConfigCommand.RemoveConfig;
import dev.hanse.control.command.NetworkCommand.CreateNetwork;
import dev.hanse.control.command.NetworkCommand.RemoveNetwork;
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.control.command.SecretCommand.CreateSecret;
import dev.hanse.control.command.SecretCommand.RemoveSecret;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.RemoveService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.model.Config;
import dev.hanse.model.Network;
import dev.hanse.model.Node;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.Secret;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.sim.history.Operation;
import dev.hanse.sim.history.Register.Action;
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
import java.util.function.Consumer;

/** Somebody at work: reads from one manager, thinks, and writes by another. */
final class Client {
  private static final int SERVICES_MAX = 4;
  private static final long THINK_MAX = Timeline.SECOND;

  private final World world;
  private final Machine machine;
  private final Histories histories;
  private Optional<Write> open = Optional.empty();
  private int made;
  private boolean stopped;

  /** A write whose answer is awaited. */
  private record Write(String name, Action action, long called) {}

  Client(World world, Machine machine, Histories histories) {
    this.world = world;
    this.machine = machine;
    this.histories = histories;
  }

  void begin() {
    machine.after(world.random().nextLong(THINK_MAX), this::act);
  }

  /** Begins nothing more. */
  void stop() {
    stopped = true;
  }

  private String unique(String kind) {
    return kind + machine.name() + "-" + ++made;
  }

  private void act() {
    if (stopped) {
      return;
    }
    Host read = world.any(world.managerHosts());
    if (!read.machine().isUp() || read.machine().isPaused() || read.manager().isEmpty()) {
      begin();
      return;
    }
    Snapshot seen = read.manager().get().snapshot();
    machine.after(world.random().nextLong(THINK_MAX / 4), () -> act(seen));
  }

  private void act(Snapshot seen) {
    List<Service> services = List.copyOf(seen.all(Kind.SERVICE));
    int lot = world.random().nextInt(100);
    if (services.isEmpty() || (lot < 20 && services.size() < SERVICES_MAX)) {
      String name = unique("s");
      String mark = unique("m");
      write(
          new CreateService(Specs.service(world.random(), seen, name, mark)),
          name,
          new Action.Make(mark),
          answer -> begin());
    } else if (lot < 65) {
      update(seen, world.any(services));
    } else if (lot < 72) {
      Service service = world.any(services);
      write(
          new RemoveService(service.getId()),
          nameOf(service),
          new Action.Remove(),
          answer -> begin());
    } else if (lot < 80) {
      setAvailability(world.any(List.copyOf(seen.all(Kind.NODE))));
    } else if (lot < 89) {
      changeNetworks(seen);
    } else if (lot < 96) {
      changeConfigs(seen);
    } else {
      changeSecrets(seen);
    }
  }

  private static String nameOf(Service service) {
    return service.getSpec().getAnnotations().getName();
  }

  private void update(Snapshot seen, Service service) {
    String mark = unique("m");
    write(
        new UpdateService(
            service.getId(),
            service.getMeta().getVersion().getIndex(),
            Specs.changed(world.random(), seen, service.getSpec(), mark),
            false),
        nameOf(service),
        new Action.Exchange(Specs.markOf(service), mark),
        answer -> begin());
  }

  private void setAvailability(Node node) {
    NodeSpec spec =
        node.getSpec().toBuilder()
            .setAvailability(NodeSpec.Availability.forNumber(world.random().nextInt(3)))
            .build();
    send(
        new UpdateNode(node.getId(), node.getMeta().getVersion().getIndex(), spec),
        answer -> begin());
  }

  private void changeNetworks(Snapshot seen) {
    List<Network> own =
        seen.all(Kind.NETWORK).stream()
            .filter(network -> network.getSpec().getAnnotations().getName().startsWith("n"))
            .toList();
    if (own.size() < 3 || world.random().nextBoolean()) {
      send(new CreateNetwork(Specs.network(unique("n"))), answer -> begin());
    } else {
      send(new RemoveNetwork(world.any(own).getId()), answer -> begin());
    }
  }

  private void changeConfigs(Snapshot seen) {
    List<Config> all = List.copyOf(seen.all(Kind.CONFIG));
    if (all.size() < 4 || world.random().nextBoolean()) {
      send(new CreateConfig(Specs.config(unique("f"))), answer -> begin());
    } else {
      send(new RemoveConfig(world.any(all).getId()), answer -> begin());
    }
  }

  private void changeSecrets(Snapshot seen) {
    List<Secret> all = List.copyOf(seen.all(Kind.SECRET));
    if (all.size() < 4 || world.random().nextBoolean()) {
      send(new CreateSecret(Specs.secret(unique("h"))), answer -> begin());
    } else {
      send(new RemoveSecret(world.any(all).getId()), answer -> begin());
    }
  }

  /** A write whose history is kept. */
  private void write(Command command, String name, Action action, Consumer<Answer> then) {
    open = Optional.of(new Write(name, action, machine.nanos()));
    send(
        command,
        answer -> {
          switch (answer) {
            case Answer.Written written -> record(machine.nanos());
            case Answer.Lost lost -> record(Operation.NEVER);
            case Answer.Refused refused -> open = Optional.empty();
          }
          then.accept(answer);
        });
  }

  private void record(long returned) {
    open.ifPresent(
        write ->
            histories.add(
                write.name(),
                new Operation<>(machine.name(), write.action(), write.called(), returned)));
    open = Optional.empty();
  }

  /** Waits for no answer any more. */
  void giveUp() {
    record(Operation.NEVER);
  }

  private void send(Command command, Consumer<Answer> answered) {
    Host manager = world.any(world.managerHosts());
    world
        .trace()
        .line("%s asks %s: %s", machine.name(), manager.name(), command.getClass().getSimpleName());
    Request.send(
        world,
        machine,
        manager,
        command,
        answer -> {
          world.trace().line("%s hears %s", machine.name(), brief(answer));
          answered.accept(answer);
        });
  }

  private static String brief(Answer answer) {
    return switch (answer) {
      case Answer.Written written -> "that it is written";
      case Answer.Lost lost -> "nothing";
      case Answer.Refused refused -> refused.rejection().message();
    };
  }

  /** Reads what has become of a service at the end, when nothing changes any more. */
  static void readLast(Histories histories, Snapshot last, long now) {
    for (String name : List.copyOf(histories.names())) {
      Optional<String> mark = last.findByName(Kind.SERVICE, name).map(Specs::markOf);
      histories.add(name, new Operation<>("reader", new Action.Read(mark), now, now + 1));
    }
  }

  /** Puts one thing after the other in order. */
  void settle() {
    Optional<Snapshot> seen = world.leader().map(ManagerRun::snapshot);
    if (seen.isEmpty()) {
      machine.after(Timeline.SECOND / 2, this::settle);
      return;
    }
    Consumer<Answer> next = answer -> machine.after(Timeline.SECOND / 20, this::settle);
    for (Node node : seen.get().all(Kind.NODE)) {
      if (node.getSpec().getAvailability() != NodeSpec.Availability.ACTIVE) {
        NodeSpec spec =
            node.getSpec().toBuilder().setAvailability(NodeSpec.Availability.ACTIVE).build();
        send(new UpdateNode(node.getId(), node.getMeta().getVersion().getIndex(), spec), next);
        return;
      }
    }
    for (Service service : seen.get().all(Kind.SERVICE)) {
      if (!isSettled(service)) {
        settle(service, next);
        return;
      }
    }
    // What somebody asked for long ago may be written only now.
    machine.after(Timeline.SECOND, this::settle);
  }

  static boolean isSettled(Service service) {
    ServiceSpec spec = service.getSpec();
    return spec.getTask().getContainer().getImage().equals(Specs.finalImage(spec));
  }

  private void settle(Service service, Consumer<Answer> next) {
    String mark = unique("m");
    write(
        new UpdateService(
            service.getId(),
            service.getMeta().getVersion().getIndex(),
            Specs.settled(service.getSpec(), mark),
            false),
        nameOf(service),
        new Action.Exchange(Specs.markOf(service), mark),
        next);
  }
}
