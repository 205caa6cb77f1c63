package dev.hanse.control.orchestrator;

import dev.hanse.control.Times;
import dev.hanse.model.Node;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.Service;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  /** As Go writes durations, which is how all of Docker does. */
  private static final Pattern DURATION =
      Pattern.compile("(?:(?:[0-9]{1,9}|[0-9]{1,9}\\.[0-9]{1,9})(?:h|m|s|ms))+");

  private static final Pattern PART = Pattern.compile("([0-9.]+)(ms|h|m|s)");

  /** What a label's value means; empty if it means nothing. */
  public static Optional<Disconnect> parse(String value) {
    if (value.equals(REPLACE_VALUE)) {
      return Optional.of(REPLACE);
    }
    return value.startsWith(KEEP)
        ? duration(value.substring(KEEP.length()))
            .filter(keep -> keep.compareTo(KEEP_MIN) >= 0 && keep.compareTo(KEEP_MAX) <= 0)
            .map(Disconnect::new)
        : Optional.empty();
  }

  private static Optional<Duration> duration(String text) {
    if (text.length() > 40 || !DURATION.matcher(text).matches()) {
      return Optional.empty();
    }
    Duration sum = Duration.ZERO;
    Matcher parts = PART.matcher(text);
    while (parts.find()) {
      long unitMillis =
          switch (parts.group(2)) {
            case "h" -> 3_600_000;
            case "m" -> 60_000;
            case "s" -> 1_000;
            default -> 1;
          };
      BigDecimal millis = new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unitMillis));
      sum = sum.plusMillis(millis.longValue());
    }
    return Optional.of(sum);
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
