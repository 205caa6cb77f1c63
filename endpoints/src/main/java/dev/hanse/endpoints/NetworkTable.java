package dev.hanse.endpoints;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is to be known about one network, the same for all nodes that take part in it.
 * Immutable; a change makes a new one that shares the rest, and a change to what it is already
 * leaves the same object ({@link TableEdit}).
 */
public final class NetworkTable {
  private final NetworkEntry entry;
  private final PersistentMap<PeerEntry> peers;
  private final PersistentMap<ServiceEntry> services;
  private final PersistentMap<EndpointEntry> endpoints;

  /** Made when first asked for; made twice by a race, both are the same. */
  private volatile @Nullable Map<String, List<EndpointEntry>> readyByService;

  private volatile @Nullable NetworkNames names;

  private NetworkTable(
      NetworkEntry entry,
      PersistentMap<PeerEntry> peers,
      PersistentMap<ServiceEntry> services,
      PersistentMap<EndpointEntry> endpoints) {
    this.entry = entry;
    this.peers = peers;
    this.services = services;
    this.endpoints = endpoints;
  }

  /** A network with nothing in it. */
  public static NetworkTable of(NetworkEntry entry) {
    return new NetworkTable(
        entry, PersistentMap.empty(), PersistentMap.empty(), PersistentMap.empty());
  }

  /** The network itself. */
  public NetworkEntry entry() {
    return entry;
  }

  /** By node id. */
  public PersistentMap<PeerEntry> peers() {
    return peers;
  }

  /** By service id. */
  public PersistentMap<ServiceEntry> services() {
    return services;
  }

  /** By task id. */
  public PersistentMap<EndpointEntry> endpoints() {
    return endpoints;
  }

  /** This table with other contents; the same one if they are the same. */
  @SuppressWarnings("ReferenceEquality") // what did not change is the same
  NetworkTable with(
      NetworkEntry newEntry,
      PersistentMap<PeerEntry> newPeers,
      PersistentMap<ServiceEntry> newServices,
      PersistentMap<EndpointEntry> newEndpoints) {
    return newEntry.equals(entry)
            && newPeers == peers
            && newServices == services
            && newEndpoints == endpoints
        ? this
        : new NetworkTable(newEntry, newPeers, newServices, newEndpoints);
  }

  /** All entries in the order in which they are told: the network first. */
  List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    entries.add(entry);
    entries.addAll(peers.values());
    entries.addAll(services.values());
    entries.addAll(endpoints.values());
    return entries;
  }

  /** Adds what leads from an earlier table of the same network to this, in the order of kinds. */
  void addSince(NetworkTable before, List<Change> changes) {
    if (!entry.equals(before.entry)) {
      changes.add(new Change.Put(entry.id(), entry));
    }
    peers.since(before.peers, new Added(Entry.Kind.PEER, entry.id(), changes::add));
    services.since(before.services, new Added(Entry.Kind.SERVICE, entry.id(), changes::add));
    endpoints.since(before.endpoints, new Added(Entry.Kind.ENDPOINT, entry.id(), changes::add));
  }

  private record Added(Entry.Kind kind, String networkId, Consumer<Change> changes)
      implements PersistentMap.Difference<Entry> {
    @Override
    public void put(String key, Entry value) {
      changes.accept(new Change.Put(networkId, value));
    }

    @Override
    public void removed(String key) {
      changes.accept(new Change.Remove(networkId, new Entry.Key(kind, key)));
    }
  }

  /** The endpoints of a service to which new connections may go, in the order of task ids. */
  public List<EndpointEntry> ready(String serviceId) {
    return Collections.unmodifiableList(readyByService().getOrDefault(serviceId, List.of()));
  }

  /** Their addresses, sorted; none when there is no such endpoint. */
  public List<Ipv4Address> readyAddresses(String serviceId) {
    return ready(serviceId).stream()
        .map(endpoint -> endpoint.address().address())
        .sorted()
        .toList();
  }

  private Map<String, List<EndpointEntry>> readyByService() {
    Map<String, List<EndpointEntry>> known = readyByService;
    if (known == null) {
      known = new TreeMap<>();
      for (EndpointEntry endpoint : endpoints.values()) {
        if (endpoint.ready()) {
          known.computeIfAbsent(endpoint.serviceId(), id -> new ArrayList<>()).add(endpoint);
        }
      }
      readyByService = known;
    }
    return known;
  }

  /**
   * The table without connections to tasks on nodes that do not answer. A service all of whose
   * ready tasks are there keeps them: a connection that may fail is better than one that must. So a
   * node that is cut off goes on with its own tasks where it has some, and nothing is emptied where
   * it is only the nodes' word for each other that does not get through.
   */
  NetworkTable avoiding(Set<String> nodeIds) {
    TableEdit avoiding = new TableEdit(this);
    for (List<EndpointEntry> ready : readyByService().values()) {
      List<EndpointEntry> avoided =
          ready.stream()
              .filter(endpoint -> nodeIds.contains(endpoint.nodeId()))
              .filter(endpoint -> !endpoint.serviceId().isEmpty())
              .toList();
      if (avoided.size() < ready.size()) {
        avoided.forEach(endpoint -> avoiding.put(endpoint.withoutConnections()));
      }
    }
    return avoiding.table();
  }

  /** The names of this network. */
  public NetworkNames names() {
    NetworkNames known = names;
    if (known == null) {
      known = new NetworkNames(this);
      names = known;
    }
    return known;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NetworkTable table
        && entry.equals(table.entry)
        && peers.equals(table.peers)
        && services.equals(table.services)
        && endpoints.equals(table.endpoints);
  }

  @Override
  public int hashCode() {
    return Objects.hash(entry, peers, services, endpoints);
  }

  @Override
  public String toString() {
    return "%s: peers %s, services %s, endpoints %s"
        .formatted(entry, peers.values(), services.values(), endpoints.values());
  }
}
