package dev.hanse.runtime.containers;

import dev.hanse.runtime.containers.ContainerStatistics.BlockDevice;
import dev.hanse.runtime.containers.ContainerStatistics.Memory;
import dev.hanse.runtime.containers.ContainerStatistics.NetworkInterface;
import dev.hanse.runtime.containers.ContainerStatistics.Processes;
import dev.hanse.runtime.containers.ContainerStatistics.Processor;
import dev.hanse.text.Digits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Puts a container's numbers together from cgroup files and /proc. */
final class StatisticsReader {
  private static final long NANOS_PER_TICK = 10_000_000;
  private static final long NANOS_PER_MICRO = 1_000;
  private static final long BYTES_PER_KIB = 1024;

  /** Columns of /proc/stat that are time spent: user, nice, system, idle, iowait, irq, softirq. */
  private static final int STAT_COLUMNS = 7;

  private final ControlGroup group;

  StatisticsReader(ControlGroup group) {
    this.group = group;
  }

  ContainerStatistics read(int processId) {
    return new ContainerStatistics(
        Instant.now(),
        group.version(),
        processor(),
        memory(),
        new Processes(
            group.number("pids", "pids.current").orElse(0), group.number("pids", "pids.max")),
        List.copyOf(blockDevices().values()),
        network(processId));
  }

  private Processor processor() {
    return group.version() == 2 ? unifiedProcessor() : splitProcessor();
  }

  private Processor unifiedProcessor() {
    Map<String, Long> stat = group.pairs("cpu", "cpu.stat");
    return new Processor(
        stat.getOrDefault("usage_usec", 0L) * NANOS_PER_MICRO,
        stat.getOrDefault("user_usec", 0L) * NANOS_PER_MICRO,
        stat.getOrDefault("system_usec", 0L) * NANOS_PER_MICRO,
        List.of(),
        systemNanos(),
        Runtime.getRuntime().availableProcessors(),
        stat.getOrDefault("nr_periods", 0L),
        stat.getOrDefault("nr_throttled", 0L),
        stat.getOrDefault("throttled_usec", 0L) * NANOS_PER_MICRO);
  }

  private Processor splitProcessor() {
    Map<String, Long> throttling = group.pairs("cpu", "cpu.stat");
    Map<String, Long> ticks = group.pairs("cpuacct", "cpuacct.stat");
    var each = new ArrayList<Long>();
    for (String number : group.text("cpuacct", "cpuacct.usage_percpu").orElse("").split(" ")) {
      if (!number.isBlank()) {
        each.add(Long.parseLong(number.strip()));
      }
    }
    return new Processor(
        group.number("cpuacct", "cpuacct.usage").orElse(0),
        ticks.getOrDefault("user", 0L) * NANOS_PER_TICK,
        ticks.getOrDefault("system", 0L) * NANOS_PER_TICK,
        each,
        systemNanos(),
        Runtime.getRuntime().availableProcessors(),
        throttling.getOrDefault("nr_periods", 0L),
        throttling.getOrDefault("nr_throttled", 0L),
        throttling.getOrDefault("throttled_time", 0L));
  }

  private static long systemNanos() {
    for (String line : lines(Path.of("/proc/stat"))) {
      if (line.startsWith("cpu ")) {
        String[] columns = line.split("\\s+");
        long ticks = 0;
        for (int i = 1; i <= STAT_COLUMNS && i < columns.length; i++) {
          ticks += Long.parseLong(columns[i]);
        }
        return ticks * NANOS_PER_TICK;
      }
    }
    return 0;
  }

  private Memory memory() {
    Map<String, Long> details = group.pairs("memory", "memory.stat");
    long hostBytes = hostMemory();
    if (group.version() == 2) {
      return new Memory(
          group.number("memory", "memory.current").orElse(0),
          group.number("memory", "memory.peak"),
          Math.min(hostBytes, group.number("memory", "memory.max").orElse(hostBytes)),
          group.pairs("memory", "memory.events").getOrDefault("max", 0L),
          details);
    }
    long limit = group.number("memory", "memory.limit_in_bytes").orElse(hostBytes);
    OptionalLong maximum = group.number("memory", "memory.max_usage_in_bytes");
    return new Memory(
        group.number("memory", "memory.usage_in_bytes").orElse(0),
        maximum,
        Math.min(hostBytes, limit),
        group.number("memory", "memory.failcnt").orElse(0),
        details);
  }

