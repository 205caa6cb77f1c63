package dev.hanse.endpoints;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one node knows, or is to know, of the networks that it takes part in. For all tables a and b
 * holds: {@code a.apply(b.since(a))} is b. Immutable; tables that were made one from the other
 * share what did not change, and the cost of a difference grows with it alone.
 */
public final class EndpointTable {
  private static final EndpointTable EMPTY = new EndpointTable(new TreeMap<>());

  private final SortedMap<String, NetworkTable> networks;

  private EndpointTable(SortedMap<String, NetworkTable> networks) {
    this.networks = Collections.unmodifiableSortedMap(networks);
  }

  /** No networks. */
  public static EndpointTable empty() {
    return EMPTY;
  }

  /** These networks; each id once. */
  public static EndpointTable of(Collection<NetworkTable> tables) {
    SortedMap<String, NetworkTable> networks = new TreeMap<>();
    tables.forEach(table -> networks.put(table.entry().id(), table));
    return new EndpointTable(networks);
  }

  /** What leads from {@code before} to this, fit for {@link #apply}; empty if nothing differs. */
  @SuppressWarnings("ReferenceEquality") // a short cut: equal tables are mostly the same
  public List<Change> since(EndpointTable before) {
    List<Change> changes = new ArrayList<>();
    networks.forEach(
        (id, table) -> {
          NetworkTable known = before.networks.get(id);
          if (known == null) {
            changes.add(new Change.Whole(table));
          } else if (known != table) {
            table.addSince(known, changes);
          }
        });
    for (String id : before.networks.keySet()) {
      if (!networks.containsKey(id)) {
        changes.add(new Change.Remove(id, new Entry.Key(Entry.Kind.NETWORK, id)));
      }
    }
    return changes;
  }

  /**
   * The table after changes, in their order; all of them or none.
   *
   * @return refused when one belongs to a network that is not there, removes what is not there, or
   *     brings a whole network that is: then they were not made for this table
   */
  public Attempt<EndpointTable> apply(List<Change> changes) {
    TableEdits edits = new TableEdits(networks);
    for (Change change : changes) {
      Optional<String> reason = edits.take(change);
      if (reason.isPresent()) {
        return new Attempt.Refused<>(reason.get());
      }
    }
    SortedMap<String, NetworkTable> next = edits.tables();
    return new Attempt.Done<>(next.equals(networks) ? this : new EndpointTable(next));
  }

  /**
   * The table to plan with while some nodes do not answer: no new connections go to their tasks, in
   * rules and names, as long as the service has a ready task elsewhere. The entries stay, so that
   * what does answer is reached under its own address, and nothing has to be sent again when they
   * are back.
   */
  public EndpointTable avoiding(Set<String> nodeIds) {
    if (nodeIds.isEmpty()) {
      return this;
    }
    SortedMap<String, NetworkTable> avoiding = new TreeMap<>();
    networks.forEach((id, table) -> avoiding.put(id, table.avoiding(nodeIds)));
    return new EndpointTable(avoiding);
  }

  /** The ids of the networks that the node takes part in, sorted. */
  public Set<String> networkIds() {
    return networks.keySet();
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

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EndpointTable table && networks.equals(table.networks);
  }

  @Override
  public int hashCode() {
    return networks.hashCode();
  }

  @Override
  public String toString() {
    return networks.values().toString();
  }
}
