package dev.hanse.manager.reign;

import io.grpc.ServerServiceDefinition;
import java.util.List;

/**
 * Something that only the leader runs. It is made when a reign begins and closed when it ends, and
 * keeps nothing beyond: what must survive belongs into the state.
 */
public interface LeaderPart extends AutoCloseable {
  /** Makes the part for each reign; {@link LeaderParts} lists them. */
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
