package dev.hanse.systemtest;

import dev.hanse.kernel.file.Mounts;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.network.Link;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Everything that workloads leave, or may leave, on a host of a lab, by kind and name; so that what
 * is there at one time can be compared with what was there at another.
 */
final class Traces {
  private static final Path GROUPS = Path.of("/sys/fs/cgroup");
  private static final Path PROCESSES = Path.of("/proc");

  /** What changes by itself: the log of the swarm, the images, the daemon's own log. */
  private static final Set<String> OTHERS =
      Set.of("containerd", "raft", "certificates", "daemon.log");

  private final Lab lab;
  private final HostState host;
  private final Set<Path> groupsBefore;

  Traces(Lab lab, String host) {
    this.lab = lab;
    this.host = lab.host(host);
    this.groupsBefore = groups();
  }

  /** All of it, by kind. */
  Map<String, Collection<String>> all() {
    try {
      Map<String, Collection<String>> all = new TreeMap<>();
      all.put("namespaces", names(host.execRoot().resolve("networks/namespaces")));
      all.put("links", links());
      all.put("mounts", mounts());
      all.put("packet rules", packetRules());
      all.put("policy rules and routes", command("sh", "-c", "ip rule; ip route show table all"));
      all.put("control groups", emptyGroups());
      all.put("containers", containerd("containers", "list", "-q"));
      all.put("container tasks", containerd("tasks", "list", "-q"));
      all.put("snapshots", activeSnapshots());
      all.put("shims", shims());
      all.put("files of the data root", files(host.dataRoot()));
      all.put("files of the exec root", files(host.execRoot()));
      return all;
    } catch (IOException fault) {
      throw new UncheckedIOException("traces of " + host.name(), fault);
    }
  }

  /** How many of each kind. */
  static Map<String, Integer> counts(Map<String, Collection<String>> traces) {
    Map<String, Integer> counts = new TreeMap<>();
    traces.forEach((kind, names) -> counts.put(kind, names.size()));
    return counts;
  }

  /** How many threads and open descriptors the daemon has. */
  record Daemon(int threads, int descriptors) {}

  Daemon daemon() throws IOException {
    String pid = Files.readString(host.execRoot().resolve("daemon.pid")).strip();
    return new Daemon(
        names(PROCESSES.resolve(pid).resolve("task")).size(),
        names(PROCESSES.resolve(pid).resolve("fd")).size());
  }

  List<String> links() {
    try (Netlink netlink = Netlink.open(new NetworkNamespace(host.namespace()))) {
      return netlink.links().stream().map(Link::name).sorted().toList();
    }
  }

  List<String> mounts() {
    return Mounts.list().stream()
        .map(mount -> mount.target())
        .filter(target -> target.startsWith(host.execRoot()) || target.startsWith(host.dataRoot()))
        .map(Path::toString)
        .sorted()
        .toList();
  }

  /**
   * Without what is counted, and in an order of its own: that of the tables is of their loading.
   */
  List<String> packetRules() {
    return command("nft", "--stateless", "list", "ruleset").stream()
        .map(String::strip)
        .sorted()
        .toList();
  }

  private List<String> command(String... words) {
    DockerCommand.Result result = new DockerCommand(lab, host.name()).run(List.of(words));
    if (result.status() != 0) {
      throw new AssertionError(String.join(" ", words) + ": " + result.err());
    }
    return result.lines();
  }

  private List<String> containerd(String... words) {
    Path socket = host.execRoot().resolve("containerd/containerd.sock");
    if (!Files.exists(socket)) {
      return List.of();
    }
    List<String> found = new ArrayList<>();
    for (String namespace :
        command("ctr", "--address", socket.toString(), "namespaces", "list", "-q")) {
      List<String> all =
          new ArrayList<>(List.of("ctr", "--address", socket.toString(), "-n", namespace));
      all.addAll(List.of(words));
      found.addAll(command(all.toArray(String[]::new)));
    }
    return found.stream().sorted().toList();
  }

  private List<String> activeSnapshots() {
    return containerd("snapshots", "list").stream()
        .filter(line -> line.contains("Active"))
        .toList();
  }

  /** Groups of containers without a process, which others on this machine have for a moment too. */
  private List<String> emptyGroups() throws IOException {
    List<String> empty = new ArrayList<>();
    for (Path group : groups()) {
      if (!groupsBefore.contains(group) && isEmpty(group)) {
        empty.add(group.toString());
      }
    }
    return empty;
  }

  private static boolean isEmpty(Path group) throws IOException {
    try {
      return Files.readString(group.resolve("cgroup.procs")).isEmpty();
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  private static Set<Path> groups() {
    Set<Path> groups = new TreeSet<>();
    try (DirectoryStream<Path> hierarchies = Files.newDirectoryStream(GROUPS)) {
      List<Path> parents = new ArrayList<>(List.of(GROUPS.resolve("hanse")));
      hierarchies.forEach(hierarchy -> parents.add(hierarchy.resolve("hanse")));
      for (Path parent : parents) {
        names(parent).forEach(name -> groups.add(parent.resolve(name)));
      }
      groups.removeIf(group -> !Files.isDirectory(group));
      return groups;
    } catch (IOException fault) {
      throw new UncheckedIOException("control groups", fault);
    }
  }

  /** The processes that hold containers. */
  List<String> shims() throws IOException {
    return processes().stream().filter(command -> command.contains("containerd-shim")).toList();
  }

  /** The command lines of the host's daemon, containerd and shims. */
  List<String> processes() throws IOException {
    List<String> commands = new ArrayList<>();
    for (String pid : names(PROCESSES)) {
      if (pid.chars().allMatch(Character::isDigit)) {
        String command = commandLine(PROCESSES.resolve(pid));
        if (command.contains(host.execRoot() + "/")) {
          commands.add(pid + " " + command.replace('\0', ' '));
        }
      }
    }
    return commands;
  }

  private static String commandLine(Path process) {
    try {
      return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }

  private static List<String> files(Path root) throws IOException {
    List<String> files = new ArrayList<>();
    if (!Files.isDirectory(root)) {
      return files;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return OTHERS.contains(name(directory))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!OTHERS.contains(name(file))) {
              files.add(root.relativize(file).toString());
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException fault) {
            files.add(root.relativize(directory) + "/");
            return FileVisitResult.CONTINUE;
          }
        });
    return files.stream().sorted().toList();
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(Traces::name).sorted().toList();
    } catch (NoSuchFileException none) {
      return List.of();
    }
  }
}
