package dev.hanse.agent.task;

import dev.hanse.model.PortConfig;
import java.util.List;
import java.util.Optional;

/**
 * What came of a step.
 *
 * @param container as it is now
 * @param held whether the task may have a network or files now
 * @param hostPorts published on this node alone, as chosen; empty when the step has no say in it
 * @param failure why it can never succeed
 * @param retry why it should be tried again later
 */
public record StepOutcome(
    ContainerView container,
    boolean held,
    Optional<List<PortConfig>> hostPorts,
    Optional<StepFailure> failure,
    Optional<String> retry) {

  /** It is done. */
  public static StepOutcome success(ContainerView container, boolean held) {
    return new StepOutcome(container, held, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The task has its network, with these ports. */
  static StepOutcome attached(ContainerView container, List<PortConfig> hostPorts) {
    return new StepOutcome(
        container, true, Optional.of(hostPorts), Optional.empty(), Optional.empty());
  }

  /** It can never succeed. */
  public static StepOutcome failed(ContainerView container, String message) {
    return new StepOutcome(
        container, true, Optional.empty(), Optional.of(new StepFailure(message)), Optional.empty());
  }

  /** It is to be tried again later. */
  public static StepOutcome again(ContainerView container, boolean held, String why) {
    return new StepOutcome(container, held, Optional.empty(), Optional.empty(), Optional.of(why));
  }
}
