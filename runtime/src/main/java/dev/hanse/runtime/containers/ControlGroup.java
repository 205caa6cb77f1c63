package dev.hanse.runtime.containers;

import dev.hanse.kernel.capability.ControlGroups;
import dev.hanse.text.Digits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Reads the kernel's files of one control group, version 1 or 2. Source: cgroups(7). */
final class ControlGroup {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  /** Hierarchies of version 1; each container is in all that there are. */
  private static final List<String> WITH_PROCESSES = List.of("pids", "memory", "devices", "cpu");

  private final int version;
  private final String path;

  ControlGroup(int version, String path) {
    this.version = version;
    this.path = path.substring(1);
  }

  int version() {
    return version;
  }

  /** A file of the group; in version 1 every controller has a hierarchy of its own. */
  Path file(String controller, String name) {
    return (version == 2 ? ROOT : ROOT.resolve(controller)).resolve(path).resolve(name);
  }

  /** Whether the kernel has killed a process of the group for memory. */
  boolean outOfMemory() {
    Map<String, Long> counts =
        version == 2 ? pairs("memory", "memory.events") : pairs("memory", "memory.oom_control");
    return counts.getOrDefault("oom_kill", 0L) > 0;
  }

  /** The group's directories that there are, in all hierarchies. */
  List<Path> directories() {
    try (Stream<Path> entries = Files.list(ROOT)) {
      Stream<Path> roots = version == 2 ? Stream.of(ROOT) : entries;
      return roots.map(root -> root.resolve(path)).filter(Files::isDirectory).toList();
    } catch (IOException none) {
      return List.of();
    }
  }

  /**
   * Kills what is left in the group of a container that has ended, frozen or not.
   *
   * @return how many processes there were
   */
  int killAll() {
    Set<Long> left = new TreeSet<>();
    for (String controller : version == 2 ? List.of("") : WITH_PROCESSES) {
      lines(controller, "cgroup.procs").stream()
          .filter(line -> Digits.are(line, 10))
          .forEach(line -> left.add(Long.valueOf(line)));
    }
    for (long processId : left) {
      // Not the number alone, which may be another's by now.
      var unused = ProcessHandle.of(processId).map(ProcessHandle::destroyForcibly);
    }
    directories().forEach(ControlGroups::thaw);
    return left.size();
  }

  Optional<String> text(String controller, String name) {
    try {
      return Optional.of(Files.readString(file(controller, name)).strip());
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  List<String> lines(String controller, String name) {
    return text(controller, name)
        .filter(text -> !text.isEmpty())
        .map(text -> List.of(text.split("\n")))
        .orElse(List.of());
  }

  /** A number; empty if the file is absent or says {@code max}. */
  OptionalLong number(String controller, String name) {
    try {
      Optional<String> text = text(controller, name);
      return text.isPresent() ? OptionalLong.of(Long.parseLong(text.get())) : OptionalLong.empty();
    } catch (NumberFormatException unlimited) {
      return OptionalLong.empty();
    }
  }

  /** Lines of name and number; others are left out. */
  Map<String, Long> pairs(String controller, String name) {
    var found = new LinkedHashMap<String, Long>();
    for (String line : lines(controller, name)) {
      String[] words = line.split("\\s+");
      if (words.length == 2 && Digits.are(words[1], 18)) {
        found.put(words[0], Long.parseLong(words[1]));
      }
    }
    return found;
  }
}
