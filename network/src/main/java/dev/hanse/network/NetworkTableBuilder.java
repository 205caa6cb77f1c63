package dev.hanse.network;

import dev.hanse.model.EndpointsChange;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** One network's next table while a message is applied. */
final class NetworkTableBuilder {
  private NetworkEntry entry;
  private final SortedMap<String, Peer> peers;
  private final SortedMap<String, ServiceEntry> services;
  private final SortedMap<String, Endpoint> endpoints;

  NetworkTableBuilder(NetworkEntry entry, Optional<NetworkTable> before) {
    this.entry = entry;
    this.peers =
        before.<SortedMap<String, Peer>>map(t -> new TreeMap<>(t.peers())).orElseGet(TreeMap::new);
    this.services =
        before
            .<SortedMap<String, ServiceEntry>>map(t -> new TreeMap<>(t.services()))
            .orElseGet(TreeMap::new);
    this.endpoints =
        before
            .<SortedMap<String, Endpoint>>map(t -> new TreeMap<>(t.endpoints()))
            .orElseGet(TreeMap::new);
  }

  NetworkTableBuilder entry(NetworkEntry next) {
    this.entry = next;
    return this;
  }

  NetworkTable build() {
    return new NetworkTable(entry, peers, services, endpoints);
  }

  /** Applies a change of a row within this network; says why when the row makes no sense. */
  Optional<String> apply(EndpointsChange change) {
    boolean put = change.getAction() == EndpointsChange.Action.PUT;
    return switch (change.getRowCase()) {
      case PEER -> change(peers, change.getPeer().getNodeId(), put, Rows.peer(change.getPeer()));
      case SERVICE ->
          change(
              services, change.getService().getServiceId(), put, Rows.service(change.getService()));
      case ENDPOINT ->
          change(
              endpoints,
              change.getEndpoint().getTaskId(),
              put,
              Rows.endpoint(change.getEndpoint()));
      case NETWORK, ROW_NOT_SET -> Optional.empty();
    };
  }

  private <T> Optional<String> change(
      SortedMap<String, T> rows, String key, boolean put, Optional<T> row) {
    if (!put || row.isEmpty()) {
      rows.remove(key);
      return put
          ? Optional.of("row of " + key + " in network " + entry.id() + " makes no sense")
          : Optional.empty();
    }
    rows.put(key, row.get());
    return Optional.empty();
  }
}
