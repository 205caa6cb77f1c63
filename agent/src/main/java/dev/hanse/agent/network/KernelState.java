package dev.hanse.agent.network;

import dev.hanse.agent.dns.NameService;
import dev.hanse.agent.network.host.HostSide;
import dev.hanse.agent.network.host.IpForwarding;
import dev.hanse.agent.network.host.TaskNamespace;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.kernel.netlink.Change;
import dev.hanse.kernel.netlink.Links;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.network.Link;
import dev.hanse.network.HostState;
import dev.hanse.network.KernelNames;
import dev.hanse.network.Surroundings;
import dev.hanse.network.TaskNames;
import dev.hanse.network.TaskState;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of the plan is applied, in the host's namespace and in those of the tasks. Of the loop's
 * thread but for {@link #build}.
 */
final class KernelState implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KernelState.class);

  /**
   * A task's part of the plan.
   *
   * @param path of its namespace
   * @param state what shall be in it
   * @param names what its name server answers
   * @param nameServers its own ones to forward to; empty for the host's
   */
  record Wanted(Path path, TaskState state, TaskNames names, List<InetAddress> nameServers) {}

  private final Netlink host;
  private final HostSide hostSide;
  private final NameService names;
  private final Map<String, TaskNamespace> namespaces = new HashMap<>();
  private final SortedMap<String, String> faultsOfTasks = new TreeMap<>();
  private final Set<String> tasksWithOldRules = new HashSet<>();
  private HostSide.Outcome onHost = new HostSide.Outcome(List.of(), false);

  KernelState(NetworkSettings settings, Netlink host) {
    this.host = host;
    this.hostSide =
        new HostSide(
            settings.health(),
            settings.host(),
            host,
            new IpForwarding(settings.host(), settings.runDirectory()));
    this.names = NameService.start(settings.health(), settings.host());
  }

  NameService names() {
    return names;
  }

  /** The MTU of the link that has an address. */
  int underlayMtu(Ipv4Address address) {
    return hostSide.underlayMtu(address);
  }

  /** What the host reaches besides our links. */
  Surroundings surroundings() {
    return hostSide.surroundings();
  }

  /** Does the host forward packets for our sake alone? */
  boolean forwardsOnlyOurs() {
    return hostSide.forwardsOnlyOurs();
  }

  /** Applies the host's part. */
  void applyHost(HostState wanted, Set<String> veths, boolean repair) throws InterruptedException {
    onHost = hostSide.apply(wanted, veths, repair);
  }

  /** How to find links of the host; for many tasks they are read once. */
  Function<String, Optional<Link>> outside(boolean many) {
    if (!many) {
      return host::link;
    }
    Map<String, Link> links = new HashMap<>();
    host.links().forEach(link -> links.put(link.name(), link));
    return name -> Optional.ofNullable(links.get(name));
  }

  /** Why a task's links cannot be made now. */
  Optional<String> obstacle(TaskState state) {
    return state.links().stream()
        .flatMap(link -> hostSide.faultOf(link.bridge()).stream())
        .findFirst();
  }

  /** Does a task's {@link #obstacle} go by itself? */
  boolean isPassing(TaskState state) {
    return state.links().stream().anyMatch(link -> hostSide.isPassing(link.bridge()));
  }

  boolean contains(String taskId) {
    return namespaces.containsKey(taskId);
  }

  /**
   * Makes a task's namespace with everything in it. May be called from any thread when the host's
   * part is applied; the result is to be given to {@link #add}.
   *
   * @throws RuntimeException when the kernel refuses something; nothing is left then
   */
  TaskNamespace build(String taskId, Wanted wanted) {
    TaskNamespace namespace =
        TaskNamespace.open(taskId, wanted.path, wanted.state.initialSysctls());
    try {
      namespace.rules(wanted.state, false);
      namespace.links(wanted.state, host, host::link, false);
      names.open(taskId, namespace.namespace(), wanted.nameServers, wanted.names);
      return namespace;
    } catch (RuntimeException | Error fault) {
      namespace.delete();
      throw fault;
    }
  }

  /** Takes a namespace that was built. */
  void add(String taskId, TaskNamespace namespace) {
    namespaces.put(taskId, namespace);
  }

  /**
   * Applies a task's part, in a namespace that is there already.
   *
   * @throws RuntimeException when the kernel refuses something; it counts as a fault until it
   *     succeeds
   */
  void applyTask(
      String taskId, Wanted wanted, Function<String, Optional<Link>> outside, boolean repair) {
    try {
      TaskNamespace namespace = namespaces.get(taskId);
      if (namespace == null) {
        namespace = TaskNamespace.open(taskId, wanted.path, wanted.state.initialSysctls());
        namespaces.put(taskId, namespace);
      }
      tasksWithOldRules.add(taskId);
      namespace.rules(wanted.state, repair);
      tasksWithOldRules.remove(taskId);
      names.update(taskId, wanted.names);
      Optional<String> obstacle = obstacle(wanted.state);
      if (obstacle.isPresent()) {
        throw new IllegalStateException(obstacle.get());
      }
      namespace.links(wanted.state, host, outside, repair);
      names.open(taskId, namespace.namespace(), wanted.nameServers, wanted.names);
      faultsOfTasks.remove(taskId);
    } catch (RuntimeException fault) {
      log.debug("network of task {}", taskId, fault);
      faultsOfTasks.put(taskId, "network of task " + taskId + ": " + fault.getMessage());
      throw fault;
    }
  }

  /** Removes a task's namespace with everything in it. */
  void remove(String taskId) {
    names.close(taskId);
    faultsOfTasks.remove(taskId);
    tasksWithOldRules.remove(taskId);
    TaskNamespace namespace = namespaces.remove(taskId);
    if (namespace != null) {
      namespace.delete(); // What this cannot remove, the next repair does.
    }
  }

  /**
   * Are all packet rules the wanted ones? What else cannot be made on this node gets no traffic
   * here; old rules may still send to a task that is about to be stopped.
   */
  boolean rulesApplied() {
    return onHost.rulesApplied() && tasksWithOldRules.isEmpty();
  }

  /** What is not applied and why, and what does harm. */
  List<String> faults() {
    List<String> faults = new ArrayList<>(onHost.faults());
    faults.addAll(faultsOfTasks.values());
    faults.addAll(hostSide.warnings());
    return List.copyOf(faults);
  }

  /** Removes everything of ours from the host's namespace. */
  void removeHostSide() throws InterruptedException, IOException {
    hostSide.remove();
    List<Change> changes =
        host.links().stream()
            .filter(link -> KernelNames.isOurs(link.name()))
            .map(link -> Links.delete(link.index()))
            .toList();
    // Ends of one cable: the second is gone already.
    host.attempt(changes).stream()
        .filter(failure -> !failure.reason().notFound())
        .forEach(
            failure ->
                log.warn(
                    "a task's network could not be changed: {}", failure.reason().getMessage()));
  }

  /** Leaves the kernel as it is. */
  @Override
  public void close() {
    names.close();
    namespaces.values().forEach(TaskNamespace::close);
    hostSide.close();
    host.close();
  }
}
