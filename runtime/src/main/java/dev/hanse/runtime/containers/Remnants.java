package dev.hanse.runtime.containers;

import dev.hanse.kernel.file.Mount;
import dev.hanse.kernel.file.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is left of a container whose shim was killed, and what containerd starts to clear up after
 * such a shim was killed too: its processes go on, its control groups and the mount of its file
 * system stay, and containerd knows nothing of them any more.
 */
final class Remnants {
  private static final Logger LOG = LoggerFactory.getLogger(Remnants.class);

  /** Between the kill and the end of the last process. */
  private static final Duration END_MAX = Duration.ofSeconds(5);

  private static final Duration LOOK = Duration.ofMillis(5);

  /** Below it containerd mounts file systems: namespace, container, this name. */
  private static final Path BUNDLES = Path.of("io.containerd.runtime.v2.task");

  private static final String FILE_SYSTEM = "rootfs";

  private Remnants() {}

  /** Kills what still runs of a container that has ended. */
  static void kill(LiveContainer container, int cgroupVersion) {
    int left = container.controlGroup(cgroupVersion).killAll();
    if (left > 0) {
      LOG.warn("container {} has ended, {} of its processes had not: killed", container.id(), left);
    }
  }

  /** Gives all of it back; of a container that was cleared away in order there is none. */
  static void remove(LiveContainer container, int cgroupVersion) {
    List<Path> groups = container.controlGroup(cgroupVersion).directories();
    if (groups.isEmpty()) {
      return;
    }
    kill(container, cgroupVersion);
    long end = System.nanoTime() + END_MAX.toNanos();
    groups.forEach(group -> removeGroup(group, end));
    for (Mount mount : Mounts.list()) {
      if (isFileSystemOf(container.id(), mount.target())) {
        Mounts.unmount(mount.target());
      }
    }
  }

  private static boolean isFileSystemOf(String id, Path place) {
    int names = place.getNameCount();
    return names > 4
        && place.endsWith(Path.of(id, FILE_SYSTEM))
        && place.getName(names - 4).equals(BUNDLES);
  }

  private static void removeGroup(Path group, long endNanos) {
    while (true) {
      try {
        Files.deleteIfExists(group);
        return;
      } catch (IOException stillUsed) {
        if (System.nanoTime() - endNanos >= 0) {
          LOG.warn("control group {} is not removed: {}", group, stillUsed.getMessage());
          return;
        }
      }
      try {
        Thread.sleep(LOOK);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
