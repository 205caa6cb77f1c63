package dev.hanse.runtime.confinement;

import java.util.List;
import java.util.Set;

/**
 * The one table of holes in runc and containerd through which a container, an image or a local user
 * gets at the host, and of the least versions without them. Sources: the projects' security
 * advisories. A new advisory is one more line here.
 */
final class KnownEscapes {
  /** The programs that are looked at. */
  enum Program {
    RUNC("runc"),
    CONTAINERD("containerd");

    private final String command;

    Program(String command) {
      this.command = command;
    }

    /** The command's name. */
    String command() {
      return command;
    }
  }

  /**
   * One hole.
   *
   * @param since first version with it
   * @param fixed first version without it in each line of releases that was mended, ascending; all
   *     lines after the last are without it
   */
  record Hole(String name, Program program, ProgramVersion since, List<ProgramVersion> fixed) {
    /** Whether a version, as its project released it, has the hole. */
    boolean isIn(ProgramVersion version) {
      if (version.compareTo(since) < 0) {
        return false;
      }
      return fixed.stream()
          .filter(version::isSameLine)
          .findFirst()
          .map(mended -> version.compareTo(mended) < 0)
          .orElseGet(() -> version.compareTo(fixed.getLast()) < 0);
    }
  }

  private static final List<Hole> TABLE =
      List.of(
          // Working directory in a leaked descriptor of the host: the host's files.
          hole("CVE-2024-21626", Program.RUNC, "0.0.0", "1.1.12"),
          // Masked paths over a /dev/null that was swapped: /proc is writable.
          hole("CVE-2025-31133", Program.RUNC, "0.0.0", "1.2.8", "1.3.3", "1.4.0-rc.3"),
          // /dev/console mounted before the masks: the same.
          hole("CVE-2025-52565", Program.RUNC, "0.0.0", "1.2.8", "1.3.3", "1.4.0-rc.3"),
          // Writes to /proc redirected: the profile is not applied, or the host's /proc written.
          hole("CVE-2025-52881", Program.RUNC, "0.0.0", "1.2.8", "1.3.3", "1.4.0-rc.3"),
          // User numbers over 2^31 become root.
          hole("CVE-2024-40635", Program.CONTAINERD, "0.0.0", "1.6.38", "1.7.27", "2.0.4"),
          // Its directories let local users in.
          hole("CVE-2024-25621", Program.CONTAINERD, "0.0.0", "1.7.29", "2.0.7", "2.1.5", "2.2.0"),
          // Attaching over and over takes the host's memory.
          hole("CVE-2025-64329", Program.CONTAINERD, "0.0.0", "1.7.29", "2.0.7", "2.1.5", "2.2.0"),
          // Unpacking an image writes the host's files.
          hole("CVE-2025-47290", Program.CONTAINERD, "2.1.0", "2.1.1"));

  private KnownEscapes() {}

  private static Hole hole(String name, Program program, String since, String... fixed) {
    return new Hole(
        name,
        program,
        version(since),
        List.of(fixed).stream().map(KnownEscapes::version).sorted().toList());
  }

  private static ProgramVersion version(String text) {
    return ProgramVersion.of(text).orElseThrow();
  }

  /**
   * The holes of a program.
   *
   * @param mended names that its distribution says it has mended in an older version
   */
  static List<Hole> of(Program program, ProgramVersion version, Set<String> mended) {
    return TABLE.stream()
        .filter(hole -> hole.program() == program)
        .filter(hole -> hole.isIn(version) && !mended.contains(hole.name()))
        .toList();
  }

  /** The least versions without any hole of the table, one for each line of releases. */
  static List<ProgramVersion> least(Program program) {
    List<Hole> holes = TABLE.stream().filter(hole -> hole.program() == program).toList();
    return holes.stream()
        .flatMap(hole -> hole.fixed().stream())
        .distinct()
        .filter(version -> holes.stream().noneMatch(hole -> hole.isIn(version)))
        .sorted()
        .toList();
  }

  /** All names, for who looks for them in a package's list of changes. */
  static Set<String> names() {
    return Set.copyOf(TABLE.stream().map(Hole::name).toList());
  }
}
