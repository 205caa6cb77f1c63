package dev.hanse.sim.world;

import dev.hanse.agent.workload.Workload;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.sim.raft.RaftDisk;
import dev.hanse.sim.time.Machine;
import dev.hanse.sim.time.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A machine with its disk and its containers, and the daemon on it when it runs. */
public final class Host {
  private static final double RECORD_LOST = 0.3;

  /** How long a daemon that stops has to say goodbye. */
  public static final long FAREWELL = 300 * Timeline.MS;

  private final World world;
  private final Machine machine;
  private final Containers containers;
  private final String address;

  // What is on the disk.
  private final Map<String, Workload> records = new TreeMap<>();
  private final List<String> managers = new ArrayList<>();
  private Optional<RaftDisk> log = Optional.empty();
  private String nodeId;
  private NodeRole certified = NodeRole.WORKER;
  private boolean member;
  private boolean lost;

  // What runs.
  private Optional<ManagerRun> manager = Optional.empty();
  private Optional<NodeRun> node = Optional.empty();
  private Optional<Seat> seat = Optional.empty();
  private Optional<GossipRun> gossip = Optional.empty();
  private boolean powered = true;

  /** With an empty disk; the node's id is empty before it has one. */
  public Host(World world, Machine machine, String nodeId) {
    this.world = world;
    this.machine = machine;
    this.nodeId = nodeId;
    this.containers = new Containers(world.timeline(), world.random());
    this.address = "10.7.0." + (world.hostCount() + 1);
  }

  /** The machine's name. */
  public String name() {
    return machine.name();
  }

  /** What it runs on. */
  public Machine machine() {
    return machine;
  }

  /** Those on it, which outlive its daemon. */
  public Containers containers() {
    return containers;
  }

  /** What its node has written down of workloads, by their ids. */
  public Map<String, Workload> records() {
    return records;
  }

  /** Where the managers are, as far as this host knows. */
  public List<String> managers() {
    return managers;
  }

  /** As its certificate says; empty before it has one. */
  public String nodeId() {
    return nodeId;
  }

  /** Gets a certificate with this node's id. */
  public void enrolled(String id) {
    nodeId = id;
  }

  /** Makes it one of the first managers: from the next start on. */
  public void giveLog(RaftDisk disk) {
    log = Optional.of(disk);
    certified = NodeRole.MANAGER;
    member = true;
  }

  /** The role in its certificate. */
  NodeRole certified() {
    return certified;
  }

  /** Gets a certificate with this role. */
  public void certify(NodeRole role) {
    certified = role;
  }

  /** Has it a manager that the others have taken in? */
  boolean isMember() {
    return member && log.isPresent();
  }

  void joined() {
    member = true;
  }

  /** Starts a manager with an empty log, or with what an earlier try to be taken in has left. */
  void occupy() {
    if (manager.isEmpty()) {
      log = log.or(() -> Optional.of(new RaftDisk()));
      manager = log.map(disk -> new ManagerRun(world, this, disk));
    }
  }

  /** Ends the manager, and forgets its log. */
  void vacate() {
    world.trace().line("%s ends its manager", name());
    manager.ifPresent(ManagerRun::close);
    manager = Optional.empty();
    log = Optional.empty();
    member = false;
  }

  /** The machine is broken for good. */
  public void lose() {
    kill(true);
    lost = true;
  }

  /** Whether its machine is broken for good. */
  public boolean isLost() {
    return lost;
  }

  /** What a session says of the node. */
  void told(Node told) {
    seat.ifPresent(present -> present.told(told));
  }

  /** Whether it has a manager's log. */
  public boolean isManagerHost() {
    return log.isPresent();
  }

  /** Its manager, if one runs. */
  public Optional<ManagerRun> manager() {
    return manager;
  }

  /** Its node, if its daemon runs. */
  public Optional<NodeRun> node() {
    return node;
  }

  /** Its IP address. */
  String address() {
    return address;
  }

  /** Where it gossips, if it does. */
  String gossipAddress() {
    return address + ":7946";
  }

  /** Its part in the gossip, from its daemon's first session on. */
  public Optional<GossipRun> gossip() {
    return gossip;
  }

  /** Takes part in the gossip, and looks for others there. */
  public void gossip(List<String> seeds) {
    if (gossip.isEmpty()) {
      gossip = Optional.of(new GossipRun(world, this));
    }
    gossip.get().seeds(seeds);
  }

  /** Does the machine run, with or without the daemon? */
  boolean isPowered() {
    return powered;
  }

  /** Starts the daemon. */
  public void start() {
    if (machine.isUp() || lost) {
      return;
    }
    powered = true;
    machine.start();
    world.trace().line("%s starts", name());
    manager = log.map(disk -> new ManagerRun(world, this, disk));
    Seat taken = new Seat(world, this);
    seat = Optional.of(taken);
    taken.follow();
    startNode();
  }

  /** Starts the part that every node has, once there is a certificate. */
  public void startNode() {
    if (!nodeId.isEmpty() && node.isEmpty()) {
      node = Optional.of(new NodeRun(world, this));
    }
  }

  /** The daemon says that it stops, and stops. */
  public void stop() {
    if (machine.isUp()) {
      world.trace().line("%s is told to stop", name());
      gossip.ifPresent(GossipRun::depart);
      manager.filter(ManagerRun::leads).ifPresent(ManagerRun::handOver);
      long run = machine.run();
      world
          .timeline()
          .after(
              FAREWELL,
              () -> {
                if (machine.run() == run) {
                  kill(false);
                }
              });
    }
  }

  /** The daemon is killed, and with the power its containers and what was not yet written. */
  public void kill(boolean power) {
    if (!machine.isUp()) {
      return;
    }
    world.trace().line("%s %s", name(), power ? "loses its power" : "is killed");
    machine.kill();
    powered = !power;
    gossip = Optional.empty();
    manager = Optional.empty();
    node = Optional.empty();
    seat = Optional.empty();
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
