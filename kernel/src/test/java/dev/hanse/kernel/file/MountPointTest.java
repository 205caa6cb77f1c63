package dev.hanse.kernel.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountPointTest {
  @TempDir Path directory;
  private Path volume;
  private Path host;
  private Path place;

  @BeforeEach
  void make() throws Exception {
    volume = Files.createDirectories(directory.resolve("volume"));
    host = Files.createDirectories(directory.resolve("host"));
    place = Files.createDirectories(directory.resolve("place"));
    Files.createDirectories(volume.resolve("sub"));
    Files.createSymbolicLink(volume.resolve("near"), Path.of("sub"));
    Files.createSymbolicLink(volume.resolve("link"), host);
    Files.createSymbolicLink(volume.resolve("nowhere"), Path.of("nothing"));
  }

  @AfterEach
  void giveBack() {
    Mounts.unmountTree(place);
  }

  private void point(String path, boolean asDirectory) {
    try (DirectoryHandle root = DirectoryHandle.open(volume)) {
      MountPoint.below(root, path, asDirectory).close();
    }
  }

  @Test
  void what_is_missing_is_made_within_the_directory() throws Exception {
    point("sub", true);
    point(".", true);
    point("one/two/three", true);
    point("one/file", false);
    point("near/made/file", false);
    assertThat(volume.resolve("one/two/three")).isEmptyDirectory();
    assertThat(volume.resolve("one/file")).isEmptyFile();
    assertThat(volume.resolve("sub/made/file")).isEmptyFile();
  }

  @Test
  void nothing_is_found_or_made_where_a_link_leads_out() {
    for (String path : new String[] {"link", "link/made", "link/a/b", "nowhere", "nowhere/x"}) {
      for (boolean asDirectory : new boolean[] {true, false}) {
        assertThatThrownBy(() -> point(path, asDirectory))
            .isInstanceOfSatisfying(
                KernelException.class,
                refused -> assertThat(refused.errno()).isEqualTo(Errno.ENOTDIR));
      }
    }
    assertThat(host).isEmptyDirectory();
  }

  @Test
  void mounts_are_attached_one_in_the_other_and_go_together() throws Exception {
    Files.writeString(host.resolve("file"), "host");
    try (PinnedHandle source = PinnedHandle.of(volume);
        PinnedHandle target = PinnedHandle.of(place);
        MountHandle outer = MountHandle.of(source, true)) {
      outer.attach(target);
      outer.propagate(MountHandle.Propagation.PRIVATE_WITH_ALL_BELOW);
      try (DirectoryHandle root = outer.root();
          PinnedHandle below = MountPoint.below(root, "sub/memory", true);
          MountHandle memory = MountHandle.tmpfs(Map.of("size", "65536", "mode", "750"), Set.of());
          PinnedHandle file = PinnedHandle.of(host.resolve("file"));
          MountHandle inner = MountHandle.of(file, false)) {
        memory.attach(below);
        try (DirectoryHandle inMemory = memory.root();
            PinnedHandle name = MountPoint.below(inMemory, "name", false)) {
          inner.attach(name);
          inner.readOnly(false);
        }
      }
    }
    assertThat(place.resolve("sub/memory/name")).hasContent("host");
    assertThat(Files.getAttribute(place.resolve("sub/memory"), "unix:mode")).isEqualTo(040750);
    assertThatThrownBy(() -> Files.writeString(place.resolve("sub/memory/name"), "x"))
        .hasMessageContaining("Read-only file system");
    Files.writeString(place.resolve("sub/memory/other"), "x");
    // Not at the volume itself, and nothing of it is left.
    assertThat(volume.resolve("sub/memory")).isEmptyDirectory();
    Mounts.unmountTree(place);
    assertThat(place).isEmptyDirectory();
    assertThat(Mounts.list()).noneMatch(mount -> mount.target().startsWith(directory));
  }

  @Test
  @Tag("attack")
  void a_directory_exchanged_with_a_link_leads_to_nothing_of_the_host() throws Exception {
    int made = 0;
    try (Racer racer = Racer.between(volume.resolve("sub"), volume.resolve("link"))) {
      for (int round = 0; round < 1_500; round++) {
        try {
          point("sub/made" + round + "/config", false);
          made++;
        } catch (KernelException refused) {
          assertThat(refused.errno()).isEqualTo(Errno.ENOTDIR);
        }
      }
      assertThat(racer.exchanges()).isPositive();
    }
    assertThat(made).isPositive();
    assertThat(host).isEmptyDirectory();
  }
}
