package dev.hanse.manager.leader;

import io.grpc.ServerServiceDefinition;
import java.util.List;

/**
 * Something that only the leader runs. It is made when this manager begins to lead in a term and
 * closed when it ceases to, and keeps nothing beyond: what must survive belongs into the state.
 */
public interface LeaderPart extends AutoCloseable {
  /** Makes the part for each term; {@link LeaderParts} lists them. */
  @FunctionalInterface
  interface Factory {
    /** Begins; must not wait for a write, since other parts begin after it. */
    LeaderPart begin(LeaderScope scope);
  }

  /**
   * What it serves on the cluster port; each method needs a rule in {@code MethodRules}. Other
   * managers forward calls of these methods to the leader.
   */
  default List<ServerServiceDefinition> services() {
    return List.of();
  }

  /** Ends the part, soon; what it submits from now on is refused. */
  @Override
  void close();
}
