package dev.hanse.network;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything this node knows about one network. Immutable: a change makes a new one, so that two
 * tables are the same exactly when they are the same object.
 */
public final class NetworkTable {
  private final NetworkEntry entry;
  private final SortedMap<String, Peer> peers;
  private final SortedMap<String, ServiceEntry> services;
  private final SortedMap<String, Endpoint> endpoints;
  private final Map<String, List<Endpoint>> readyByService;

  /** Made when first asked for; made twice by a race, both are the same. */
  private volatile @Nullable NetworkNames names;

  NetworkTable(
      NetworkEntry entry,
      SortedMap<String, Peer> peers,
      SortedMap<String, ServiceEntry> services,
      SortedMap<String, Endpoint> endpoints) {
    this.entry = entry;
    this.peers = Collections.unmodifiableSortedMap(peers);
    this.services = Collections.unmodifiableSortedMap(services);
    this.endpoints = Collections.unmodifiableSortedMap(endpoints);
    Map<String, List<Endpoint>> ready = new TreeMap<>();
    for (Endpoint endpoint : endpoints.values()) {
      if (endpoint.ready()) {
        ready.computeIfAbsent(endpoint.serviceId(), id -> new ArrayList<>()).add(endpoint);
      }
    }
    this.readyByService = ready;
  }

  /** The network itself. */
  public NetworkEntry entry() {
    return entry;
  }

  /** By node id. */
  public SortedMap<String, Peer> peers() {
    return peers;
  }

  /** By service id. */
  public SortedMap<String, ServiceEntry> services() {
    return services;
  }

  /** By task id. */
  public SortedMap<String, Endpoint> endpoints() {
    return endpoints;
  }

  /** The endpoints of a service to which new connections may go, in the order of task ids. */
  public List<Endpoint> ready(String serviceId) {
    return Collections.unmodifiableList(readyByService.getOrDefault(serviceId, List.of()));
  }

  /**
   * The table without connections to tasks on nodes that do not answer. A service all of whose
   * ready tasks are there keeps them: a connection that may fail is better than one that must. So a
   * node that is cut off goes on with its own tasks where it has some, and nothing is emptied where
   * it is only the nodes' word for each other that does not get through.
   */
  NetworkTable avoiding(Set<String> nodeIds) {
    SortedMap<String, Endpoint> changed = new TreeMap<>();
    for (List<Endpoint> ready : readyByService.values()) {
      List<Endpoint> avoided =
          ready.stream()
              .filter(endpoint -> nodeIds.contains(endpoint.nodeId()))
              .filter(endpoint -> !endpoint.serviceId().isEmpty())
              .toList();
      if (avoided.size() < ready.size()) {
        avoided.forEach(each -> changed.put(each.taskId(), each.withoutConnections()));
      }
    }
    if (changed.isEmpty()) {
      return this;
    }
    SortedMap<String, Endpoint> all = new TreeMap<>(endpoints);
    all.putAll(changed);
    return new NetworkTable(entry, peers, services, all);
  }

  /** The names of this network. */
  NetworkNames names() {
    NetworkNames known = names;
    if (known == null) {
      known = new NetworkNames(this);
      names = known;
    }
    return known;
  }
}
