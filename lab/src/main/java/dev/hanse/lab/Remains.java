package dev.hanse.lab;

import dev.hanse.kernel.capability.ControlGroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Everything on the machine that belongs to a lab or to one host of it, found by what it is and not
 * by what was written down, so that it also finds what a crash left: processes (started by a daemon
 * of it, or living in one of its network namespaces, or descending from such), mounts, control
 * groups, namespaces, directories.
 */
final class Remains {
  private static final Duration KILL_LIMIT = Duration.ofSeconds(20);
  private static final Duration EMPTY_LIMIT = Duration.ofSeconds(5);

  /** Below it containerd keeps what it needs of running containers: namespace, then container. */
  private static final String CONTAINERS = "io.containerd.runtime.v2.task";

  private static final int CONTAINERS_DEPTH = 8;
  private static final Comparator<Path> INNERMOST_FIRST =
      Comparator.comparing(Path::getNameCount).reversed().thenComparing(Comparator.naturalOrder());

  private static final Path PROC = Path.of("/proc");
  private static final Path CONTROL_GROUPS = Path.of("/sys/fs/cgroup");

  private final List<Path> namespaces;
  private final List<Path> runDirectories;
  private final List<Path> dataDirectories;

  private Remains(List<Path> namespaces, List<Path> runDirectories, List<Path> dataDirectories) {
    this.namespaces = namespaces;
    this.runDirectories = runDirectories;
    this.dataDirectories = dataDirectories;
  }

  /** What belongs to these namespaces and directories. */
  static Remains of(List<Path> namespaces, List<Path> runDirectories, List<Path> dataDirectories) {
    return new Remains(namespaces, runDirectories, dataDirectories);
  }

  /** What belongs to the lab of this name. */
  static Remains ofLab(Directories directories, String name) {
    return new Remains(
        List.of(), List.of(directories.lab(name)), List.of(directories.labData(name)));
  }

  /** Kills all processes and waits until they are gone; removes their control groups. */
  void killAll() {
    endProcesses().forEach(Remains::removeControlGroup);
  }

  /**
   * Kills until there are none.
   *
   * @return the control groups that they leave, the innermost first
   */
  private Set<Path> endProcesses() {
    Set<Path> groups = new TreeSet<>(INNERMOST_FIRST);
    Await.until(
        KILL_LIMIT,
        "all processes of the lab are gone",
        () -> {
          groups.addAll(controlGroupsOfContainers());
          Set<Long> found = processes();
          for (long pid : found) {
            groups.addAll(controlGroupsOf(pid));
            ProcessIdentity.of(pid).ifPresent(ProcessIdentity::kill);
          }
          groups.forEach(ControlGroups::thaw);
          return found.isEmpty();
        });
    return groups;
  }

  /** Removes everything. */
  void removeAll() {
    Set<Path> groups = endProcesses();
    List<Path> all = Stream.concat(runDirectories.stream(), dataDirectories.stream()).toList();
    unmountBelow(all);
    all.forEach(Remains::removeTree);
    groups.forEach(Remains::removeControlGroup);
  }

  static void unmountBelow(List<Path> directories) {
    Unmount.allBelow(directories);
  }

  private Set<Long> processes() throws IOException {
    Set<String> networks = networks();
    Set<Long> mine = new HashSet<>();
    Set<Long> spared = selfAndAncestors();
    List<Long> all = allProcesses();
    for (long pid : all) {
      if (!spared.contains(pid) && alive(pid) && (marked(pid) || in(pid, networks))) {
        mine.add(pid);
      }
    }
    boolean grown = !mine.isEmpty();
    while (grown) {
      grown = false;
      for (long pid : all) {
        if (!spared.contains(pid)
            && ProcessIdentity.parentOf(pid).filter(mine::contains).isPresent()
            && alive(pid)) {
          grown |= mine.add(pid);
        }
      }
    }
    return mine;
  }

  /**
   * The network namespaces, as {@code net:[4026531840]}: those named, and those pinned in the
   * directories.
   */
  private Set<String> networks() throws IOException {
    Set<String> networks = new HashSet<>();
    for (Path namespace : namespaces) {
      if (Files.exists(namespace)) {
        networks.add("net:[" + Files.getAttribute(namespace, "unix:ino") + "]");
      }
    }
    for (Unmount.Mount mount : Unmount.below(runDirectories)) {
      if (mount.root().startsWith("net:[")) {
        networks.add(mount.root());
      }
    }
    networks.remove(networkOf(ProcessHandle.current().pid()));
    return networks;
  }

