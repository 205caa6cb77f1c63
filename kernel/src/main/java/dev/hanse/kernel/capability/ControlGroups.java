package dev.hanse.kernel.capability;

import dev.hanse.kernel.file.FileSystem;
import dev.hanse.kernel.file.Mount;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Control groups as they are mounted (cgroups(7)).
 *
 * @param version 2 if {@code /sys/fs/cgroup} is the unified hierarchy; 1 if controllers have
 *     hierarchies of their own; 0 if there are none
 * @param controllers those that can be used, such as {@code memory}
 */
public record ControlGroups(int version, Set<String> controllers) {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  /** What is mounted now. */
  public static ControlGroups examine() {
    try {
      if (Files.isDirectory(ROOT) && FileSystem.of(ROOT).type() == FileSystem.CGROUP_V2) {
        return new ControlGroups(2, words(Files.readString(ROOT.resolve("cgroup.controllers"))));
      }
    } catch (IOException _) {
      return new ControlGroups(2, Set.of());
    }
    Set<String> controllers =
        Mounts.list().stream()
            .filter(mount -> mount.type().equals("cgroup"))
            .map(Mount::fileSystemOptions)
            .flatMap(options -> Arrays.stream(options.split(",")))
            .filter(option -> !option.contains("=") && !option.equals("rw"))
            .collect(Collectors.toCollection(TreeSet::new));
    return new ControlGroups(controllers.isEmpty() ? 0 : 1, controllers);
  }

  /**
   * Lets the processes of a group go on, if they are frozen: in version 1 they do not even die, and
   * who froze them may have ended before it let them go. In version 2 a kill needs no thaw.
   *
   * @param group its directory in one of the hierarchies; nothing happens in those without freezer
   */
  public static void thaw(Path group) {
    try {
      OwnFiles.overwrite(group.resolve("freezer.state"), "THAWED");
    } catch (IOException _) {
      // Another hierarchy, or gone meanwhile.
    }
  }

  private static Set<String> words(String line) {
    return new TreeSet<>(Arrays.asList(line.strip().split(" ")));
  }
}
