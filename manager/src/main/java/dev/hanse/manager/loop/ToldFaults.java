package dev.hanse.manager.loop;

import dev.hanse.control.PassFault;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says of each object that the passes had to skip once that and why, until it is well again. */
final class ToldFaults {
  private static final Logger logger = LoggerFactory.getLogger(ToldFaults.class);

  /** Objects remembered; more are told each time. */
  private static final int MAX = 1_000;

  private final Set<String> known = new HashSet<>();

  /**
   * Takes what a pass has skipped.
   *
   * @param all whether the pass has looked at everything
   */
  void tell(List<PassFault> faults, boolean all) {
    Set<String> present = new HashSet<>();
    for (PassFault fault : faults) {
      if (present.add(fault.subject()) && !known.contains(fault.subject())) {
        logger.error(
            "{} is skipped; it is looked at again when it changes, and each minute",
            fault.subject(),
            fault.cause());
      }
    }
    if (all) {
      known.retainAll(present);
    }
    if (known.size() < MAX) {
      known.addAll(present);
    }
  }
}
