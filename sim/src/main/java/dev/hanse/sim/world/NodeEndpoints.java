package dev.hanse.sim.world;

import dev.hanse.endpoints.AppliedTable;
import dev.hanse.endpoints.Attempt;
import dev.hanse.endpoints.EndpointTable;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.sim.check.Violation;

/** The endpoint tables as a node has them. */
public final class NodeEndpoints {
  private final World world;
  private AppliedTable applied = AppliedTable.none();

  NodeEndpoints(World world) {
    this.world = world;
  }

  void receive(EndpointsMessage message) {
    switch (applied.apply(message)) {
      case Attempt.Done<AppliedTable>(AppliedTable next) -> {
        if (!world.sabotaged(Sabotage.LOSE_ENDPOINTS) || world.random().nextInt(10) != 0) {
          applied = next;
        }
      }
      case Attempt.Refused<AppliedTable>(String reason) ->
          throw new Violation("a node cannot use what it is told: " + reason);
    }
  }

  /** What the node's network is planned from. */
  public EndpointTable table() {
    return applied.table();
  }
}
