package dev.hanse.runtime.containers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.kernel.capability.ControlGroups;
import dev.hanse.runtime.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is left in a group, on the kernel that there is. */
class ControlGroupTest {
  /** As one that was frozen by a runc that was killed before it thawed it. */
  @Test
  void frozenProcessesAreKilledToo() throws Exception {
    int version = ControlGroups.examine().version();
    ControlGroup group = new ControlGroup(version, "/hanse-test-" + UUID.randomUUID());
    List<Path> directories =
        List.of(group.file("pids", ""), group.file("freezer", "")).stream().distinct().toList();
    for (Path directory : directories) {
      Files.createDirectory(directory);
    }
    try {
      Process left = new ProcessBuilder("busybox", "sleep", "1000").start();
      for (Path directory : directories) {
        Files.writeString(directory.resolve("cgroup.procs"), Long.toString(left.pid()));
      }
      if (version == 2) {
        Files.writeString(group.file("", "cgroup.freeze"), "1");
      } else {
        Files.writeString(group.file("freezer", "freezer.state"), "FROZEN");
      }
      assertThat(group.killAll()).isOne();
      assertThat(left.waitFor()).isEqualTo(137);
    } finally {
      for (Path directory : directories) {
        World.eventually(directory + " is removed", () -> isRemoved(directory));
      }
    }
  }

  private static boolean isRemoved(Path directory) {
    try {
      Files.deleteIfExists(directory);
      return true;
    } catch (IOException stillUsed) {
      return false;
    }
  }
}
