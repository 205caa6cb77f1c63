package dev.hanse.docker.system;

import dev.hanse.text.Digits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The machine as its kernel describes it.
 *
 * @param kernelVersion release of the kernel
 * @param operatingSystem name and version for people
 * @param operatingSystemVersion version alone, "" if it has none
 * @param architecture as uname says it, such as x86_64
 * @param processors how many this process may use
 * @param memoryBytes of the machine
 * @param cgroupVersion 1 or 2
 */
record MachineFacts(
    String kernelVersion,
    String operatingSystem,
    String operatingSystemVersion,
    String architecture,
    int processors,
    long memoryBytes,
    int cgroupVersion) {
  private static final String TOTAL = "MemTotal:";
  private static final String UNIT = " kB";

  /** Reads them; what cannot be read is empty. */
  static MachineFacts read() {
    Map<String, String> release = release();
    return new MachineFacts(
        text(Path.of("/proc/sys/kernel/osrelease")).strip(),
        release.getOrDefault("PRETTY_NAME", "Linux"),
        release.getOrDefault("VERSION_ID", ""),
        unixArchitecture(),
        Runtime.getRuntime().availableProcessors(),
        totalMemoryBytes(),
        Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")) ? 2 : 1);
  }

  /** The name in image platforms and in {@code docker version}: amd64, arm64. */
  String goArchitecture() {
    return switch (architecture) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> architecture;
    };
  }

  private static String unixArchitecture() {
    String java = System.getProperty("os.arch", "");
    return java.equals("amd64") ? "x86_64" : java;
  }

  private static long totalMemoryBytes() {
    return text(Path.of("/proc/meminfo"))
        .lines()
        .filter(line -> line.startsWith(TOTAL) && line.endsWith(UNIT))
        .map(line -> line.substring(TOTAL.length(), line.length() - UNIT.length()).strip())
        .mapToLong(number -> Digits.longNumber(number).orElse(0) * 1024)
        .findFirst()
        .orElse(0);
  }

  private static Map<String, String> release() {
    Map<String, String> release = new HashMap<>();
    for (String line : text(Path.of("/etc/os-release")).split("\n")) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        release.put(line.substring(0, equals), line.substring(equals + 1).replace("\"", ""));
      }
    }
    return release;
  }

  private static String text(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      return "";
    }
  }
}
