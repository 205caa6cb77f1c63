package dev.hanse.endpoints;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Many changes to one network's table, made at once at the end: cheaper than as many tables one
 * after the other. Not thread-safe.
 */
public final class TableEdit {
  private final NetworkTable before;
  private NetworkEntry entry;
  private final Column<PeerEntry> peers;
  private final Column<ServiceEntry> services;
  private final Column<EndpointEntry> endpoints;

  /** What is to become of one kind of entries. */
  private static final class Column<V> {
    private final PersistentMap<V> before;
    private final Map<String, V> put = new TreeMap<>();
    private final Set<String> removed = new TreeSet<>();

    Column(PersistentMap<V> before) {
      this.before = before;
    }

    void put(String id, V value) {
      removed.remove(id);
      put.put(id, value);
    }

    void remove(String id) {
      put.remove(id);
      removed.add(id);
    }

    boolean has(String id) {
      return put.containsKey(id) || (!removed.contains(id) && before.containsKey(id));
    }

    PersistentMap<V> after() {
      PersistentMap<V> after = before;
      for (String id : removed) {
        after = after.without(id);
      }
      return put.isEmpty() ? after : after.withAll(put);
    }
  }

  /** Changes to a table. */
  public TableEdit(NetworkTable before) {
    this.before = before;
    this.entry = before.entry();
    this.peers = new Column<>(before.peers());
    this.services = new Column<>(before.services());
    this.endpoints = new Column<>(before.endpoints());
  }

  /** The network itself as it is to be. */
  public NetworkEntry entry() {
    return entry;
  }

  /** The entry is to be there, in place of any other with its key. */
  public void put(Entry added) {
    switch (added) {
      case NetworkEntry network -> entry = network;
      case PeerEntry peer -> peers.put(peer.nodeId(), peer);
      case ServiceEntry service -> services.put(service.serviceId(), service);
      case EndpointEntry endpoint -> endpoints.put(endpoint.taskId(), endpoint);
    }
  }

  /**
   * The entry is not to be there; nothing if it is not.
   *
   * @throws IllegalArgumentException for the network itself
   */
  public void remove(Entry.Key key) {
    switch (key.kind()) {
      case NETWORK -> throw new IllegalArgumentException("a table without its network");
      case PEER -> peers.remove(key.id());
      case SERVICE -> services.remove(key.id());
      case ENDPOINT -> endpoints.remove(key.id());
    }
  }

  /** Whether an entry is there after all that was asked so far. */
  boolean has(Entry.Key key) {
    return switch (key.kind()) {
      case NETWORK -> key.id().equals(entry.id());
      case PEER -> peers.has(key.id());
      case SERVICE -> services.has(key.id());
      case ENDPOINT -> endpoints.has(key.id());
    };
  }

  /** The table after all of it; the same one if nothing differs. */
  public NetworkTable table() {
    return before.with(entry, peers.after(), services.after(), endpoints.after());
  }
}