  private static String networkOf(long pid) throws IOException {
    return Files.readSymbolicLink(PROC.resolve(pid + "/ns/net")).toString();
  }

  private static boolean in(long pid, Set<String> networks) {
    try {
      return networks.contains(networkOf(pid));
    } catch (IOException gone) {
      return false;
    }
  }

  private boolean marked(long pid) {
    try {
      byte[] bytes = Files.readAllBytes(PROC.resolve(pid + "/environ"));
      for (String variable : new String(bytes, StandardCharsets.UTF_8).split("\0")) {
        if (variable.startsWith(Daemon.MARK + "=")) {
          Path host = Path.of(variable.substring(Daemon.MARK.length() + 1)).normalize();
          return runDirectories.stream().anyMatch(host::startsWith);
        }
      }
      return false;
    } catch (IOException gone) {
      return false;
    }
  }

  private static boolean alive(long pid) {
    return ProcessIdentity.of(pid).filter(ProcessIdentity::alive).isPresent();
  }

  private static Set<Long> selfAndAncestors() {
    Set<Long> line = new HashSet<>();
    long pid = ProcessHandle.current().pid();
    while (pid > 1 && line.add(pid)) {
      pid = ProcessIdentity.parentOf(pid).orElse(1L);
    }
    line.add(1L);
    return line;
  }

  private static List<Long> allProcesses() throws IOException {
    try (Stream<Path> entries = Files.list(PROC)) {
      return entries
          .map(entry -> String.valueOf(entry.getFileName()))
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .map(Long::valueOf)
          .toList();
    }
  }

  /**
   * The directories of the process's control groups, in all hierarchies (cgroups(7)), of those
   * groups that Hanse made: the others are the machine's.
   */
  private static List<Path> controlGroupsOf(long pid) {
    List<Path> groups = new ArrayList<>();
    try {
      List<Path> roots = hierarchies();
      for (String line : Files.readAllLines(PROC.resolve(pid + "/cgroup"))) {
        String group = line.substring(line.indexOf(':', line.indexOf(':') + 1) + 1);
        if (group.contains("hanse")) {
          roots.forEach(root -> groups.add(root.resolve(group.substring(1))));
        }
      }
    } catch (IOException gone) {
      return groups;
    }
    return groups;
  }

  /** Those of containers too that have no process any more and are not deleted yet. */
  private Set<Path> controlGroupsOfContainers() {
    Set<Path> groups = new HashSet<>();
    for (Path container : runDirectories.stream().flatMap(Remains::containers).toList()) {
      for (Path root : hierarchies()) {
        groups.add(root.resolve("hanse").resolve(container.getFileName()));
      }
    }
    return groups;
  }

  private static Stream<Path> containers(Path runDirectory) {
    if (!Files.isDirectory(runDirectory)) {
      return Stream.empty();
    }
    try (Stream<Path> states =
        Files.find(
            runDirectory,
            CONTAINERS_DEPTH,
            (path, attributes) ->
                attributes.isDirectory()
                    && path.resolve("../..").normalize().endsWith(CONTAINERS))) {
      return states.toList().stream();
    } catch (IOException | UncheckedIOException gone) {
      return Stream.empty(); // Something ends at this moment; the next round finds the rest.
    }
  }

  private static List<Path> hierarchies() {
    try (Stream<Path> entries = Files.list(CONTROL_GROUPS)) {
      return Stream.concat(Stream.of(CONTROL_GROUPS), entries.filter(Files::isDirectory)).toList();
    } catch (IOException none) {
      return List.of();
    }
  }

  /**
   * Removes a group, once the kernel has seen the last of its processes end, and its parents if
   * they are empty, as far up as Hanse's own.
   */
  private static void removeControlGroup(Path group) {
    Await.until(EMPTY_LIMIT, group + " is empty", () -> isRemoved(group));
    Path directory = group.getParent();
    while (directory != null && directory.toString().contains("hanse")) {
      try {
        Files.deleteIfExists(directory);
      } catch (IOException stillUsed) {
        return;
      }
      directory = directory.getParent();
    }
  }

  private static boolean isRemoved(Path group) {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (IOException stillUsed) {
      return false;
    }
  }

  private static void removeTree(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException failure) {
      throw new LabException("cannot remove " + directory + ": " + failure.getMessage(), failure);
    }
  }
}
