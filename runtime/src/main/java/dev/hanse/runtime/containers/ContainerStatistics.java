package dev.hanse.runtime.containers;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a container has used so far and may use; totals grow from its start. Sources: cgroup v1 or
 * v2 files and /proc/PID/net/dev.
 *
 * @param cgroupVersion 1 or 2; Docker's clients compute some values differently
 */
public record ContainerStatistics(
    Instant readAt,
    int cgroupVersion,
    Processor processor,
    Memory memory,
    Processes processes,
    List<BlockDevice> blockDevices,
    List<NetworkInterface> networkInterfaces) {

  /** Processor time in nanoseconds; {@code systemNanos} is that of the whole host. */
  public record Processor(
      long totalNanos,
      long userNanos,
      long kernelNanos,
      List<Long> perProcessorNanos,
      long systemNanos,
      int onlineProcessors,
      long periods,
      long throttledPeriods,
      long throttledNanos) {}

  /**
   * Memory in bytes.
   *
   * @param limitBytes the container's limit, or the host's memory if it has none
   * @param details the kernel's memory.stat lines
   */
  public record Memory(
      long usageBytes,
      OptionalLong maximumUsageBytes,
      long limitBytes,
      long failures,
      Map<String, Long> details) {}

  /** Processes and threads; no limit if {@code limit} is empty. */
  public record Processes(long current, OptionalLong limit) {}

  /** Bytes moved and operations done on one block device. */
  public record BlockDevice(
      long major,
      long minor,
      long readBytes,
      long writeBytes,
      long readOperations,
      long writeOperations) {}

  /** Counters of one network interface as the container sees it. */
  public record NetworkInterface(
      String name,
      long receivedBytes,
      long receivedPackets,
      long receivedErrors,
      long receivedDropped,
      long sentBytes,
      long sentPackets,
      long sentErrors,
      long sentDropped) {}
}
