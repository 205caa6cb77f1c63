package dev.hanse.network;

import dev.hanse.model.EndpointsChange;
import dev.hanse.model.EndpointsMessage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The rows of the endpoint stream that are in force, by network. Immutable; {@link #apply} makes
 * the next one and shares the tables of the networks that a message does not touch.
 */
public final class EndpointTable {
  private static final EndpointTable EMPTY = new EndpointTable(0, new TreeMap<>());

  private final long index;
  private final SortedMap<String, NetworkTable> networks;

  private EndpointTable(long index, SortedMap<String, NetworkTable> networks) {
    this.index = index;
    this.networks = Collections.unmodifiableSortedMap(networks);
  }

  /** Without rows, index 0. */
  public static EndpointTable empty() {
    return EMPTY;
  }

  /**
   * A table after a message.
   *
   * @param table the new table
   * @param refused what was left out because it makes no sense, one sentence each
   */
  public record Applied(EndpointTable table, List<String> refused) {}

  /**
   * The table after a message: a complete one replaces everything, an incremental one only what it
   * names. Rows that cannot be understood, or belong to a network that is not there, are left out
   * and reported.
   */
  public Applied apply(EndpointsMessage message) {
    boolean complete = message.getType() == EndpointsMessage.Type.COMPLETE;
    SortedMap<String, NetworkTable> next = complete ? new TreeMap<>() : new TreeMap<>(networks);
    List<String> refused = new ArrayList<>();
    Map<String, NetworkTableBuilder> touched = new HashMap<>();
    // A network comes before its rows even when a message lists it later.
    for (EndpointsChange change : message.getChangesList()) {
      if (change.hasNetwork()) {
        applyNetwork(change, next, touched, refused);
      }
    }
    for (EndpointsChange change : message.getChangesList()) {
      if (change.hasNetwork()) {
        continue;
      }
      Optional<NetworkTableBuilder> builder = builder(networkOf(change), next, touched);
      if (builder.isPresent()) {
        builder.get().apply(change).ifPresent(refused::add);
      } else if (change.getAction() == EndpointsChange.Action.PUT) {
        refused.add("row of unknown network " + networkOf(change));
      }
    }
    touched.forEach((id, builder) -> next.put(id, builder.build()));
    return new Applied(new EndpointTable(message.getIndex(), next), List.copyOf(refused));
  }

  private static void applyNetwork(
      EndpointsChange change,
      SortedMap<String, NetworkTable> next,
      Map<String, NetworkTableBuilder> touched,
      List<String> refused) {
    String id = change.getNetwork().getNetwork().getId();
    if (change.getAction() == EndpointsChange.Action.REMOVE) {
      next.remove(id);
      touched.remove(id);
      return;
    }
    Rows.network(change.getNetwork())
        .ifPresentOrElse(
            entry ->
                touched.compute(
                    id,
                    (key, builder) ->
                        builder == null
                            ? new NetworkTableBuilder(entry, Optional.ofNullable(next.get(key)))
                            : builder.entry(entry)),
            () -> refused.add("network row " + id + " without id or VXLAN identifier"));
  }

  private static Optional<NetworkTableBuilder> builder(
      String networkId,
      SortedMap<String, NetworkTable> next,
      Map<String, NetworkTableBuilder> touched) {
    NetworkTableBuilder builder = touched.get(networkId);
    if (builder != null) {
      return Optional.of(builder);
    }
    Optional<NetworkTableBuilder> opened =
        Optional.ofNullable(next.get(networkId))
            .map(table -> new NetworkTableBuilder(table.entry(), Optional.of(table)));
    opened.ifPresent(made -> touched.put(networkId, made));
    return opened;
  }

  private static String networkOf(EndpointsChange change) {
    return switch (change.getRowCase()) {
      case NETWORK -> change.getNetwork().getNetwork().getId();
      case PEER -> change.getPeer().getNetworkId();
      case SERVICE -> change.getService().getNetworkId();
      case ENDPOINT -> change.getEndpoint().getNetworkId();
      case ROW_NOT_SET -> "";
    };
  }

  /**
   * The table to plan with while some nodes do not answer: no new connections go to their tasks, in
   * rules and names, as long as the service has a ready task elsewhere. Rows stay, so that what
   * does answer is reached under its own address, and nothing has to be sent again when they are
   * back.
   */
  public EndpointTable avoiding(Set<String> nodeIds) {
    if (nodeIds.isEmpty()) {
      return this;
    }
    SortedMap<String, NetworkTable> avoiding = new TreeMap<>();
    networks.forEach((id, table) -> avoiding.put(id, table.avoiding(nodeIds)));
    return new EndpointTable(index, avoiding);
  }

  /** A complete message that makes this table, to be kept across a restart of the program. */
  public EndpointsMessage toMessage() {
    EndpointsMessage.Builder message =
        EndpointsMessage.newBuilder().setType(EndpointsMessage.Type.COMPLETE).setIndex(index);
    networks.values().forEach(network -> RowsOut.write(network, message));
    return message.build();
  }

  /** The index of the last message applied. */
  public long index() {
    return index;
  }

  /** One network's table. */
  public Optional<NetworkTable> network(String networkId) {
    return Optional.ofNullable(networks.get(networkId));
  }

  /** All networks in the order of their ids. */
  public Collection<NetworkTable> networks() {
    return networks.values();
  }

  /** The network of the routing mesh, when this node takes part in it. */
  public Optional<NetworkTable> ingress() {
    return networks.values().stream().filter(table -> table.entry().ingress()).findFirst();
  }
}
