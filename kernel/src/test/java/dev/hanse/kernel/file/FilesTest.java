package dev.hanse.kernel.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesTest {
  @TempDir Path directory;

  private Path directory(String name) throws IOException {
    return Files.createDirectory(directory.resolve(name));
  }

  @Test
  void fileSystemsAreMountedBoundAndUnmounted() throws Exception {
    Path memory = directory("in memory");
    Path bound = directory("bound");
    Mounts.tmpfs(memory, 1 << 20, 0750, EnumSet.of(Mounts.Flag.NO_EXECUTION));
    try {
      Files.writeString(memory.resolve("file"), "text");
      Mounts.bind(memory, bound, EnumSet.of(Mounts.Flag.READ_ONLY));
      try {
        assertThat(bound.resolve("file")).hasContent("text");
        assertThatThrownBy(() -> Files.writeString(bound.resolve("other"), "x"))
            .isInstanceOf(FileSystemException.class)
            .hasMessageContaining("Read-only file system");
        assertThat(Mounts.list())
            .filteredOn(mount -> mount.target().equals(memory))
            .singleElement()
            .satisfies(mount -> assertThat(mount.type()).isEqualTo("tmpfs"))
            .satisfies(mount -> assertThat(mount.options()).contains("noexec"))
            .satisfies(mount -> assertThat(mount.fileSystemOptions()).contains("mode=750"));
        FileSystem found = FileSystem.of(memory);
        assertThat(found.type()).isEqualTo(FileSystem.TMPFS);
        assertThat(found.bytes()).isEqualTo(1 << 20);
        assertThat(found.bytesAvailable()).isBetween(1L, found.bytes() - 1);
      } finally {
        Mounts.unmount(bound);
      }
    } finally {
      Mounts.unmount(memory);
    }
    assertThat(Mounts.isMounted(memory)).isFalse();
    assertThat(Mounts.isMounted(bound)).isFalse();
    assertThatThrownBy(() -> Mounts.unmount(bound))
        .hasMessage("unmount " + bound + ": Invalid argument");
  }

  @Test
  void layersAreMountedAsOne() throws Exception {
    Path upperLayer = directory("layer:1");
    Path lowerLayer = directory("layer,2");
    Path target = directory("merged");
    Files.writeString(upperLayer.resolve("a"), "upper");
    Files.writeString(lowerLayer.resolve("a"), "lower");
    Files.writeString(lowerLayer.resolve("b"), "lower");
    Mounts.overlay(List.of(upperLayer, lowerLayer), directory("upper"), directory("work"), target);
    try {
      assertThat(target.resolve("a")).hasContent("upper");
      assertThat(target.resolve("b")).hasContent("lower");
      Files.writeString(target.resolve("b"), "written");
      assertThat(directory.resolve("upper/b")).hasContent("written");
      assertThat(lowerLayer.resolve("b")).hasContent("lower");
    } finally {
      Mounts.unmount(target);
    }
  }

  @Test
  void tooManyOptionsAreRefused() {
    assertThatThrownBy(
            () ->
                Mounts.mount(
                    "tmpfs", "x", directory, EnumSet.noneOf(Mounts.Flag.class), "x".repeat(4096)))
        .hasMessageContaining("options exceed 4095 bytes");
  }

  @Test
  void ownersModesAndFifos() throws Exception {
    Path fifo = directory.resolve("fifo");
    SpecialFiles.makeFifo(fifo, 0600);
    SpecialFiles.owner(fifo, 12345, 54321);
    SpecialFiles.mode(fifo, 01640);
    assertThat(Files.getAttribute(fifo, "unix:uid")).isEqualTo(12345);
    assertThat(Files.getAttribute(fifo, "unix:gid")).isEqualTo(54321);
    assertThat(Files.getAttribute(fifo, "unix:mode")).isEqualTo(011640);
    assertThatThrownBy(() -> SpecialFiles.makeFifo(fifo, 0600))
        .hasMessage("make FIFO " + fifo + ": File exists");
  }

  @Test
  void aDirectoryIsLockedOnce() throws Exception {
    try (DirectoryLock _ = DirectoryLock.acquire(directory)) {
      assertThatThrownBy(() -> DirectoryLock.acquire(directory))
          .isInstanceOfSatisfying(
              KernelException.class, thrown -> assertThat(thrown.errno()).isEqualTo(Errno.EAGAIN))
          .hasMessageContaining("process " + ProcessHandle.current().pid() + " has it");
    }
    DirectoryLock again = DirectoryLock.acquire(directory);
    again.close();
    again.close();
    assertThat(directory.resolve("lock")).exists();
  }
}
