package dev.hanse.runtime.spec;

import dev.hanse.runtime.containerd.Programs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the specification of every container on this host depends on.
 *
 * @param cgroupVersion 2 if the unified hierarchy is mounted at /sys/fs/cgroup, else 1
 * @param swapAccounting swap can be limited
 * @param capabilities bit mask of those that this program may hand on (its bounding set)
 * @param architecture Docker's name of it, {@code amd64}
 * @param hostname the host's name
 * @param initProgram docker-init or tini, if installed
 * @param networkDefaults sysctls that Docker sets in every network namespace, if the kernel has
 *     them
 * @param thermalPaths files of /sys that tell of the processors' heat
 * @param kernelRelease as uname says it, {@code 6.1.0-30-amd64}
 * @param seccomp the kernel can filter system calls
 * @param appArmor processes can be put under an AppArmor profile
 */
public record HostFacts(
    int cgroupVersion,
    boolean swapAccounting,
    long capabilities,
    String architecture,
    String hostname,
    Optional<Path> initProgram,
    List<String> networkDefaults,
    List<String> thermalPaths,
    String kernelRelease,
    boolean seccomp,
    boolean appArmor) {

  static final String PING_RANGE = "net.ipv4.ping_group_range";
  static final String UNPRIVILEGED_PORTS = "net.ipv4.ip_unprivileged_port_start";

  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
  private static final int ELF_HEADER_BYTES = 64;
  private static final int ELF_PROGRAM_BYTES = 56;
  private static final int ELF_INTERPRETER = 3;

  public HostFacts {
    networkDefaults = List.copyOf(networkDefaults);
    thermalPaths = List.copyOf(thermalPaths);
  }

  /**
   * Reads them from /proc and /sys.
   *
   * @param appArmor whether it is ready for containers
   */
  public static HostFacts read(boolean appArmor) {
    boolean unified = Files.exists(CGROUPS.resolve("cgroup.controllers"));
    boolean swap =
        unified
            ? Files.exists(Path.of("/proc/swaps"))
            : Files.exists(CGROUPS.resolve("memory/memory.memsw.limit_in_bytes"));
    return new HostFacts(
        unified ? 2 : 1,
        swap,
        boundingSet(),
        machine(),
        text(Path.of("/proc/sys/kernel/hostname")).orElse("localhost"),
        findInit(),
        List.of(PING_RANGE, UNPRIVILEGED_PORTS).stream()
            .filter(name -> Files.exists(Path.of("/proc/sys", name.replace('.', '/'))))
            .toList(),
        thermal(),
        text(Path.of("/proc/sys/kernel/osrelease")).orElse(""),
        status("Seccomp:").isPresent(),
        appArmor);
  }

  private static String machine() {
    String machine = System.getProperty("os.arch");
    return switch (machine) {
      case "x86_64", "amd64" -> "amd64";
      case "aarch64", "arm64" -> "arm64";
      default -> machine;
    };
  }

  private static List<String> thermal() {
    var found = new ArrayList<String>();
    for (int cpu = 0; ; cpu++) {
      Path processor = Path.of("/sys/devices/system/cpu/cpu" + cpu);
      if (!Files.exists(processor)) {
        return found;
      }
      Path throttle = processor.resolve("thermal_throttle");
      if (Files.exists(throttle)) {
        found.add(throttle.toString());
      }
    }
  }

  /** A statically linked one if possible: the image need not have the libraries of another. */
  private static Optional<Path> findInit() {
    var found = new ArrayList<Path>();
    for (String name : List.of("docker-init", "tini-static", "tini")) {
      Programs.find(name).ifPresent(found::add);
    }
    return found.stream()
        .filter(HostFacts::isStatic)
        .findFirst()
        .or(() -> found.stream().findFirst());
  }

  /** Whether an ELF64 file names no interpreter (elf(5)). */
  private static boolean isStatic(Path program) {
    try (FileChannel file = FileChannel.open(program)) {
      ByteBuffer header = ByteBuffer.allocate(ELF_HEADER_BYTES).order(ByteOrder.nativeOrder());
      file.read(header, 0);
      long table = header.getLong(32);
      int count = header.getShort(56);
      for (int i = 0; i < count; i++) {
        ByteBuffer entry = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder());
        file.read(entry, table + (long) i * ELF_PROGRAM_BYTES);
        if (entry.getInt(0) == ELF_INTERPRETER) {
          return false;
        }
      }
      return true;
    } catch (IOException | RuntimeException unreadable) {
      return false;
    }
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file).strip());
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  private static long boundingSet() {
    return status("CapBnd:").map(hex -> Long.parseUnsignedLong(hex, 16)).orElse(0L);
  }

  private static Optional<String> status(String field) {
    return text(Path.of("/proc/self/status"))
        .orElse("")
        .lines()
        .filter(line -> line.startsWith(field))
        .map(line -> line.substring(field.length()).strip())
        .findFirst();
  }
}
