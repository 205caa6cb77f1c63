package dev.hanse.control.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.control.endpoints.EndpointProjection;
import dev.hanse.control.endpoints.TouchedObjects;
import dev.hanse.endpoints.AppliedTable;
import dev.hanse.endpoints.Attempt;
import dev.hanse.endpoints.EndpointEncoder;
import dev.hanse.endpoints.EndpointTable;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.Node;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Carries endpoint tables on as a dispatcher does, some commits at a time, and sees that they are
 * those of the whole state, and that every node that is sent the differences has them too.
 */
final class FoldedEndpoints implements Store.Listener {
  private static final int COMMITS_MAX = 8;

  /** The whole state is much more work than what changed. */
  private static final int COMPARED_ONE_IN = 20;

  private final RandomGenerator random;
  private final Map<String, AppliedTable> nodes = new HashMap<>();
  private final Map<String, EndpointTable> sent = new HashMap<>();
  private EndpointProjection projection;
  private TouchedObjects touched = new TouchedObjects();
  private long index;

  FoldedEndpoints(Snapshot start, RandomGenerator random) {
    this.projection = EndpointProjection.of(start);
    this.random = random;
  }

  @Override
  public void changed(Snapshot before, Snapshot after, Changes changes) {
    changes.actions().forEach(action -> touched.add(before, after, action));
    if (random.nextInt(COMMITS_MAX) == 0) {
      boolean known = random.nextInt(COMPARED_ONE_IN) != 0;
      projection = known ? projection.next(after, touched) : projection.anew(after);
      touched = new TouchedObjects();
      assertThat(projection.faults()).isEmpty();
      if (random.nextInt(COMPARED_ONE_IN) == 0) {
        assertThat(projection.hasTablesOf(EndpointProjection.of(after)))
            .as("folded tables at %s", after)
            .isTrue();
      }
      for (Node node : after.all(Kind.NODE)) {
        if (random.nextBoolean()) {
          tell(node.getId());
        }
      }
    }
  }

  private void tell(String nodeId) {
    EndpointTable now = projection.table(nodeId);
    EndpointTable before = sent.getOrDefault(nodeId, EndpointTable.empty());
    EndpointsMessage message =
        new EndpointEncoder()
            .message(EndpointsMessage.Type.INCREMENTAL, ++index, now.since(before));
    Attempt<AppliedTable> applied = nodes.getOrDefault(nodeId, AppliedTable.none()).apply(message);
    assertThat(applied).isEqualTo(new Attempt.Done<>(new AppliedTable(index, now)));
    nodes.put(nodeId, ((Attempt.Done<AppliedTable>) applied).value());
    sent.put(nodeId, now);
  }
}
