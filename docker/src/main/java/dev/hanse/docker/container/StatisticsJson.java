package dev.hanse.docker.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.containers.ContainerStatistics;
import dev.hanse.web.Json;
import java.util.Optional;

/**
 * What a container uses, as {@code docker stats} reads it: this reading and the one before, from
 * whose difference clients compute the processor's percentage.
 */
final class StatisticsJson {
  private static final String NEVER = "0001-01-01T00:00:00Z";

  private StatisticsJson() {}

  static ObjectNode of(
      String id,
      String name,
      Optional<ContainerStatistics> before,
      Optional<ContainerStatistics> now) {
    ObjectNode json = Json.object();
    json.put("id", id);
    json.put("name", "/" + name);
    json.put("read", now.map(reading -> reading.readAt().toString()).orElse(NEVER));
    json.put("preread", before.map(reading -> reading.readAt().toString()).orElse(NEVER));
    json.put("os_type", "linux");
    json.put("num_procs", 0);
    json.putObject("storage_stats");
    json.set("cpu_stats", now.map(StatisticsJson::processor).orElseGet(Json::object));
    json.set("precpu_stats", before.map(StatisticsJson::processor).orElseGet(Json::object));
    json.set("memory_stats", now.map(StatisticsJson::memory).orElseGet(Json::object));
    json.set("pids_stats", now.map(StatisticsJson::processes).orElseGet(Json::object));
    json.set("blkio_stats", now.map(StatisticsJson::blockDevices).orElseGet(Json::object));
    now.ifPresent(reading -> json.set("networks", networks(reading)));
    return json;
  }

  private static ObjectNode processor(ContainerStatistics reading) {
    ContainerStatistics.Processor processor = reading.processor();
    ObjectNode json = Json.object();
    ObjectNode usage = json.putObject("cpu_usage");
    usage.put("total_usage", processor.totalNanos());
    if (!processor.perProcessorNanos().isEmpty()) {
      processor.perProcessorNanos().forEach(usage.putArray("percpu_usage")::add);
    }
    usage.put("usage_in_kernelmode", processor.kernelNanos());
    usage.put("usage_in_usermode", processor.userNanos());
    json.put("system_cpu_usage", processor.systemNanos());
    json.put("online_cpus", processor.onlineProcessors());
    json.putObject("throttling_data")
        .put("periods", processor.periods())
        .put("throttled_periods", processor.throttledPeriods())
        .put("throttled_time", processor.throttledNanos());
    return json;
  }

  private static ObjectNode memory(ContainerStatistics reading) {
    ContainerStatistics.Memory memory = reading.memory();
    ObjectNode json = Json.object();
    json.put("usage", memory.usageBytes());
    memory.maximumUsageBytes().ifPresent(bytes -> json.put("max_usage", bytes));
    if (reading.cgroupVersion() == 1) {
      json.put("failcnt", memory.failures());
    }
    json.put("limit", memory.limitBytes());
    memory.details().forEach(json.putObject("stats")::put);
    return json;
  }

  private static ObjectNode processes(ContainerStatistics reading) {
    ObjectNode json = Json.object().put("current", reading.processes().current());
    reading.processes().limit().ifPresent(limit -> json.put("limit", limit));
    return json;
  }

  private static ObjectNode blockDevices(ContainerStatistics reading) {
    ObjectNode json = Json.object();
    ArrayNode bytes = json.putArray("io_service_bytes_recursive");
    ArrayNode operations = json.putArray("io_serviced_recursive");
    for (ContainerStatistics.BlockDevice device : reading.blockDevices()) {
      add(bytes, device, "read", device.readBytes());
      add(bytes, device, "write", device.writeBytes());
      add(operations, device, "read", device.readOperations());
      add(operations, device, "write", device.writeOperations());
    }
    return json;
  }

  private static void add(
      ArrayNode entries, ContainerStatistics.BlockDevice device, String operation, long value) {
    entries
        .addObject()
        .put("major", device.major())
        .put("minor", device.minor())
        .put("op", operation)
        .put("value", value);
  }

  private static ObjectNode networks(ContainerStatistics reading) {
    ObjectNode json = Json.object();
    for (ContainerStatistics.NetworkInterface link : reading.networkInterfaces()) {
      json.putObject(link.name())
          .put("rx_bytes", link.receivedBytes())
          .put("rx_packets", link.receivedPackets())
          .put("rx_errors", link.receivedErrors())
          .put("rx_dropped", link.receivedDropped())
          .put("tx_bytes", link.sentBytes())
          .put("tx_packets", link.sentPackets())
          .put("tx_errors", link.sentErrors())
          .put("tx_dropped", link.sentDropped());
    }
    return json;
  }
}
