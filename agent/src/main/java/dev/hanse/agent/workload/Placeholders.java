package dev.hanse.agent.workload;

import java.util.Map;

/**
 * What the texts of a workload may name in double braces, besides what its node says of itself.
 *
 * @param values by their path, as {@code Task.Slot}
 * @param serviceLabels for {@code index .Service.Labels}
 */
public record Placeholders(Map<String, String> values, Map<String, String> serviceLabels) {
  /** Copies both. */
  public Placeholders {
    values = Map.copyOf(values);
    serviceLabels = Map.copyOf(serviceLabels);
  }
}
