package dev.hanse.store;

import com.google.protobuf.Message;
import dev.hanse.model.Cluster;
import dev.hanse.model.Meta;
import dev.hanse.model.Network;
import dev.hanse.model.PublishedPort;
import dev.hanse.model.Resource;
import dev.hanse.model.Service;
import dev.hanse.model.StoreAction;
import dev.hanse.model.StoreActionKind;
import dev.hanse.model.Task;
import dev.hanse.model.Version;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The whole state of the cluster at one log index; immutable, cheap to keep, safe to share between
 * threads. All collections are sorted by id.
 */
public final class Snapshot {
  /** The name of the one cluster object. */
  public static final String CLUSTER_NAME = "default";

  private static final Snapshot EMPTY = new Snapshot(0, emptyTables());

  private final long index;
  private final List<Table<?>> tables;

  private Snapshot(long index, List<Table<?>> tables) {
    this.index = index;
    this.tables = tables;
  }

  /** The state before the first change. */
  public static Snapshot empty() {
    return EMPTY;
  }

  /** The log index of the newest change in it; 0 when empty. */
  public long index() {
    return index;
  }

  /** The object with exactly this id. */
  public <T extends Message> Optional<T> find(Kind<T> kind, String id) {
    return Optional.ofNullable(table(kind).find(id));
  }

  /**
   * The object with this name, upper and lower case aside; empty too when names of the kind need
   * not be unique and several objects have it.
   */
  public <T extends Message> Optional<T> findByName(Kind<T> kind, String name) {
    Set<String> ids = table(kind).idsByName(name);
    return ids.size() == 1 ? find(kind, ids.iterator().next()) : Optional.empty();
  }

  /** All objects with this name, upper and lower case aside. */
  public <T extends Message> List<T> findAllByName(Kind<T> kind, String name) {
    List<T> found = new ArrayList<>();
    for (String id : table(kind).idsByName(name)) {
      find(kind, id).ifPresent(found::add);
    }
    return found;
  }

  /** The objects whose id starts with {@code prefix}; all of them for an empty prefix. */
  public <T extends Message> List<T> findByIdPrefix(Kind<T> kind, String prefix) {
    return table(kind).byIdPrefix(prefix);
  }

  /** Every object of a kind. */
  public <T extends Message> Collection<T> all(Kind<T> kind) {
    return table(kind).all();
  }

  /** The objects with ids behind that one, by id. */
  public <T extends Message> Collection<T> after(Kind<T> kind, String id) {
    return table(kind).after(id);
  }

  /** How many objects of a kind there are. */
  public int size(Kind<?> kind) {
    return table(kind).size();
  }

  /** All tasks of a service, dead ones too; with an empty id those that belong to none. */
  public Collection<Task> tasksOfService(String serviceId) {
    return table(Kind.TASK).byIndex(Index.SERVICE, serviceId);
  }

  /** All tasks that were ever assigned to a node and still exist. */
  public Collection<Task> tasksOfNode(String nodeId) {
    return table(Kind.TASK).byIndex(Index.NODE, nodeId);
  }

  /** All tasks of a slot of a replicated service. */
  public Collection<Task> tasksOfSlot(String serviceId, long slot) {
    return table(Kind.TASK).byIndex(Index.SLOT, Index.slot(serviceId, slot));
  }

  /** Tasks that are not assigned to a node yet. */
  public Collection<Task> tasksWaiting() {
    return table(Kind.TASK).byIndex(Index.STAGE, Index.WAITING);
  }

  /** Tasks of a service, or with an empty id of none, that are not assigned to a node yet. */
  public Collection<Task> tasksWaiting(String serviceId) {
    return table(Kind.TASK).byIndex(Index.STAGE, Index.waiting(serviceId));
  }

  /** Networks that have not been given their subnet and driver yet. */
  public Collection<Network> networksWaiting() {
    return table(Kind.NETWORK).byIndex(Index.STAGE, Index.WAITING);
  }

  /** Whether a live task, a service or a node has this address, "10.0.1.7", in a network. */
  public boolean isAddressInUse(String networkId, String address) {
    String key = Index.address(networkId, address);
    return table(Kind.TASK).hasKey(Index.ADDRESS, key)
        || table(Kind.SERVICE).hasKey(Index.ADDRESS, key)
        || table(Kind.NODE).hasKey(Index.ADDRESS, key);
  }

  /** Services that publish a port or ask for it, in either mode. */
  public Collection<Service> servicesOfPort(PublishedPort port) {
    return table(Kind.SERVICE).byIndex(Index.PORT, port.toString());
  }

  /** Tasks that ask for a network or have an attachment to it. */
  public Collection<Task> tasksOfNetwork(String networkId) {
    return table(Kind.TASK).byIndex(Index.NETWORK, networkId);
  }