  private static long hostMemory() {
    for (String line : lines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemTotal:")) {
        return Long.parseLong(line.substring("MemTotal:".length(), line.lastIndexOf("kB")).strip())
            * BYTES_PER_KIB;
      }
    }
    return Long.MAX_VALUE;
  }

  private Map<String, BlockDevice> blockDevices() {
    Map<String, BlockDevice> devices = new LinkedHashMap<>();
    if (group.version() == 2) {
      for (String line : group.lines("io", "io.stat")) {
        unifiedDevice(devices, line);
      }
      return devices;
    }
    for (String line : group.lines("blkio", "blkio.throttle.io_service_bytes")) {
      splitDevice(devices, line, true);
    }
    for (String line : group.lines("blkio", "blkio.throttle.io_serviced")) {
      splitDevice(devices, line, false);
    }
    return devices;
  }

  /** {@code 8:0 rbytes=1 wbytes=2 rios=3 wios=4 …}. */
  private static void unifiedDevice(Map<String, BlockDevice> devices, String line) {
    String[] fields = line.split("\\s+");
    Map<String, Long> values = new LinkedHashMap<>();
    for (int i = 1; i < fields.length; i++) {
      int equals = fields[i].indexOf('=');
      if (equals > 0 && Digits.are(fields[i].substring(equals + 1), 18)) {
        values.put(fields[i].substring(0, equals), Long.parseLong(fields[i].substring(equals + 1)));
      }
    }
    String[] numbers = fields[0].split(":", -1);
    if (numbers.length == 2) {
      devices.put(
          fields[0],
          new BlockDevice(
              Long.parseLong(numbers[0]),
              Long.parseLong(numbers[1]),
              values.getOrDefault("rbytes", 0L),
              values.getOrDefault("wbytes", 0L),
              values.getOrDefault("rios", 0L),
              values.getOrDefault("wios", 0L)));
    }
  }

  /** {@code 8:0 Read 1}, one line per operation. */
  private static void splitDevice(Map<String, BlockDevice> devices, String line, boolean bytes) {
    String[] fields = line.split("\\s+");
    if (fields.length != 3 || !(fields[1].equals("Read") || fields[1].equals("Write"))) {
      return;
    }
    String[] numbers = fields[0].split(":", -1);
    BlockDevice before =
        devices.getOrDefault(
            fields[0],
            new BlockDevice(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), 0, 0, 0, 0));
    boolean read = fields[1].equals("Read");
    long value = Long.parseLong(fields[2]);
    devices.put(
        fields[0],
        new BlockDevice(
            before.major(),
            before.minor(),
            bytes && read ? value : before.readBytes(),
            bytes && !read ? value : before.writeBytes(),
            !bytes && read ? value : before.readOperations(),
            !bytes && !read ? value : before.writeOperations()));
  }

  private static List<NetworkInterface> network(int processId) {
    var found = new ArrayList<NetworkInterface>();
    for (String line : lines(Path.of("/proc/" + processId + "/net/dev"))) {
      int colon = line.indexOf(':');
      if (colon < 0) {
        continue;
      }
      String name = line.substring(0, colon).strip();
      String[] columns = line.substring(colon + 1).strip().split("\\s+");
      if (columns.length >= 12 && !name.equals("lo")) {
        found.add(
            new NetworkInterface(
                name,
                Long.parseLong(columns[0]),
                Long.parseLong(columns[1]),
                Long.parseLong(columns[2]),
                Long.parseLong(columns[3]),
                Long.parseLong(columns[8]),
                Long.parseLong(columns[9]),
                Long.parseLong(columns[10]),
                Long.parseLong(columns[11])));
      }
    }
    return found;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException absent) {
      return List.of();
    }
  }
}
