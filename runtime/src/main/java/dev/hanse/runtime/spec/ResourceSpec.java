package dev.hanse.runtime.spec;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.RuntimeFault;

/** The {@code resources} part of the specification, also used to change a running container. */
public final class ResourceSpec {
  private static final long PERIOD_MICROS = 100_000;
  private static final long NANOS_PER_CPU = 1_000_000_000;
  private static final long QUOTA_MICROS_MIN = 1_000;
  private static final long MEMORY_BYTES_MIN = 6L << 20;

  private ResourceSpec() {}

  /**
   * The limits as runc reads them.
   *
   * @throws RuntimeFault INVALID with Docker's text
   */
  public static ObjectNode of(ResourceLimits limits, HostFacts facts) {
    check(limits);
    ObjectNode resources = JsonNodeFactory.instance.objectNode();
    processor(limits, resources);
    memory(limits, facts, resources);
    limits
        .pids()
        .ifPresent(pids -> resources.putObject("pids").put("limit", pids <= 0 ? -1 : pids));
    return resources;
  }

  private static void processor(ResourceLimits limits, ObjectNode resources) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    limits.cpuShares().ifPresent(shares -> node.put("shares", shares));
    limits
        .nanoCpus()
        .ifPresent(
            nanos -> {
              long quota = nanos * PERIOD_MICROS / NANOS_PER_CPU;
              node.put("period", PERIOD_MICROS);
              node.put("quota", Math.max(QUOTA_MICROS_MIN, quota));
            });
    limits.cpuset().ifPresent(set -> node.put("cpus", set));
    if (!node.isEmpty()) {
      resources.set("cpu", node);
    }
  }

  private static void memory(ResourceLimits limits, HostFacts facts, ObjectNode resources) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    limits.memoryReservationBytes().ifPresent(bytes -> node.put("reservation", bytes));
    limits
        .memoryBytes()
        .ifPresent(
            bytes -> {
              node.put("limit", bytes);
              if (facts.swapAccounting()) {
                // Docker's default: as much swap as memory.
                node.put("swap", limits.memorySwapBytes().orElse(2 * bytes));
              }
            });
    limits.swappiness().ifPresent(value -> node.put("swappiness", value));
    if (limits.oomKillDisable() && facts.cgroupVersion() == 1) {
      node.put("disableOOMKiller", true);
    }
    if (!node.isEmpty()) {
      resources.set("memory", node);
    }
  }

  private static void check(ResourceLimits limits) {
    limits
        .memoryBytes()
        .ifPresent(
            bytes -> {
              if (bytes < MEMORY_BYTES_MIN) {
                throw invalid("Minimum memory limit allowed is 6MB");
              }
              if (limits.memoryReservationBytes().orElse(0) > bytes) {
                throw invalid(
                    "Minimum memory limit can not be less than memory reservation limit, see"
                        + " usage");
              }
              long swap = limits.memorySwapBytes().orElse(-1);
              if (swap > 0 && swap < bytes) {
                throw invalid(
                    "Minimum memoryswap limit should be larger than memory limit, see usage");
              }
            });
    if (limits.nanoCpus().orElse(0) < 0) {
      throw invalid("NanoCPUs can not be set to a negative value");
    }
  }

  private static RuntimeFault invalid(String message) {
    return new RuntimeFault(RuntimeFault.Kind.INVALID, message);
  }
}
