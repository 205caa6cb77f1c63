package dev.hanse.control.endpoints;

import dev.hanse.model.EndpointRow;
import dev.hanse.model.EndpointsChange;
import dev.hanse.model.NetworkRow;
import dev.hanse.model.PeerRow;
import dev.hanse.model.ServiceRow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** The rows of one network, the same for every node that takes part in it. */
final class NetworkTable {
  static final NetworkTable EMPTY = new NetworkTable(Map.of());

  /**
   * Sorted, so that a difference is repeatable; puts in the order network, peers, services, tasks.
   */
  private final Map<Key, EndpointsChange> rows;

  private record Key(int kind, String id) implements Comparable<Key> {
    static Key of(EndpointsChange change) {
      return switch (change.getRowCase()) {
        case NETWORK -> new Key(0, change.getNetwork().getNetwork().getId());
        case PEER -> new Key(1, change.getPeer().getNodeId());
        case SERVICE -> new Key(2, change.getService().getServiceId());
        case ENDPOINT -> new Key(3, change.getEndpoint().getTaskId());
        case ROW_NOT_SET -> throw new IllegalArgumentException("endpoints change without a row");
      };
    }

    @Override
    public int compareTo(Key other) {
      return kind != other.kind ? Integer.compare(kind, other.kind) : id.compareTo(other.id);
    }
  }

  private NetworkTable(Map<Key, EndpointsChange> rows) {
    this.rows = rows;
  }

  /**
   * A table of these rows. Rows that are equal to those of {@code former} are the same objects, so
   * that the many differences taken between two states cost little.
   */
  static NetworkTable of(List<EndpointsChange> rows, NetworkTable former) {
    Map<Key, EndpointsChange> table = new TreeMap<>();
    boolean same = rows.size() == former.rows.size();
    Map<Key, EndpointsChange> known = new HashMap<>(former.rows);
    for (EndpointsChange row : rows) {
      Key key = Key.of(row);
      Optional<EndpointsChange> old = Optional.ofNullable(known.get(key)).filter(row::equals);
      same &= old.isPresent();
      table.put(key, old.orElse(row));
    }
    return same ? former : new NetworkTable(table);
  }

  /** Adds what turns {@code before} into this. */
  @SuppressWarnings("ReferenceEquality") // only a short cut: equal tables are mostly the same
  void addDifference(NetworkTable before, List<EndpointsChange> changes) {
    if (this == before) {
      return;
    }
    rows.forEach(
        (key, row) -> {
          if (!Objects.equals(row, before.rows.get(key))) {
            changes.add(row);
          }
        });
    before.rows.forEach(
        (key, row) -> {
          if (!rows.containsKey(key)) {
            changes.add(removal(row));
          }
        });
  }

  private static EndpointsChange removal(EndpointsChange row) {
    EndpointsChange.Builder removal =
        EndpointsChange.newBuilder().setAction(EndpointsChange.Action.REMOVE);
    switch (row.getRowCase()) {
      case NETWORK -> {
        NetworkRow.Builder network = NetworkRow.newBuilder();
        network.getNetworkBuilder().setId(row.getNetwork().getNetwork().getId());
        removal.setNetwork(network);
      }
      case PEER ->
          removal.setPeer(
              PeerRow.newBuilder()
                  .setNetworkId(row.getPeer().getNetworkId())
                  .setNodeId(row.getPeer().getNodeId()));
      case SERVICE ->
          removal.setService(
              ServiceRow.newBuilder()
                  .setNetworkId(row.getService().getNetworkId())
                  .setServiceId(row.getService().getServiceId()));
      case ENDPOINT ->
          removal.setEndpoint(
              EndpointRow.newBuilder()
                  .setNetworkId(row.getEndpoint().getNetworkId())
                  .setTaskId(row.getEndpoint().getTaskId()));
      case ROW_NOT_SET -> throw new IllegalStateException("endpoints change without a row");
    }
    return removal.build();
  }
}
