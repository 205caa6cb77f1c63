package dev.hanse.control.endpoints;

import dev.hanse.control.Containment;
import dev.hanse.control.PassFault;
import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.NetworkTable;
import dev.hanse.endpoints.PersistentMap;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * The endpoint tables of all nodes at one state: one for each network that spans nodes, shared by
 * all that take part in it. Carried on from state to state at a cost that grows with what changed;
 * the tables are those that the whole state would give ({@link #of}), as every simulated world
 * checks. Immutable.
 */
public final class EndpointProjection {
  private final Snapshot snapshot;
  private final PersistentMap<NetworkTable> networks;
  private final NetworkParticipation participation;
  private final Rest rest;

  /**
   * What did not come through.
   *
   * @param everything the next step touches all objects
   * @param again what the next step tries again
   * @param faults what is to be told
   */
  record Rest(boolean everything, List<Fold.Part> again, List<PassFault> faults) {
    static final Rest NONE = new Rest(false, List.of(), List.of());
  }

  EndpointProjection(
      Snapshot snapshot,
      PersistentMap<NetworkTable> networks,
      NetworkParticipation participation,
      Rest rest) {
    this.snapshot = snapshot;
    this.networks = networks;
    this.participation = participation;
    this.rest = rest;
  }

  /** The state without networks. */
  public static EndpointProjection empty() {
    return new EndpointProjection(
        Snapshot.empty(), PersistentMap.empty(), NetworkParticipation.none(), Rest.NONE);
  }

  /** The tables of a state, made from all of its objects. */
  public static EndpointProjection of(Snapshot snapshot) {
    return empty().anew(snapshot);
  }

  /**
   * The tables of a later state.
   *
   * @param touched all that changed on the way to it, and possibly more
   */
  public EndpointProjection next(Snapshot later, TouchedObjects touched) {
    return rest.everything ? anew(later) : step(later, touched);
  }

  /** The tables of a later state when it is not known what changed on the way to it. */
  public EndpointProjection anew(Snapshot later) {
    TouchedObjects all = TouchedObjects.all(snapshot);
    all.addAll(later);
    return step(later, all);
  }

  /** What throws leaves all as it was, for the next step to begin from. */
  private EndpointProjection step(Snapshot later, TouchedObjects touched) {
    try {
      Fold fold = new Fold(snapshot, later, networks, participation);
      fold.take(touched, rest.again);
      return fold.result();
    } catch (RuntimeException | Error e) {
      Containment.check(e);
      PassFault fault = new PassFault("the endpoint tables", e);
      return new EndpointProjection(
          snapshot, networks, participation, new Rest(true, rest.again, List.of(fault)));
    }
  }

  /** The log index of the state. */
  public long index() {
    return snapshot.index();
  }

  /** The table of one node: the networks of its live tasks and the ingress network. */
  public EndpointTable table(String nodeId) {
    List<NetworkTable> tables = new ArrayList<>();
    for (String networkId : participation.networksOf(nodeId)) {
      networks.find(networkId).ifPresent(tables::add);
    }
    return EndpointTable.of(tables);
  }

  /** What could not be brought up to date and keeps its entries, or is in no table at all. */
  public List<PassFault> faults() {
    return rest.faults;
  }

  /** Whether it has the same tables for all nodes. */
  public boolean hasTablesOf(EndpointProjection other) {
    return networks.equals(other.networks) && participation.equals(other.participation);
  }
}
