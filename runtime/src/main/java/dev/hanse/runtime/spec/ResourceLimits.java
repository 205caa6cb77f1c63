package dev.hanse.runtime.spec;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a container may use, with the meanings of Docker's HostConfig.
 *
 * @param nanoCpus billionths of a processor
 * @param cpuShares relative weight, 1024 is one share
 * @param cpuset processors allowed, {@code 0-1,3}
 * @param memoryBytes hard limit
 * @param memoryReservationBytes soft limit
 * @param memorySwapBytes memory and swap together, -1 for no limit; twice the memory by default
 * @param swappiness 0 to 100
 * @param pids processes and threads, -1 for no limit
 * @param oomKillDisable stop instead of kill when memory is exhausted (cgroup v1 only)
 */
public record ResourceLimits(
    OptionalLong nanoCpus,
    OptionalLong cpuShares,
    Optional<String> cpuset,
    OptionalLong memoryBytes,
    OptionalLong memoryReservationBytes,
    OptionalLong memorySwapBytes,
    OptionalLong swappiness,
    OptionalLong pids,
    boolean oomKillDisable) {

  /** No limit at all. */
  public static final ResourceLimits NONE =
      new ResourceLimits(
          OptionalLong.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          false);

  /** The limits that services use most; empty means no limit. */
  public static ResourceLimits of(
      OptionalLong nanoCpus,
      OptionalLong memoryBytes,
      OptionalLong memoryReservationBytes,
      OptionalLong pids) {
    return new ResourceLimits(
        nanoCpus,
        OptionalLong.empty(),
        Optional.empty(),
        memoryBytes,
        memoryReservationBytes,
        OptionalLong.empty(),
        OptionalLong.empty(),
        pids,
        false);
  }

  /**
   * One limit of setrlimit(2).
   *
   * @param name lower case without RLIMIT_, {@code nofile}
   * @param soft -1 for no limit
   * @param hard -1 for no limit
   */
  public record Ulimit(String name, long soft, long hard) {}
}
