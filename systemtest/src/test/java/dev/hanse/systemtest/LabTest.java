package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.lab.Directories;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.lab.LabException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Labs side by side, and that nothing of them stays. */
@Tag("system")
class LabTest {
  @Test
  void two_labs_live_side_by_side_and_leave_nothing_behind() throws Exception {
    try (OwnLab one = OwnLab.of("side-a", 1, 1);
        OwnLab two = OwnLab.of("side-b", 1, 0)) {
      assertThat(one.lab().machine()).isNotEqualTo(two.lab().machine());
      one.docker().create("--name", "web", "-p", "8080:80", SharedLab.IMAGE);
      two.docker().create("--name", "web", "-p", "8080:80", SharedLab.IMAGE);
      assertThat(one.docker().run("node", "ls", "-q").lines()).hasSize(2);
      assertThat(two.docker().run("node", "ls", "-q").lines()).hasSize(1);
      assertThatThrownBy(() -> OwnLab.of("side-a", 1, 0))
          .isInstanceOf(LabException.class)
          .hasMessageContaining("is up already");
    }
    assertNothingOf("side-a");
    assertNothingOf("side-b");
  }

  @Test
  void up_removes_what_a_crash_left() throws Exception {
    Lab crashed = OwnLab.of("crash", 1, 0).lab();
    new DockerCommand(crashed, "host1").create("--name", "web", SharedLab.IMAGE);
    // All daemons die and the lab's state with them: what is left is what a crash leaves.
    for (HostState host : crashed.hosts()) {
      crashed.kill(host.name());
    }
    Files.delete(Directories.standard().run().resolve(SharedLab.name("crash")).resolve("lab.json"));
    try (OwnLab again = OwnLab.of("crash", 1, 0)) {
      assertThat(again.docker().run("service", "ls", "-q")).isEmpty();
      assertThat(again.docker().run("ps", "-aq")).isEmpty();
    }
    assertNothingOf("crash");
  }

  private static void assertNothingOf(String lab) throws Exception {
    String name = SharedLab.name(lab);
    Path run = Directories.standard().run().resolve(name);
    Path data = Directories.standard().data().resolve(name);
    assertThat(run).doesNotExist();
    assertThat(data).doesNotExist();
    for (Path place : List.of(run, data)) {
      assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(place + "/");
      eventually(
          () -> {
            Process ps = new ProcessBuilder("ps", "-eo", "args").start();
            String all = new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(all.lines().filter(line -> line.contains(place + "/"))).isEmpty();
          });
    }
  }
}
