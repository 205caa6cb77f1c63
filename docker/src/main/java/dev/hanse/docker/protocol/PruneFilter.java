package dev.hanse.docker.protocol;

import dev.hanse.web.HttpFailure;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The filters that all prune requests have.
 *
 * @param until only what was made before
 */
public record PruneFilter(Filters filters, Optional<Instant> until) {
  /**
   * Reads {@code label}, {@code label!} and {@code until}.
   *
   * @throws HttpFailure 400 for more than one {@code until}, or one that is no time
   */
  public static PruneFilter of(Filters filters) {
    Set<String> until = filters.values("until");
    if (until.size() > 1) {
      throw HttpFailure.invalid("more than one until filter specified");
    }
    return new PruneFilter(filters, until.stream().findFirst().map(Timestamps::parse));
  }

  /** Whether something with these labels, made then, is to be considered. */
  public boolean fits(Map<String, String> labels, Instant made) {
    return fits(labels) && until.map(made::isBefore).orElse(true);
  }

  /** The same by labels alone. */
  public boolean fits(Map<String, String> labels) {
    return filters.labels("label", labels)
        && filters.values("label!").stream().noneMatch(unwanted -> has(labels, unwanted));
  }

  private static boolean has(Map<String, String> labels, String wanted) {
    int equals = wanted.indexOf('=');
    return equals < 0
        ? labels.containsKey(wanted)
        : wanted.substring(equals + 1).equals(labels.get(wanted.substring(0, equals)));
  }
}
