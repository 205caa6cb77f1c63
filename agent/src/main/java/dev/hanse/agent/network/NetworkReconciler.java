package dev.hanse.agent.network;

import dev.hanse.agent.network.NetworkLoop.Message;
import dev.hanse.agent.network.host.HostSurroundings;
import dev.hanse.agent.network.host.TaskNamespace;
import dev.hanse.agent.workload.Workload;
import dev.hanse.endpoints.AppliedTable;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.gossip.GossipView;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.network.Link;
import dev.hanse.model.ContainerSpec.DNSConfig;
import dev.hanse.model.ForeignSubnet;
import dev.hanse.network.LocalTask;
import dev.hanse.network.LocalTask.Networking;
import dev.hanse.network.NetworkPlanner;
import dev.hanse.network.NodeFacts;
import dev.hanse.network.TaskNames;
import dev.hanse.network.TaskState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop's state and what it does with it; of the loop's thread alone but for {@link #faults} and
 * {@link #foreignSubnets}.
 */
final class NetworkReconciler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NetworkReconciler.class);

  private final NetworkSettings settings;
  private final KernelState kernel;
  private final NetworkRecords records;
  private final TaskRoster roster;
  private final EgressPool egress;
  private final Builds builds;
  private final PlannedEndpoints endpoints = new PlannedEndpoints();
  private final NodeAddresses addresses = new NodeAddresses();
  private Optional<NodePlace> place;
  private ResolvConf resolvConf = new ResolvConf(List.of(), List.of(), List.of());
  private boolean forwardsOnlyOurs;

  /** Tasks that may come for a namespace whose record is lost; empty until they are known. */
  private Optional<Set<String>> expected = Optional.empty();

  private volatile List<String> faults = List.of();
  private volatile List<ForeignSubnet> foreignSubnets;

  /** What one step has to do, gathered from its messages. */
  private static final class Work {
    final Map<String, CompletableFuture<TaskNetwork>> attaching = new TreeMap<>();
    final List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
    boolean repair;
    boolean everything;
    boolean ends;

    Work(boolean repair) {
      this.repair = repair;
    }
  }

  private NetworkReconciler(NetworkSettings settings, Netlink host, Consumer<Message> loop) {
    this.settings = settings;
    this.records = new NetworkRecords(settings.runDirectory());
    this.egress = EgressPool.of(EgressPool.subnet(settings, host));
    this.roster = new TaskRoster(records, egress, new HostPorts(settings.host()));
    this.builds = new Builds(loop);
    this.place = records.readPlace();
    this.kernel = new KernelState(settings, host);
    this.foreignSubnets = HostSurroundings.read(host).toMessages();
  }

  /**
   * Opens the host's namespace.
   *
   * @param loop takes messages of other threads; may block
   */
  static NetworkReconciler open(NetworkSettings settings, Consumer<Message> loop) {
    Netlink host = Netlink.open(settings.host());
    try {
      return new NetworkReconciler(settings, host, loop);
    } catch (RuntimeException fault) {
      host.close();
      throw fault;
    }
  }

  List<String> faults() {
    return faults;
  }

  /** What the host reaches besides our networks, as it was seen at the last repair. */
  List<ForeignSubnet> foreignSubnets() {
    return foreignSubnets;
  }

  /**
   * Takes over what an earlier run left, so that the next step may repair it. If that fails nothing
   * may be done before another try: whatever is not taken over would be taken for a leftover.
   */
  void adopt() {
    try {
      roster.adopt();
    } catch (IOException | RuntimeException | Error fault) {
      faults = List.of("read " + settings.runDirectory() + ": " + fault);
      throw new IllegalStateException(faults.getFirst(), fault);
    }
    try {
      records
          .readEndpoints()
          .flatMap(endpoints::adopt)
          .ifPresent(
              reason ->
                  log.warn(
                      "cannot use the endpoint table of the earlier run; the managers will send it: {}",
                      reason));
    } catch (RuntimeException fault) {
      log.warn(
          "cannot read the endpoint table of the earlier run; the managers will send it", fault);
    }
  }

  /** How long the endpoints that wait may go on waiting; empty when there are none. */
  Optional<Duration> pause() {
    return endpoints.pause();
  }

  /**
   * Takes messages, applies what they change and answers them.
   *
   * @param heard what gossip says of the nodes
   * @return false when the loop has to end
   * @throws RuntimeException or an error if it cannot be applied; all are answered then
   */
  boolean step(List<Message> batch, GossipView heard, boolean repair) throws InterruptedException {
    Work work = new Work(repair);
    Deque<Message> todo = new ArrayDeque<>(batch);
    while (!todo.isEmpty()) {
      Message message = todo.remove();
      try {
        take(message, work, todo);
      } catch (IOException | RuntimeException | Error fault) {
        log.warn("network: {}", message, fault);
        fail(message, fault);
      }
    }
    try {
      addresses.listen(heard);
      endpoints.listen(heard, place.map(NodePlace::nodeId).orElse(""));
      if (work.ends) {
        refuse(work, new IllegalStateException("the node's networks are closed"));
      } else {
        apply(work);
      }
    } catch (RuntimeException | Error fault) {
      // The timer tries again.
      faults = List.of(fault.toString());
      refuse(work, fault);
      throw fault;
    } finally {
      work.waiting.forEach(done -> done.complete(true));
    }
    return !work.ends;
  }

  private static void refuse(Work work, Throwable reason) {
    work.attaching.values().forEach(done -> done.completeExceptionally(reason));
  }

  private void take(Message message, Work work, Deque<Message> todo)
      throws IOException, InterruptedException {
    switch (message) {
      case Message.Join(NodePlace joined, CompletableFuture<Boolean> done) -> {
        place = Optional.of(joined);
        records.writePlace(joined);
        work.everything = true;
        work.waiting.add(done);
      }
      case Message.Leave(CompletableFuture<Boolean> done) -> {
        forgetSwarm();
        work.repair = true;
        work.waiting.add(done);
      }
      case Message.Endpoints told ->
          endpoints.receive(told.message(), told.applied()).ifPresent(told.refused());
      case Message.Listen _ -> {} // Taken with every step.
      case Message.Attach attach -> {
        if (builds.contains(attach.workload().id())) {
          builds.hold(attach.workload().id(), attach);
        } else {
          prepare(attach.workload(), attach.done(), work.attaching);
        }
      }
      case Message.Detach detach -> {
        if (builds.contains(detach.taskId())) {
          builds.hold(detach.taskId(), detach);
        } else {
          forget(detach.taskId(), work);
          work.waiting.add(detach.done());
        }
      }
      case Message.KeepOnly(Set<String> taskIds, CompletableFuture<Boolean> done) -> {
        for (String taskId : List.copyOf(roster.taskIds())) {
          if (!taskIds.contains(taskId)) {
            todo.addFirst(new Message.Detach(taskId, new CompletableFuture<>()));
          }
        }
        records.keepOnly(taskIds);
        expected = Optional.of(new HashSet<>(taskIds));
        work.repair = true;
        work.waiting.add(done);
      }
      case Message.Repair(CompletableFuture<Boolean> done) -> {
        work.repair = true;
        work.waiting.add(done);
      }
      case Message.Built(String taskId) ->
          builds.remove(taskId).ifPresent(build -> built(taskId, build, work, todo));
      case Message.Close(boolean clean, CompletableFuture<Boolean> done) -> {
        work.ends = true;
        work.waiting.add(done);
        if (clean) {
          removeAll();
        }
      }
    }
  }

  static void fail(Message message, Throwable fault) {
    switch (message) {
      case Message.Join join -> join.done().completeExceptionally(fault);
      case Message.Leave leave -> leave.done().completeExceptionally(fault);
      case Message.Attach attach -> attach.done().completeExceptionally(fault);
      case Message.Detach detach -> detach.done().completeExceptionally(fault);
      case Message.KeepOnly keepOnly -> keepOnly.done().completeExceptionally(fault);
      case Message.Repair repair -> repair.done().completeExceptionally(fault);
      case Message.Close close -> close.done().completeExceptionally(fault);
      case Message.Endpoints _, Message.Listen _, Message.Built _ -> {}
    }
  }

  private void forgetSwarm() throws IOException {
    place = Optional.empty();
    endpoints.forget();
    records.removePlace();
  }

  /** Chooses what the task leaves open and keeps it; the rest is done when all is taken. */
  private void prepare(
      Workload workload,
      CompletableFuture<TaskNetwork> done,
      Map<String, CompletableFuture<TaskNetwork>> attaching)
      throws IOException {
    DNSConfig dns = workload.settings().getDnsConfig();
    try {
      switch (LocalTask.asked(workload.attachments(), workload.ports())) {
        case LocalTask.Asked.Impossible(String reason) -> throw new TaskNetworkException(reason);
        case LocalTask.Asked.Host() -> {
          records.writeResolvConf(workload.id(), resolvConf.forHostNetwork(dns));
          done.complete(
              new TaskNetwork(
                  Optional.empty(),
                  records.resolvConf(workload.id()),
                  List.of(),
                  Optional.empty(),
                  "127.0.0.1",
                  List.of()));
        }
        case LocalTask.Asked.Own own -> {
          if (!own.attachments().isEmpty() && place.isEmpty()) {
            throw new TaskNetworkException("this node is not part of a swarm");
          }
          makeWay(own);
          roster.choose(workload, own);
          records.writeResolvConf(workload.id(), resolvConf.forContainer(dns));
          replaced(attaching.put(workload.id(), done), "replaced by a newer version of the task");
        }
      }
    } catch (TaskNetworkException refused) {
      done.completeExceptionally(refused);
    }
  }

  /** In the task's namespace its way out must not meet one of its networks. */
  private void makeWay(LocalTask.Asked.Own own) throws TaskNetworkException {
    if (own.egress()) {
      List<Ipv4Subnet> subnets =
          own.attachments().stream().map(LocalTask.Attachment::address).toList();
      if (settings.egress().isEmpty()) {
        egress.avoid(kernel.surroundings(), subnets);
      }
      for (Ipv4Subnet subnet : subnets) {
        if (subnet.overlaps(egress.bridge())) {
          throw new TaskNetworkException(
              "subnet %s conflicts with %s, by which this node's containers have their way out"
                  .formatted(subnet.network(), egress.bridge().network()));
        }
      }
    }
  }

  private static void replaced(@Nullable CompletableFuture<TaskNetwork> before, String reason) {
    if (before != null) {
      before.completeExceptionally(new TaskNetworkException(reason));
    }
  }

  private void forget(String taskId, Work work) {
    replaced(work.attaching.remove(taskId), "the task was removed");
    expected.ifPresent(tasks -> tasks.remove(taskId));
    forget(taskId);
  }

  private void forget(String taskId) {
    kernel.remove(taskId);
    roster.forget(taskId);
  }

  /** A namespace is there; what has changed since it was begun is done with the others. */
  private void built(String taskId, Builds.Build build, Work work, Deque<Message> todo) {
    build.held().reversed().forEach(todo::addFirst);
    try {
      kernel.add(taskId, build.namespace());
      work.attaching.put(taskId, build.done());
    } catch (RuntimeException fault) {
      refuse(taskId, build.done(), fault);
    }
  }

  private void refuse(String taskId, CompletableFuture<TaskNetwork> done, RuntimeException fault) {
    log.warn("could not make the network of task {}", taskId, fault);
    forget(taskId);
    done.completeExceptionally(new TaskNetworkException(String.valueOf(fault.getMessage()), fault));
  }

  /** Applies everything that is not; with {@code repair} reads the kernel first. */
  private void apply(Work work) throws InterruptedException {
    long start = System.nanoTime();
    boolean advanced = endpoints.advance(work.repair, start);
    if (work.repair) {
      readResolvConf();
      removeUnknownNamespaces();
    }
    boolean everything = advanced || work.repair || work.everything;
    if (work.repair) {
      forwardsOnlyOurs = kernel.forwardsOnlyOurs();
      if (settings.egress().isEmpty()) {
        egress.avoid(kernel.surroundings(), List.of());
      }
    }
    NodeFacts facts = facts();
    Map<String, KernelState.Wanted> wanted = new TreeMap<>();
    Set<String> veths = new HashSet<>();
    for (String taskId : everything ? roster.taskIds() : work.attaching.keySet()) {
      KernelState.Wanted state = wanted(taskId, facts);
      wanted.put(taskId, state);
      state.state().links().forEach(link -> veths.add(link.hostName()));
    }
    kernel.applyHost(
        NetworkPlanner.planHost(endpoints.planned(), roster.tasks(), facts), veths, work.repair);
    if (work.repair) {
      foreignSubnets = kernel.surroundings().toMessages();
    }
    Function<String, Optional<Link>> outside = kernel.outside(everything);
    wanted.forEach((taskId, state) -> apply(taskId, state, work, outside));
    List<String> problems = new ArrayList<>(kernel.faults());
    endpoints
        .refusal()
        .ifPresent(reason -> problems.add("the endpoints that a manager sends: " + reason));
    report(problems);
    if (advanced) {
      endpoints.worked(start, System.nanoTime());
    }
    if (kernel.rulesApplied()) {
      endpoints.acknowledge().filter(table -> place.isPresent()).ifPresent(this::keep);
    }
  }

  /**
   * Namespaces of no task: a crash, or a removal that failed, has left them. A task has its entry
   * before its namespace is made, and keeps it until that is removed; but an entry that was broken
   * when the daemon started is lost, while the task's container may run in the namespace.
   */
  private void removeUnknownNamespaces() {
    if (expected.isEmpty()) {
      return;
    }
    try {
      for (String taskId : records.namespaces()) {
        if (!roster.taskIds().contains(taskId)
            && !expected.get().contains(taskId)
            && !builds.contains(taskId)
            && !kernel.contains(taskId)) {
          log.info("removing the network namespace of {}, which is no task on this node", taskId);
          new NetworkNamespace(records.namespace(taskId)).delete();
        }
      }
    } catch (IOException | RuntimeException fault) {
      log.warn(
          "could not look for network namespaces that belong to no task: {}", fault.toString());
    }
  }

  private KernelState.Wanted wanted(String taskId, NodeFacts facts) {
    Networking.Own own = roster.networking(taskId);
    TaskState state = NetworkPlanner.planTask(endpoints.planned(), taskId, own, facts);
    DNSConfig dns = roster.workload(taskId).settings().getDnsConfig();
    return new KernelState.Wanted(
        records.namespace(taskId),
        state,
        TaskNames.of(endpoints.planned(), own),
        ResolvConf.servers(dns));
  }

  private void apply(
      String taskId,
      KernelState.Wanted wanted,
      Work work,
      Function<String, Optional<Link>> outside) {
    if (builds.contains(taskId)) {
      // What is wanted now is compared again when it is built.
      return;
    }
    Optional<CompletableFuture<TaskNetwork>> done = Optional.ofNullable(work.attaching.get(taskId));
    try {
      if (done.isEmpty() || kernel.contains(taskId)) {
        kernel.applyTask(taskId, wanted, outside, work.repair);
        done.ifPresent(answer -> answer.complete(roster.describe(taskId)));
        return;
      }
      Optional<String> obstacle = kernel.obstacle(wanted.state());
      if (obstacle.isPresent() && kernel.isPassing(wanted.state())) {
        forget(taskId);
        done.get().completeExceptionally(TaskNetworkException.passing(obstacle.get()));
        return;
      }
      if (obstacle.isPresent()) {
        throw new IllegalStateException(obstacle.get());
      }
      builds.start(taskId, done.get(), () -> kernel.build(taskId, wanted));
    } catch (RuntimeException fault) {
      done.ifPresent(answer -> refuse(taskId, answer, fault));
    }
  }

  private void keep(AppliedTable table) {
    try {
      records.writeEndpoints(table.toMessage());
    } catch (IOException fault) {
      log.warn("cannot keep the endpoint table for a restart: {}", fault.toString());
    }
  }

  private void report(List<String> problems) {
    if (!problems.equals(faults)) {
      problems.forEach(problem -> log.warn("network not as it should be: {}", problem));
      if (problems.isEmpty()) {
        log.info("all networks are as they should be again");
      }
      faults = problems;
    }
  }

  private NodeFacts facts() {
    NodePlace here =
        place.orElseGet(() -> new NodePlace("", new Ipv4Address(0), NodePlace.DEFAULT_VXLAN_PORT));
    return new NodeFacts(
        here.nodeId(),
        here.dataPathAddress(),
        here.vxlanPort(),
        kernel.underlayMtu(here.dataPathAddress()),
        egress.bridge(),
        Stream.concat(
                settings.apiPorts().stream(),
                place.stream().flatMap(known -> known.controlPorts().stream()))
            .collect(Collectors.toUnmodifiableSet()),
        addresses.known(),
        forwardsOnlyOurs);
  }

  private void readResolvConf() {
    try {
      resolvConf = ResolvConf.read(settings.hostResolvConf());
      kernel
          .names()
          .hostServers(
              settings.nameServers().isEmpty() ? resolvConf.nameServers() : settings.nameServers());
    } catch (IOException fault) {
      log.warn("cannot read {}: {}", settings.hostResolvConf(), fault.toString());
    }
  }

  private void removeAll() throws InterruptedException, IOException {
    endBuilds(kernel::add);
    List.copyOf(roster.taskIds()).forEach(this::forget);
    kernel.removeHostSide();
    records.removePlace();
  }

  /** Waits for what is being built, and gives up on those who wait for it. */
  private void endBuilds(BiConsumer<String, TaskNamespace> taker) {
    IllegalStateException closed = new IllegalStateException("the node's networks are closed");
    for (String taskId : builds.taskIds()) {
      Builds.Build build = builds.remove(taskId).orElseThrow();
      try {
        taker.accept(taskId, build.namespace());
      } catch (RuntimeException fault) {
        log.debug("network of task {}", taskId, fault);
      }
      build.done().completeExceptionally(closed);
      build.held().forEach(message -> fail(message, closed));
    }
  }

  /** Leaves the kernel as it is. */
  @Override
  public void close() {
    endBuilds((taskId, namespace) -> namespace.close());
    kernel.close();
  }
}
