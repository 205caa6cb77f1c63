package dev.hanse.control.orchestrator;

import dev.hanse.control.Times;
import dev.hanse.model.Node;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.Service;
import dev.hanse.text.GoDuration;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What becomes of a service's tasks when their node is down, from the service's label {@value
 * #LABEL}: "replace", the default, or "keep:DURATION". Kept tasks stay assigned for so long; a node
 * that is back in time goes on with them.
 *
 * @param keep how long to wait for the node; zero to replace at once
 */
public record Disconnect(Duration keep) {
  /** The label of services. */
  public static final String LABEL = "hanse.disconnect";

  /** What holds without the label. */
  public static final String REPLACE_VALUE = "replace";

  /** The longest time that tasks are kept; whoever wants more wants tasks that never move. */
  public static final Duration KEEP_MAX = Duration.ofDays(30);

  private static final Duration KEEP_MIN = Duration.ofSeconds(1);
  private static final Disconnect REPLACE = new Disconnect(Duration.ZERO);
  private static final String KEEP = "keep:";
  private static final int LENGTH_MAX = 45;

  /** What a label's value means; empty if it means nothing. */
  public static Optional<Disconnect> parse(String value) {
    if (value.equals(REPLACE_VALUE)) {
      return Optional.of(REPLACE);
    }
    return value.startsWith(KEEP) && value.length() <= LENGTH_MAX
        ? GoDuration.parse(value.substring(KEEP.length()))
            .filter(keep -> keep.compareTo(KEEP_MIN) >= 0 && keep.compareTo(KEEP_MAX) <= 0)
            .map(Disconnect::new)
        : Optional.empty();
  }

  /** What a service's label says; a value that means nothing was refused at the door. */
  static Disconnect of(Service service) {
    return parse(service.getSpec().getAnnotations().getLabelsOrDefault(LABEL, REPLACE_VALUE))
        .orElse(REPLACE);
  }

  /**
   * Until when the tasks stay on a node that is down.
   *
   * @return empty if the node is not down, or the time is over
   */
  Optional<Instant> keptUntil(Node node, Instant now) {
    if (node.getStatus().getState() != NodeStatus.State.DOWN) {
      return Optional.empty();
    }
    return Optional.of(Times.instant(node.getStatus().getDownSince()).plus(keep))
        .filter(end -> end.isAfter(now));
  }
}
