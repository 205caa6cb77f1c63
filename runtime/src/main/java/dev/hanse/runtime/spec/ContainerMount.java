package dev.hanse.runtime.spec;

import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** One file tree put into a container. */
public sealed interface ContainerMount {
  /** Absolute path in the container. */
  String target();

  /**
   * A file or directory of the host, also that of a volume.
   *
   * @param propagation how mounts below it travel
   * @param recursive also what is mounted below the source
   * @param submounts what {@code readOnly} means for those
   */
  record Bind(
      Path source,
      String target,
      boolean readOnly,
      Propagation propagation,
      boolean recursive,
      Submounts submounts)
      implements ContainerMount {
    /** A bind with Docker's defaults. */
    public static Bind of(Path source, String target, boolean readOnly) {
      return new Bind(
          source, target, readOnly, Propagation.RPRIVATE, true, Submounts.READ_ONLY_IF_POSSIBLE);
    }
  }

  /** What is mounted below the source of a read-only bind. */
  enum Submounts {
    /** Read-only too where kernel and runc can do that. */
    READ_ONLY_IF_POSSIBLE,
    /** Read-only too, or there is no container. */
    READ_ONLY_OR_REFUSED,
    /** As it is on the host. */
    UNCHANGED
  }

  /**
   * Memory.
   *
   * @param mode permission bits, else 01777
   * @param executable whether programs in it may be run; Docker's default is not
   */
  record Tmpfs(
      String target, OptionalLong sizeBytes, OptionalInt mode, boolean readOnly, boolean executable)
      implements ContainerMount {
    /** A tmpfs with Docker's defaults. */
    public static Tmpfs of(String target) {
      return new Tmpfs(target, OptionalLong.empty(), OptionalInt.empty(), false, false);
    }
  }

  /** Propagation of mount events, mount_namespaces(7). */
  enum Propagation {
    /** None, recursively. */
    RPRIVATE,
    /** None. */
    PRIVATE,
    /** Both ways, recursively. */
    RSHARED,
    /** Both ways. */
    SHARED,
    /** From the host only, recursively. */
    RSLAVE,
    /** From the host only. */
    SLAVE
  }
}
