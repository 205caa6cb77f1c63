package dev.hanse.control;

import com.google.protobuf.Message;
import dev.hanse.control.orchestrator.Mode;
import dev.hanse.model.Network;
import dev.hanse.model.Node;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Resources;
import dev.hanse.model.Service;
import dev.hanse.model.StoreAction;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.UpdateStatus;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What changed since the last pass: it narrows the work of the next one and never changes its
 * outcome. So each rule here says what a kind of change cannot help or disturb. Collected by the
 * control loop; not thread-safe.
 */
public final class DirtyKeys {
  private final Set<String> services = new TreeSet<>();
  private final Map<Kind<?>, Set<String>> objects = new HashMap<>();
  private boolean everything;
  private boolean networks;
  private boolean nodes;
  private boolean addresses;
  private boolean room;

  /** The kinds that have no part of their own in a scope. */
  private static final List<Kind<?>> OTHER_KINDS =
      List.of(Kind.SECRET, Kind.CONFIG, Kind.RESOURCE, Kind.EXTENSION, Kind.VOLUME);

  /** Nothing changed. */
  public DirtyKeys() {}

  /** As after an election: everything is to be looked at. */
  public static DirtyKeys full() {
    DirtyKeys keys = new DirtyKeys();
    keys.markEverything();
    return keys;
  }

  /** Makes the next pass a full one. */
  public void markEverything() {
    everything = true;
  }

  /** Adds what {@code changes} touch on the way from {@code before} to {@code after}. */
  public void add(Snapshot before, Snapshot after, Changes changes) {
    for (StoreAction action : changes.actions()) {
      switch (action.getTargetCase()) {
        case SERVICE -> addService(before, after, action.getService().getId());
        case TASK -> addTask(before, after, action.getTask().getId());
        case NODE -> addNode(before, after, action.getNode());
        case NETWORK -> addNetwork(before, after, action.getNetwork().getId());
        case CLUSTER -> everything = true;
        case SECRET, CONFIG, RESOURCE, EXTENSION, VOLUME -> addObject(Kind.of(action), action);
        case TARGET_NOT_SET -> throw new IllegalArgumentException("store action without a target");
      }
    }
  }

  /** Whether the next pass has to look at everything. */
  public boolean everything() {
    return everything;
  }

  /** Whether nothing changed that a pass would have to look at. */
  public boolean isEmpty() {
    return !everything
        && !networks
        && !nodes
        && !addresses
        && !room
        && services.isEmpty()
        && objects.isEmpty();
  }

  /** What the next pass has to look at, besides the keys whose time has come. */
  Scope scope(Snapshot snapshot) {
    Set<String> all = new TreeSet<>(services);
    Map<Kind<?>, Set<String>> others = new HashMap<>();
    objects.forEach((kind, ids) -> others.put(kind, new TreeSet<>(ids)));
    if (everything) {
      OTHER_KINDS.forEach(kind -> addAll(others, kind, snapshot));
      all.add("");
      snapshot.all(Kind.SERVICE).forEach(service -> all.add(service.getId()));
      snapshot.all(Kind.TASK).forEach(task -> all.add(task.getServiceId()));
    }
    return new Scope(
        everything,
        all,
        everything || networks,
        everything || nodes,
        everything || addresses,
        everything || room,
        others);
  }

  private static <T extends Message> void addAll(
      Map<Kind<?>, Set<String>> ids, Kind<T> kind, Snapshot snapshot) {
    Set<String> all = ids.computeIfAbsent(kind, key -> new TreeSet<>());
    snapshot.all(kind).forEach(object -> all.add(kind.id(object)));
  }

  private <T extends Message> void addObject(Kind<T> kind, StoreAction action) {
    objects.computeIfAbsent(kind, key -> new TreeSet<>()).add(kind.id(kind.object(action)));
  }

