package dev.hanse.node.settings;

import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.process.Priority;
import java.io.IOException;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the daemon stands among the other processes of its host. Containers that use up all
 * processors must not make a manager look dead, and containers that use up all memory are to be
 * killed before it. Containers do not inherit it.
 *
 * @param nice from -20 (runs first) to 19; empty for {@link #NICE_DEFAULT}, unless who has started
 *     the daemon has decided otherwise
 * @param oomScore what is added to its badness when memory is short, -1000 to 1000; empty likewise
 */
public record Precedence(OptionalInt nice, OptionalInt oomScore) {
  static final int NICE_DEFAULT = -10;

  /** As the Docker Engine's service has it. */
  static final int OOM_SCORE_DEFAULT = -500;

  private static final Logger LOG = LoggerFactory.getLogger(Precedence.class);

  /** Checks the numbers. */
  public Precedence {
    check("--nice", nice, -20, 19);
    check("--oom-score-adjust", oomScore, -1000, 1000);
  }

  private static void check(String option, OptionalInt value, int min, int max) {
    if (value.isPresent() && (value.getAsInt() < min || value.getAsInt() > max)) {
      throw new IllegalArgumentException(
          option + " " + value.getAsInt() + ": must be from " + min + " to " + max);
    }
  }

  /** Takes effect for the whole process; if it may not, that is a warning only. */
  public void take() {
    try {
      int own = Priority.nice();
      int wanted = nice.orElse(own == 0 ? NICE_DEFAULT : own);
      if (wanted != own) {
        Priority.nice(wanted);
      }
    } catch (IOException | KernelException fault) {
      LOG.warn(
          "runs with the usual priority, so a busy machine may make it late (--nice): {}",
          fault.getMessage());
    }
    try {
      int own = Priority.oomScore();
      int wanted = oomScore.orElse(own == 0 ? OOM_SCORE_DEFAULT : own);
      if (wanted != own) {
        Priority.oomScore(wanted);
      }
    } catch (IOException fault) {
      LOG.warn(
          "may be killed first when memory is short (--oom-score-adjust): {}", fault.getMessage());
    }
  }
}
