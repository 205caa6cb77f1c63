package dev.hanse.sim.world;

import dev.hanse.sim.check.Committed;
import dev.hanse.sim.net.Network;
import dev.hanse.sim.raft.RaftSettings;
import dev.hanse.sim.time.Timeline;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Everything that there is: time, randomness, network, hosts, and what was committed. */
public final class World {
  private final Timeline timeline = new Timeline();
  private final RandomGenerator random;
  private final Network network;
  private final Trace trace;
  private final Committed committed = new Committed();
  private final Options options;
  private final Map<String, Host> hosts = new LinkedHashMap<>();
  private final Map<String, Host> gossiping = new HashMap<>();
  private final Set<Host> retired = new HashSet<>();
  private boolean founded;

  /** A world without hosts. */
  public World(long seed, Options options, boolean recording) {
    this.random = new SplittableRandom(seed);
    this.options = options;
    this.network = new Network(timeline, random);
    this.trace = new Trace(timeline, recording);
  }

  /** Its time. */
  public Timeline timeline() {
    return timeline;
  }

  /** Its only randomness. */
  public RandomGenerator random() {
    return random;
  }

  /** What connects its hosts. */
  public Network network() {
    return network;
  }

  /** What has happened. */
  public Trace trace() {
    return trace;
  }

  /** The writes that are committed. */
  public Committed committed() {
    return committed;
  }

  /** What it was made with. */
  public Options options() {
    return options;
  }

  boolean sabotaged(Sabotage fault) {
    return options.sabotage() == fault;
  }

  RaftSettings raftSettings() {
    return new RaftSettings(
        options.stepDownAlone(),
        options.entriesBeforeImage(),
        sabotaged(Sabotage.ANSWER_BEFORE_SYNC));
  }

  /** A further host, which does not run yet. */
  public void add(Host host) {
    hosts.put(host.name(), host);
    gossiping.put(host.gossipAddress(), host);
  }

  /** The host of that name. */
  public Host host(String name) {
    return Optional.ofNullable(hosts.get(name)).orElseThrow();
  }

  /** The host whose gossip address this is. */
  Host gossiping(String address) {
    return Optional.ofNullable(gossiping.get(address)).orElseThrow();
  }

  /** The host that is, or was, a node. */
  public Host hostOf(String nodeId) {
    return hosts.values().stream()
        .filter(host -> host.nodeId().equals(nodeId))
        .findFirst()
        .orElseThrow();
  }

  /** All hosts but those that were taken out of the swarm. */
  public Collection<Host> hosts() {
    return hosts.values().stream().filter(host -> !retired.contains(host)).toList();
  }

  /** How many hosts there ever were. */
  int hostCount() {
    return hosts.size();
  }

  /** A broken host's node was removed. */
  public void retire(Host host) {
    retired.add(host);
  }

  /** The hosts whose managers take part. */
  public List<Host> managerHosts() {
    return hosts().stream().filter(Host::isMember).toList();
  }

  /** Are all first hosts nodes? */
  boolean isFounded() {
    return founded;
  }

  /** All first hosts are nodes. */
  public void founded() {
    founded = true;
  }

  /** The manager that leads and whose writes are taken, as far as it knows itself. */
  public Optional<ManagerRun> leader() {
    return hosts.values().stream()
        .flatMap(host -> host.manager().stream())
        .filter(ManagerRun::leads)
        .max(java.util.Comparator.comparingLong(run -> run.log().term()));
  }

  /** One of them, by lot. */
  public <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