  /** Tasks whose container refers to a secret. */
  public Collection<Task> tasksOfSecret(String secretId) {
    return table(Kind.TASK).byIndex(Index.SECRET, secretId);
  }

  /** Tasks whose container refers to a config. */
  public Collection<Task> tasksOfConfig(String configId) {
    return table(Kind.TASK).byIndex(Index.CONFIG, configId);
  }

  /** Services that ask for a network or have a virtual address in it. */
  public Collection<Service> servicesOfNetwork(String networkId) {
    return table(Kind.SERVICE).byIndex(Index.NETWORK, networkId);
  }

  /** Services whose tasks refer to a secret. */
  public Collection<Service> servicesOfSecret(String secretId) {
    return table(Kind.SERVICE).byIndex(Index.SECRET, secretId);
  }

  /** Services whose tasks refer to a config. */
  public Collection<Service> servicesOfConfig(String configId) {
    return table(Kind.SERVICE).byIndex(Index.CONFIG, configId);
  }

  /** Resources of a kind. */
  public Collection<Resource> resourcesOfKind(String kind) {
    return table(Kind.RESOURCE).byIndex(Index.KIND, kind);
  }

  /** The cluster object; empty before the swarm was initialised. */
  public Optional<Cluster> cluster() {
    return findByName(Kind.CLUSTER, CLUSTER_NAME);
  }

  /** The network of the routing mesh. */
  public Optional<Network> ingressNetwork() {
    return table(Kind.NETWORK).byIndex(Index.STAGE, Index.INGRESS).stream().findFirst();
  }

  /**
   * The state as {@code changes} would leave it if they were the next log entry. A later decision
   * of the same batch stands on it; a second update that names the old version is then refused.
   */
  public Snapshot preview(Changes changes) {
    return changes.isEmpty() ? this : apply(changes, index + 1);
  }

  /** The state after {@code changes}, whose objects get the version {@code logIndex}. */
  Snapshot apply(Changes changes, long logIndex) {
    List<Table<?>> changed = new ArrayList<>(tables);
    Version version = Version.newBuilder().setIndex(logIndex).build();
    for (StoreAction action : changes.actions()) {
      applyAction(changed, Kind.of(action), action, version);
    }
    return new Snapshot(logIndex, List.copyOf(changed));
  }

  /** As it will look after {@code object} is put, at the same index. */
  <T extends Message> Snapshot with(Kind<T> kind, T object) {
    return replace(kind, table(kind).put(object));
  }

  /** As it will look without the object, at the same index. */
  <T extends Message> Snapshot without(Kind<T> kind, String id) {
    return replace(kind, table(kind).remove(id));
  }

  /** The same state under the index of the log entry that a stored snapshot stands for. */
  Snapshot at(long logIndex) {
    return new Snapshot(logIndex, tables);
  }

  private static <T extends Message> void applyAction(
      List<Table<?>> tables, Kind<T> kind, StoreAction action, Version version) {
    T object = kind.object(action);
    @SuppressWarnings("unchecked") // tables are kept in the order of their kinds
    Table<T> table = (Table<T>) tables.get(kind.ordinal());
    Table<T> after =
        switch (action.getAction()) {
          case STORE_ACTION_CREATE, STORE_ACTION_UPDATE -> {
            Meta meta = kind.meta(object).toBuilder().setVersion(version).build();
            yield table.put(kind.withMeta(object, meta));
          }
          case STORE_ACTION_REMOVE -> table.remove(kind.id(object));
          case UNKNOWN, UNRECOGNIZED ->
              throw new IllegalArgumentException("unknown store action " + action.getActionValue());
        };
    tables.set(kind.ordinal(), after);
  }

  private <T extends Message> Snapshot replace(Kind<T> kind, Table<T> table) {
    List<Table<?>> changed = new ArrayList<>(tables);
    changed.set(kind.ordinal(), table);
    return new Snapshot(index, changed);
  }

  @SuppressWarnings("unchecked") // tables are kept in the order of their kinds
  private <T extends Message> Table<T> table(Kind<T> kind) {
    return (Table<T>) tables.get(kind.ordinal());
  }

  private static List<Table<?>> emptyTables() {
    List<Table<?>> tables = new ArrayList<>();
    for (Kind<?> kind : Kind.ALL) {
      tables.add(Table.empty(kind));
    }
    return List.copyOf(tables);
  }

  /** Index and sizes, for logs. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("snapshot " + index);
    for (Kind<?> kind : Kind.ALL) {
      if (size(kind) > 0) {
        text.append(' ').append(kind).append('=').append(size(kind));
      }
    }
    return text.toString();
  }

  /** The action kind that puts an object, given whether it exists. */
  static StoreActionKind putting(boolean exists) {
    return exists ? StoreActionKind.STORE_ACTION_UPDATE : StoreActionKind.STORE_ACTION_CREATE;
  }
}
