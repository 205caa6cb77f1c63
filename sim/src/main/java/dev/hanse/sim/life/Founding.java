package dev.hanse.sim.life;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.hanse.control.Decision;
import dev.hanse.control.Times;
import dev.hanse.control.command.ClusterCommand.FirstManager;
import dev.hanse.control.command.ClusterCommand.InitializeCluster;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.EnrollNode;
import dev.hanse.control.command.NodeCommand.UpdateManagerStatus;
import dev.hanse.model.Certificate;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.Ids;
import dev.hanse.model.ManagerStatus;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.RootCA;
import dev.hanse.raft.log.Member;
import dev.hanse.sim.check.Violation;
import dev.hanse.sim.raft.RaftDisk;
import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import dev.hanse.sim.world.Host;
import dev.hanse.sim.world.ManagerRun;
import dev.hanse.sim.world.Options;
import dev.hanse.sim.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Makes the hosts and the cluster, before anything goes wrong. */
final class Founding {
  private static final long ELECTION_MAX = 30 * Timeline.SECOND;

  private final World world;

  Founding(World world) {
    this.world = world;
  }

  void found() {
    Options options = world.options();
    List<Member> founders = new ArrayList<>();
    for (int i = 1; i <= options.managers(); i++) {
      founders.add(new Member("m" + i, "m" + i));
    }
    for (Member founder : founders) {
      Host host = new Host(world, machine(founder.nodeId()), "");
      host.giveLog(new RaftDisk(founders));
      world.add(host);
    }
    for (int i = 1; i <= options.workers(); i++) {
      world.add(new Host(world, machine("w" + i), ""));
    }
    List<String> names = founders.stream().map(Member::nodeId).toList();
    world.hosts().forEach(host -> host.managers().addAll(names));
    world.managerHosts().forEach(Host::start);
    initialize();
  }

  private Machine machine(String name) {
    long error =
        world.options().clockErrors()
            ? world.random().nextLong(-3 * Timeline.SECOND, 3 * Timeline.SECOND)
            : 0;
    return new Machine(world.timeline(), name, error);
  }

  private ManagerRun leader() {
    long patience = world.timeline().nanos() + ELECTION_MAX;
    while (world.leader().isEmpty() && world.timeline().nanos() < patience) {
      run(Timeline.SECOND / 10);
    }
    return world.leader().orElseThrow(() -> new Violation("no leader in a network in order"));
  }

  private void run(long nanos) {
    world.timeline().runUntil(world.timeline().nanos() + nanos);
  }

  private void initialize() {
    Host first = leader().host();
    first.enrolled(Ids.random(world.random()));
    ClusterSpec.Builder spec = ClusterSpec.newBuilder();
    spec.getDispatcherBuilder()
        .setHeartbeatPeriod(Times.duration(Duration.ofSeconds(world.options().heartbeatSeconds())));
    accept(
        new InitializeCluster(
            Ids.random(world.random()),
            spec.build(),
            RootCA.getDefaultInstance(),
            List.of("10.0.0.0/16"),
            24,
            0,
            new FirstManager(
                first.nodeId(),
                Certificate.newBuilder().setRole(NodeRole.MANAGER).build(),
                NodeSpec.Availability.ACTIVE)));
    for (Host host : world.hosts()) {
      if (host != first) {
        enroll(host);
      }
      if (host.isManagerHost()) {
        accept(
            new UpdateManagerStatus(
                host.nodeId(),
                Optional.of(ManagerStatus.newBuilder().setAddr(host.name()).build())));
      }
      host.start();
      host.startNode();
    }
    world.founded();
    world.leader().ifPresent(ManagerRun::lookAtRoles);
    run(Timeline.SECOND);
  }

  private void enroll(Host host) {
    NodeRole role = host.isManagerHost() ? NodeRole.MANAGER : NodeRole.WORKER;
    Message node =
        accept(
            new EnrollNode(
                role, ByteString.copyFromUtf8(host.name()), NodeSpec.Availability.ACTIVE));
    host.enrolled(((Node) node).getId());
  }

  private Message accept(Command command) {
    CompletableFuture<Decision> answer = leader().submit(command);
    long patience = world.timeline().nanos() + ELECTION_MAX;
    while (!answer.isDone() && world.timeline().nanos() < patience) {
      run(Timeline.SECOND / 10);
    }
    if (answer.isDone() && answer.join() instanceof Decision.Accepted accepted) {
      return accepted.result().orElseThrow();
    }
    throw new Violation("not accepted in a network in order: " + command + ": " + answer);
  }
}
