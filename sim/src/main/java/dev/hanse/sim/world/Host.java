package dev.hanse.sim.world;

import dev.hanse.model.Task;
import dev.hanse.sim.raft.RaftDisk;
import dev.hanse.sim.time.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A machine with its disk and its containers, and the daemon on it when it runs. */
public final class Host {
  private static final double RECORD_LOST = 0.3;

  private final World world;
  private final Machine machine;
  private final Containers containers;

  // What is on the disk.
  private final Map<String, Task> records = new TreeMap<>();
  private final List<String> managers = new ArrayList<>();
  private Optional<RaftDisk> log = Optional.empty();
  private String nodeId;

  // What runs.
  private Optional<ManagerRun> manager = Optional.empty();
  private Optional<NodeRun> node = Optional.empty();

  Host(World world, Machine machine, String nodeId) {
    this.world = world;
    this.machine = machine;
    this.nodeId = nodeId;
    this.containers = new Containers(world.timeline(), world.random());
  }

  String name() {
    return machine.name();
  }

  Machine machine() {
    return machine;
  }

  Containers containers() {
    return containers;
  }

  Map<String, Task> records() {
    return records;
  }

  /** Where the managers are, as far as this host knows. */
  List<String> managers() {
    return managers;
  }

  /** As its certificate says; empty before it has one. */
  String nodeId() {
    return nodeId;
  }

  void enrolled(String id) {
    nodeId = id;
  }

  /** Makes it a manager's host: from the next start on. */
  void giveLog(RaftDisk disk) {
    log = Optional.of(disk);
  }

  boolean isManagerHost() {
    return log.isPresent();
  }

  Optional<ManagerRun> manager() {
    return manager;
  }

  Optional<NodeRun> node() {
    return node;
  }

  /** Starts the daemon. */
  void start() {
    if (machine.isUp()) {
      return;
    }
    machine.start();
    world.trace().line("%s starts", name());
    manager = log.map(disk -> new ManagerRun(world, this, disk));
    startNode();
  }

  /** Starts the part that every node has, once there is a certificate. */
  void startNode() {
    if (!nodeId.isEmpty() && node.isEmpty()) {
      node = Optional.of(new NodeRun(world, this));
    }
  }

  /** The daemon is killed, and with the power its containers and what was not yet written. */
  void kill(boolean power) {
    if (!machine.isUp()) {
      return;
    }
    world.trace().line("%s %s", name(), power ? "loses its power" : "is killed");
    machine.kill();
    manager = Optional.empty();
    node = Optional.empty();
    containers.watch(id -> {});
    if (power) {
      log.ifPresent(disk -> disk.loseUnsafe(world.random()));
      records.keySet().removeIf(id -> world.random().nextDouble() < RECORD_LOST);
      containers.powerOff();
    } else {
      log.ifPresent(RaftDisk::keepAll);
    }
  }
}
