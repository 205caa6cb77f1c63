package dev.hanse.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code hanse clean} takes for a daemon's, and what not. */
@Tag("attack")
final class DaemonRootTest {
  @TempDir Path directory;
  private final List<String> said = new ArrayList<>();

  private Path file(String path) throws IOException {
    Path file = directory.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "precious");
  }

  private DaemonRoot data(String name) throws IOException {
    return DaemonRoot.data(directory.resolve(name));
  }

  @Test
  void whereNoDaemonWasThingsOfItsNamesAreSomebodyElses() throws IOException {
    Path state = file("lib/containerd/state");
    Path socket = file("run/containerd/containerd.sock");
    assertThatThrownBy(data("lib")::requireOwn)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(state.getParent() + " is somebody else's: nothing was removed");
    assertThatThrownBy(DaemonRoot.exec(directory.resolve("run"))::requireOwn)
        .hasMessageContaining(socket.getParent() + " is somebody else's: nothing was removed");
    data("lib").remove(said::add);
    assertThat(state).exists();
    assertThat(data("lib").makesMounts(state.resolveSibling("rootfs"))).isFalse();
    data("nowhere").requireOwn();
    assertThat(data("nowhere").isMarked()).isFalse();
  }

  @Test
  void whereOneWasItsThingsGoAndNoOthers() throws IOException {
    file("root/lock");
    file("root/volumes/v/_data/file");
    file("root/tasks/one.tmp");
    file("root/swarm.broken");
    Path other = file("root/other/file");
    data("root").requireOwn();
    data("root").remove(said::add);
    try (var left = Files.list(directory.resolve("root"))) {
      assertThat(left).containsExactly(other.getParent());
    }
    assertThat(other).exists();
    assertThat(said).anyMatch(line -> line.contains("the daemon did not make it"));
  }

  @Test
  void aLinkLeadsToTheRootAndStays() throws IOException {
    file("disk/lock");
    file("disk/logs/log");
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("disk"));
    DaemonRoot root = DaemonRoot.data(link);
    assertThat(root.makesMounts(directory.toRealPath().resolve("disk/containerd/a/fs"))).isTrue();
    root.remove(said::add);
    assertThat(link).isSymbolicLink();
    try (var left = Files.list(directory.resolve("disk"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aDiskThatAnAdministratorHasMountedStaysWithAllThatIsOnIt() throws Exception {
    file("root/lock");
    file("root/logs/log");
    Path volumes = Files.createDirectories(directory.resolve("root/volumes"));
    run("mount", "-t", "tmpfs", "none", volumes.toString());
    try {
      Path kept = Files.writeString(volumes.resolve("kept"), "precious");
      assertThat(data("root").makesMounts(volumes.toRealPath())).isFalse();
      assertThatThrownBy(() -> data("root").remove(said::add)).isInstanceOf(IOException.class);
      assertThat(kept).exists();
      assertThat(directory.resolve("root/lock")).exists(); // The next run knows it by that.
    } finally {
      run("umount", volumes.toString());
    }
    data("root").remove(said::add);
    assertThat(directory.resolve("root")).doesNotExist();
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void twoDaemonsShareNoRoot() throws IOException {
    for (String root : List.of("data", "exec", "other")) {
      Files.createDirectories(directory.resolve(root));
    }
    Path data = directory.resolve("data");
    Path exec = directory.resolve("exec");
    Path other = directory.resolve("other");
    try (DaemonRoot.Locks _ = DaemonRoot.lock(data, exec)) {
      assertThatThrownBy(() -> DaemonRoot.lock(data, other))
          .isInstanceOf(DaemonRoot.InUseException.class)
          .hasMessage("process " + ProcessHandle.current().pid() + " uses " + data);
      assertThatThrownBy(() -> DaemonRoot.lock(other, exec))
          .isInstanceOf(DaemonRoot.InUseException.class);
    }
    DaemonRoot.lock(other, other).close();
    DaemonRoot.lock(data, exec).close();
  }
}
