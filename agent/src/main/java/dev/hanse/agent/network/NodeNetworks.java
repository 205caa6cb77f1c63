package dev.hanse.agent.network;

import dev.hanse.agent.dns.NameService;
import dev.hanse.agent.network.NetworkLoop.Message;
import dev.hanse.kernel.netlink.Address;
import dev.hanse.kernel.netlink.Change;
import dev.hanse.kernel.netlink.Link;
import dev.hanse.kernel.netlink.Links;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.model.ContainerSpec.DNSConfig;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Task;
import dev.hanse.network.EndpointTable;
import dev.hanse.network.HostState;
import dev.hanse.network.Ipv4Address;
import dev.hanse.network.Ipv4Subnet;
import dev.hanse.network.LocalTask;
import dev.hanse.network.LocalTask.Networking;
import dev.hanse.network.Names;
import dev.hanse.network.NetworkPlanner;
import dev.hanse.network.NodeFacts;
import dev.hanse.network.TaskNames;
import dev.hanse.network.TaskState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop's state and what it does with it; of the loop's thread alone but for {@link #faults}.
 */
final class NodeNetworks implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodeNetworks.class);

  private final NetworkSettings settings;
  private final Netlink host;
  private final HostSide hostSide;
  private final TaskRecords records;
  private final NameService names;
  private final EgressPool egress;
  private final HostPorts ports;
  private final Map<String, TaskRecords.Entry> entries = new TreeMap<>();
  private final Map<String, LocalTask> tasks = new TreeMap<>();
  private final Map<String, TaskNamespace> namespaces = new HashMap<>();
  private Optional<NodePlace> place;
  private EndpointTable table = EndpointTable.empty();
  private boolean tableChanged;
  private Optional<LongConsumer> acknowledgement = Optional.empty();
  private ResolvConf resolvConf = new ResolvConf(List.of(), List.of(), List.of());
  private volatile List<String> faults = List.of();

  private NodeNetworks(NetworkSettings settings, Netlink host) {
    this.settings = settings;
    this.host = host;
    this.records = new TaskRecords(settings.runDirectory());
    this.egress = EgressPool.of(egressSubnet(settings, host));
    this.ports = new HostPorts(settings.host());
    this.hostSide = new HostSide(settings.host(), host);
    this.names = NameService.start(settings.host());
    this.place = records.readPlace();
  }

  static NodeNetworks open(NetworkSettings settings) {
    Netlink host = Netlink.open(settings.host());
    try {
      return new NodeNetworks(settings, host);
    } catch (RuntimeException fault) {
      host.close();
      throw fault;
    }
  }

  /** The subnet that the bridge has already, or was configured, or is free on this host. */
  private static Ipv4Subnet egressSubnet(NetworkSettings settings, Netlink host) {
    if (settings.egress().isPresent()) {
      return settings.egress().get();
    }
    Optional<Link> bridge = host.link(Names.EGRESS_BRIDGE);
    List<Ipv4Subnet> taken = new ArrayList<>();
    for (Address address : host.addresses()) {
      Optional<Ipv4Subnet> subnet = KernelForms.ipv4(address.prefix());
      if (bridge.isPresent() && bridge.get().index() == address.index() && subnet.isPresent()) {
        return subnet.get().network();
      }
      subnet.ifPresent(taken::add);
    }
    host.routes().stream()
        .filter(route -> route.destination().length() > 0)
        .flatMap(route -> KernelForms.ipv4(route.destination()).stream())
        .forEach(taken::add);
    return EgressPool.free(taken)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "172.18.0.0/16 to 172.31.0.0/16 are all in use on this host; configure a"
                        + " subnet for the egress bridge"));
  }

  List<String> faults() {
    return faults;
  }

  /** Takes over what an earlier run left, and repairs it. */
  void adopt() {
    try {
      for (TaskRecords.Entry entry : records.read()) {
        if (LocalTask.asked(entry.task()) instanceof LocalTask.Asked.Own own) {
          entry.egress().ifPresent(egress::adopt);
          ports.adopt(entry.hostPorts());
          remember(entry, own);
        }
      }
      for (String taskId : records.namespaces()) {
        if (!entries.containsKey(taskId)) {
          TaskNamespace.open(taskId, records.namespace(taskId), new TreeMap<>()).delete();
        }
      }
    } catch (IOException fault) {
      throw new UncheckedIOException("read " + settings.runDirectory(), fault);
    }
    records.readEndpoints().ifPresent(kept -> table = EndpointTable.empty().apply(kept).table());
    readResolvConf();
    try {
      apply(true, Map.of());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void remember(TaskRecords.Entry entry, LocalTask.Asked.Own own) {
    String taskId = entry.task().getId();
    entries.put(taskId, entry);
    tasks.put(
        taskId,
        new LocalTask(
            taskId, new Networking.Own(own.attachments(), entry.egress(), entry.hostPorts())));
  }

  /**
   * Takes messages, brings what they change into force and answers them.
   *
   * @return false when the loop has to end
   */
  boolean step(List<Message> batch, boolean repair) throws InterruptedException {
    Map<String, CompletableFuture<TaskNetwork>> attaching = new HashMap<>();
    List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
    boolean repairAsked = repair;
    boolean going = true;
    for (Message message : batch) {
      try {
        switch (message) {
          case Message.Join(NodePlace joined, CompletableFuture<Boolean> done) -> {
            place = Optional.of(joined);
            records.writePlace(joined);
            waiting.add(done);
          }
          case Message.Leave(CompletableFuture<Boolean> done) -> {
            forgetSwarm();
            repairAsked = true;
            waiting.add(done);
          }
          case Message.Endpoints(EndpointsMessage rows, LongConsumer accepted) ->
              receive(rows, accepted);
          case Message.Attach(Task task, CompletableFuture<TaskNetwork> done) ->
              prepare(task, done, attaching);
          case Message.Detach(String taskId, CompletableFuture<Boolean> done) -> {
            forget(taskId);
            waiting.add(done);
          }
          case Message.KeepOnly(Set<String> taskIds, CompletableFuture<Boolean> done) -> {
            for (String taskId : List.copyOf(entries.keySet())) {
              if (!taskIds.contains(taskId)) {
                forget(taskId);
              }
            }
            repairAsked = true;
            waiting.add(done);
          }
          case Message.Repair(CompletableFuture<Boolean> done) -> {
            repairAsked = true;
            waiting.add(done);
          }
          case Message.Close(boolean clean, CompletableFuture<Boolean> done) -> {
            going = false;
            if (clean) {
              removeAll();
            }
            waiting.add(done);
          }
        }
      } catch (IOException | RuntimeException fault) {
        log.warn("network: {}", message, fault);
        fail(message, fault);
      }
    }
    if (going) {
      if (repairAsked) {
        readResolvConf();
      }
      try {
        apply(repairAsked, attaching);
      } catch (RuntimeException fault) {
        // The timer tries again.
        log.error("networks of this node", fault);
        faults = List.of(fault.toString());
        attaching.values().forEach(done -> done.completeExceptionally(fault));
      }
    }
    waiting.forEach(done -> done.complete(true));
    return going;
  }

  static void fail(Message message, Exception fault) {
    switch (message) {
      case Message.Join join -> join.done().completeExceptionally(fault);
      case Message.Leave leave -> leave.done().completeExceptionally(fault);
      case Message.Attach attach -> attach.done().completeExceptionally(fault);
      case Message.Detach detach -> detach.done().completeExceptionally(fault);
      case Message.KeepOnly keepOnly -> keepOnly.done().completeExceptionally(fault);
      case Message.Repair repair -> repair.done().completeExceptionally(fault);
      case Message.Close close -> close.done().completeExceptionally(fault);
      case Message.Endpoints _ -> {}
    }
  }

  private void receive(EndpointsMessage rows, LongConsumer accepted) {
    EndpointTable.Applied applied = table.apply(rows);
    applied.refused().forEach(reason -> log.warn("endpoint stream: {}", reason));
    table = applied.table();
    tableChanged = true;
    acknowledgement = Optional.of(accepted);
  }

  private void forgetSwarm() throws IOException {
    place = Optional.empty();
    table = EndpointTable.empty();
    acknowledgement = Optional.empty();
    records.removePlace();
  }

  /** Chooses what the task leaves open and keeps it; the rest is done with all others together. */
  private void prepare(
      Task task,
      CompletableFuture<TaskNetwork> done,
      Map<String, CompletableFuture<TaskNetwork>> attaching)
      throws IOException {
    DNSConfig dns = task.getSpec().getContainer().getDnsConfig();
    try {
      switch (LocalTask.asked(task)) {
        case LocalTask.Asked.Impossible(String reason) -> throw new TaskNetworkException(reason);
        case LocalTask.Asked.Host() -> {
          records.writeResolvConf(task.getId(), resolvConf.forHostNetwork(dns));
          done.complete(
              new TaskNetwork(
                  Optional.empty(),
                  records.resolvConf(task.getId()),
                  List.of(),
                  Optional.empty(),
                  List.of()));
        }
        case LocalTask.Asked.Own own -> {
          if (!own.attachments().isEmpty() && place.isEmpty()) {
            throw new TaskNetworkException("this node is not part of a swarm");
          }
          choose(task, own);
          records.writeResolvConf(task.getId(), resolvConf.forContainer(dns));
          CompletableFuture<TaskNetwork> before = attaching.put(task.getId(), done);
          if (before != null) {
            before.completeExceptionally(
                new TaskNetworkException("replaced by a newer version of the task"));
          }
        }
      }
    } catch (TaskNetworkException refused) {
      done.completeExceptionally(refused);
    }
  }

  private void choose(Task task, LocalTask.Asked.Own own) throws TaskNetworkException, IOException {
    TaskRecords.Entry known = entries.get(task.getId());
    if (known != null && samePorts(known, own)) {
      TaskRecords.Entry entry = new TaskRecords.Entry(task, known.egress(), known.hostPorts());
      remember(entry, own);
      records.write(entry);
      return;
    }
    if (known != null) {
      ports.release(known.hostPorts());
    }
    List<PortConfig> chosen = ports.take(own.hostPorts());
    Optional<Ipv4Address> address =
        known != null ? known.egress() : own.egress() ? egress.take() : Optional.empty();
    if (own.egress() && address.isEmpty()) {
      ports.release(chosen);
      throw new TaskNetworkException("no free address on the egress bridge");
    }
    TaskRecords.Entry entry = new TaskRecords.Entry(task, address, chosen);
    remember(entry, own);
    records.write(entry);
  }

  private static boolean samePorts(TaskRecords.Entry known, LocalTask.Asked.Own own) {
    return known.task().getEndpoint().getPortsList().stream()
        .filter(own.hostPorts()::contains)
        .toList()
        .equals(own.hostPorts());
  }

  private void forget(String taskId) {
    names.close(taskId);
    tasks.remove(taskId);
    TaskRecords.Entry entry = entries.remove(taskId);
    if (entry != null) {
      entry.egress().ifPresent(egress::release);
      ports.release(entry.hostPorts());
    }
    TaskNamespace namespace = namespaces.remove(taskId);
    if (namespace != null) {
      namespace.delete();
    }
    records.remove(taskId);
  }

  /** Brings everything into force that is not; with {@code repair} reads the kernel first. */
  private void apply(boolean repair, Map<String, CompletableFuture<TaskNetwork>> attaching)
      throws InterruptedException {
    NodeFacts facts = facts();
    HostState wanted = NetworkPlanner.planHost(table, tasks.values(), facts);
    Set<String> veths = new HashSet<>();
    Map<String, TaskState> states = new TreeMap<>();
    for (LocalTask task : tasks.values()) {
      if (task.networking() instanceof Networking.Own own) {
        TaskState state = NetworkPlanner.planTask(table, task.taskId(), own, facts);
        states.put(task.taskId(), state);
        state.links().forEach(link -> veths.add(link.hostName()));
      }
    }
    List<String> problems = new ArrayList<>(hostSide.apply(wanted, veths, repair));
    Function<String, Optional<Link>> outside = repair ? allLinks() : host::link;
    states.forEach(
        (taskId, state) -> {
          Optional<CompletableFuture<TaskNetwork>> done =
              Optional.ofNullable(attaching.get(taskId));
          try {
            applyTask(taskId, state, outside, repair);
            done.ifPresent(future -> answer(taskId, future));
          } catch (RuntimeException fault) {
            log.warn("network of task {}", taskId, fault);
            problems.add("network of task " + taskId + ": " + fault.getMessage());
            done.ifPresent(
                future -> {
                  forget(taskId);
                  future.completeExceptionally(
                      new TaskNetworkException(String.valueOf(fault.getMessage()), fault));
                });
          }
        });
    report(problems);
    if (problems.isEmpty() && acknowledgement.isPresent() && tableChanged) {
      acknowledgement.get().accept(table.index());
    }
    if (tableChanged && problems.isEmpty()) {
      keepTable();
      tableChanged = false;
    }
  }

  /** The host's links as they are now, read once for all tasks. */
  private Function<String, Optional<Link>> allLinks() {
    Map<String, Link> links = new HashMap<>();
    host.links().forEach(link -> links.put(link.name(), link));
    return name -> Optional.ofNullable(links.get(name));
  }

  private void keepTable() {
    try {
      records.writeEndpoints(table.toMessage());
    } catch (IOException fault) {
      log.warn("cannot keep the endpoint table for a restart: {}", fault.toString());
    }
  }

  private void report(List<String> problems) {
    if (!problems.equals(faults)) {
      problems.forEach(problem -> log.warn("not in force: {}", problem));
      if (problems.isEmpty()) {
        log.info("all networks are in force again");
      }
      faults = List.copyOf(problems);
    }
  }

  private NodeFacts facts() {
    NodePlace here =
        place.orElseGet(() -> new NodePlace("", new Ipv4Address(0), NodePlace.DEFAULT_VXLAN_PORT));
    return new NodeFacts(
        here.nodeId(),
        here.dataPathAddress(),
        here.vxlanPort(),
        hostSide.underlayMtu(here.dataPathAddress()),
        egress.bridge());
  }

  private void applyTask(
      String taskId, TaskState state, Function<String, Optional<Link>> outside, boolean repair) {
    TaskNamespace namespace = namespaces.get(taskId);
    if (namespace == null) {
      namespace = TaskNamespace.open(taskId, records.namespace(taskId), state.initialSysctls());
      namespaces.put(taskId, namespace);
    }
    for (TaskState.Link link : state.links()) {
      hostSide.faultOf(link.bridge()).ifPresent(NodeNetworks::refuse);
    }
    namespace.apply(state, host, outside, repair);
    Task task = Objects.requireNonNull(entries.get(taskId)).task();
    if (Objects.requireNonNull(tasks.get(taskId)).networking() instanceof Networking.Own own) {
      names.open(
          taskId,
          namespace.namespace(),
          ResolvConf.servers(task.getSpec().getContainer().getDnsConfig()),
          TaskNames.of(table, own));
    }
  }

  private static void refuse(String fault) {
    throw new IllegalStateException(fault);
  }

  private void answer(String taskId, CompletableFuture<TaskNetwork> done) {
    TaskRecords.Entry entry = Objects.requireNonNull(entries.get(taskId));
    List<TaskNetwork.Attached> attached = new ArrayList<>();
    if (Objects.requireNonNull(tasks.get(taskId)).networking() instanceof Networking.Own own) {
      for (LocalTask.Attachment attachment : own.attachments()) {
        attached.add(
            new TaskNetwork.Attached(
                attachment.network().id(),
                attachment.network().name(),
                attachment.linkName(),
                attachment.address().toString(),
                attachment.mac().toString(),
                gateway(entry.task(), attachment.network().id()),
                attachment.aliases()));
      }
    }
    done.complete(
        new TaskNetwork(
            Optional.of(records.namespace(taskId)),
            records.resolvConf(taskId),
            attached,
            entry.egress().map(Object::toString),
            entry.hostPorts()));
  }

  private static Optional<String> gateway(Task task, String networkId) {
    return task.getNetworksList().stream()
        .filter(attachment -> attachment.getNetwork().getId().equals(networkId))
        .flatMap(attachment -> attachment.getNetwork().getIpam().getConfigsList().stream())
        .map(config -> config.getGateway())
        .filter(gateway -> !gateway.isEmpty())
        .findFirst();
  }

  private void readResolvConf() {
    try {
      resolvConf = ResolvConf.read(settings.hostResolvConf());
      names.hostServers(
          settings.nameServers().isEmpty() ? resolvConf.nameServers() : settings.nameServers());
    } catch (IOException fault) {
      log.warn("cannot read {}: {}", settings.hostResolvConf(), fault.toString());
    }
  }

  private void removeAll() throws InterruptedException, IOException {
    List.copyOf(entries.keySet()).forEach(this::forget);
    hostSide.remove();
    List<Change> changes =
        host.links().stream()
            .filter(link -> Names.isOurs(link.name()))
            .map(link -> Links.delete(link.index()))
            .toList();
    // Ends of one cable: the second is gone already.
    host.attempt(changes).stream()
        .filter(failure -> !failure.reason().notFound())
        .forEach(failure -> log.warn("{}", failure.reason().getMessage()));
    records.removePlace();
  }

  @Override
  public void close() {
    names.close();
    namespaces.values().forEach(TaskNamespace::close);
    hostSide.close();
    host.close();
  }
}