  private void addService(Snapshot before, Snapshot after, String id) {
    services.add(id);
    Optional<Service> old = before.find(Kind.SERVICE, id);
    Optional<Service> now = after.find(Kind.SERVICE, id);
    addresses |=
        old.isPresent()
            && (now.isEmpty()
                || !now.get()
                    .getEndpoint()
                    .getVirtualIpsList()
                    .containsAll(old.get().getEndpoint().getVirtualIpsList())
                || !now.get()
                    .getEndpoint()
                    .getPortsList()
                    .containsAll(old.get().getEndpoint().getPortsList())
                || !now.get()
                    .getSpec()
                    .getEndpoint()
                    .getPortsList()
                    .containsAll(old.get().getSpec().getEndpoint().getPortsList()));
  }

  /** The place where an address search stands helps nobody; all else about a network may. */
  private void addNetwork(Snapshot before, Snapshot after, String id) {
    Optional<Network> old = before.find(Kind.NETWORK, id);
    Optional<Network> now = after.find(Kind.NETWORK, id);
    networks |= !old.map(DirtyKeys::essence).equals(now.map(DirtyKeys::essence));
  }

  private static Network essence(Network network) {
    return network.toBuilder().clearMeta().clearAddressCursor().build();
  }

  private void addTask(Snapshot before, Snapshot after, String id) {
    Optional<Task> old = before.find(Kind.TASK, id);
    Optional<Task> now = after.find(Kind.TASK, id);
    if (old.isPresent() && now.isPresent() && isMereProgress(after, old.get(), now.get())) {
      return;
    }
    old.or(() -> now).ifPresent(task -> services.add(task.getServiceId()));
    boolean ended =
        old.isPresent() && !Tasks.isDead(old.get()) && now.map(Tasks::isDead).orElse(true);
    if (ended) {
      addresses |= old.get().getNetworksCount() > 0;
      room |= Tasks.isAssigned(old.get()) && holdsRoom(old.get());
    }
  }

  /**
   * A task gets on from its assignment to running, and nobody waits for that: its service is not
   * being updated, and no other task is to take over from it or the other way round.
   */
  private static boolean isMereProgress(Snapshot after, Task old, Task now) {
    boolean progress =
        Tasks.isAssigned(old)
            && now.getStatus().getStateValue() <= TaskState.RUNNING_VALUE
            && now.getDesiredState() == Tasks.goal(now)
            && old.toBuilder()
                .clearMeta()
                .setStatus(now.getStatus())
                .setPlan(now.getPlan())
                .build()
                .equals(now.toBuilder().clearMeta().build());
    if (!progress || now.getSlot() == 0) {
      return false;
    }
    Optional<Service> service = after.find(Kind.SERVICE, now.getServiceId());
    return service.isPresent()
        && isSettled(service.get())
        && after.tasksOfSlot(now.getServiceId(), now.getSlot()).stream()
                .filter(Tasks::isWanted)
                .count()
            == 1;
  }

  private static boolean isSettled(Service service) {
    UpdateStatus.UpdateState state = service.getUpdateStatus().getState();
    return switch (state) {
      case UNKNOWN, COMPLETED, ROLLBACK_COMPLETED -> true;
      case UPDATING, PAUSED, ROLLBACK_STARTED, ROLLBACK_PAUSED, UNRECOGNIZED -> false;
    };
  }

  /** Whether others had less room for it; its own service is looked at in any case. */
  private static boolean holdsRoom(Task task) {
    Resources reserved = task.getSpec().getResources().getReservations();
    return reserved.getNanoCpus() > 0
        || reserved.getMemoryBytes() > 0
        || reserved.getGenericCount() > 0
        || task.getEndpoint().getPortsList().stream()
            .anyMatch(port -> port.getPublishMode() == PortConfig.PublishMode.HOST);
  }

  private void addNode(Snapshot before, Snapshot after, Node node) {
    nodes = true;
    room = true;
    addresses |= after.find(Kind.NODE, node.getId()).isEmpty();
    for (Task task : before.tasksOfNode(node.getId())) {
      services.add(task.getServiceId());
    }
    for (Task task : after.tasksOfNode(node.getId())) {
      services.add(task.getServiceId());
    }
    after.all(Kind.SERVICE).stream()
        .filter(service -> Mode.of(service.getSpec()).filter(Mode::followsNodes).isPresent())
        .forEach(service -> services.add(service.getId()));
  }
}
