package dev.hanse.control.scheduler;

import dev.hanse.control.Tasks;
import dev.hanse.control.Times;
import dev.hanse.model.GenericResource;
import dev.hanse.model.Node;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.PublishedPort;
import dev.hanse.model.Resources;
import dev.hanse.model.Task;
import dev.hanse.model.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What a node has left within one pass, and what it carries. */
final class NodeLoad {
  /** Failures older than this say nothing about the node any more. */
  private static final Duration FAILURE_MEMORY = Duration.ofMinutes(5);

  private final Node node;
  private final GenericResources generic;
  private final Map<String, Integer> tasksByService = new HashMap<>();
  private final Map<Revision, Integer> failures = new HashMap<>();
  private final Set<PublishedPort> hostPorts = new HashSet<>();
  private long nanoCpus;
  private long memoryBytes;
  private int tasks;

  private record Revision(String serviceId, Version specVersion) {}

  NodeLoad(Node node) {
    this.node = node;
    Resources resources = node.getDescription().getResources();
    this.nanoCpus = resources.getNanoCpus();
    this.memoryBytes = resources.getMemoryBytes();
    this.generic = new GenericResources(resources.getGenericList());
  }

  Node node() {
    return node;
  }

  /** Counts a task that is on the node already. */
  void addPresent(Task task, Instant now) {
    if (Tasks.isDead(task)) {
      boolean recent =
          Times.instant(task.getStatus().getTimestamp()).plus(FAILURE_MEMORY).isAfter(now);
      if (Tasks.endedByItself(task) && recent && isFailure(task)) {
        failures.merge(new Revision(task.getServiceId(), task.getSpecVersion()), 1, Integer::sum);
      }
      return;
    }
    add(task);
    generic.subtract(task.getAssignedGenericResourcesList());
  }

  private static boolean isFailure(Task task) {
    return switch (task.getStatus().getState()) {
      case FAILED, REJECTED -> true;
      case NEW, PENDING, ASSIGNED, ACCEPTED, PREPARING, READY, STARTING, RUNNING -> false;
      case COMPLETE, SHUTDOWN, REMOVE, ORPHANED, UNRECOGNIZED -> false;
    };
  }

  /** Puts a new task on the node; the result are the generic resources that it gets. */
  List<GenericResource> place(Task task) {
    List<GenericResource> claimed = generic.claim(reservations(task).getGenericList());
    add(task);
    return claimed;
  }

  /**
   * Takes a task back that was placed: what was written of it is taken back too.
   *
   * @param claimed what {@link #place} has returned
   */
  void takeBack(Task task, List<GenericResource> claimed) {
    generic.giveBack(claimed);
    Resources reserved = reservations(task);
    nanoCpus += reserved.getNanoCpus();
    memoryBytes += reserved.getMemoryBytes();
    hostPorts(task).forEach(hostPorts::remove);
    if (Tasks.isWanted(task)) {
      tasks--;
      tasksByService.merge(task.getServiceId(), -1, Integer::sum);
    }
  }

  private void add(Task task) {
    Resources reserved = reservations(task);
    nanoCpus -= reserved.getNanoCpus();
    memoryBytes -= reserved.getMemoryBytes();
    hostPorts(task).forEach(hostPorts::add);
    // What is about to stop still holds resources, but is no load to spread by.
    if (Tasks.isWanted(task)) {
      tasks++;
      tasksByService.merge(task.getServiceId(), 1, Integer::sum);
    }
  }

  boolean hasRoomFor(Task task) {
    Resources reserved = reservations(task);
    return reserved.getNanoCpus() <= Math.max(0, nanoCpus)
        && reserved.getMemoryBytes() <= Math.max(0, memoryBytes)
        && generic.suffices(reserved.getGenericList());
  }

  boolean hasFreePortsFor(Task task) {
    return hostPorts(task).noneMatch(hostPorts::contains);
  }

  int tasks() {
    return tasks;
  }

  int tasksOf(String serviceId) {
    return tasksByService.getOrDefault(serviceId, 0);
  }

  int failuresOf(Task task) {
    return failures.getOrDefault(new Revision(task.getServiceId(), task.getSpecVersion()), 0);
  }

  /** Whether a node with this task has less room for others. */
  static boolean takesRoom(Task task) {
    return !reservations(task).equals(Resources.getDefaultInstance())
        || hostPorts(task).findAny().isPresent();
  }

  /** The ports of its host that a task wants or has; those are not among them that any will do. */
  static Stream<PublishedPort> hostPorts(Task task) {
    return task.getEndpoint().getPortsList().stream()
        .filter(NodeLoad::isHostPort)
        .map(PublishedPort::of);
  }

  private static boolean isHostPort(PortConfig port) {
    return port.getPublishMode() == PublishMode.HOST && port.getPublishedPort() != 0;
  }

  private static Resources reservations(Task task) {
    return task.getSpec().getResources().getReservations();
  }
}
