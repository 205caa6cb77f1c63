package dev.hanse.kernel.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.KernelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {
  @TempDir Path directory;

  @Test
  void oneHasIt() throws IOException {
    try (DirectoryLock _ = DirectoryLock.acquire(directory)) {
      assertThatThrownBy(() -> DirectoryLock.acquire(directory))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid() + " has it");
    }
    DirectoryLock.acquire(directory).close();
  }

  @Test
  void aFullDiskKeepsNobodyFromIt() throws Exception {
    run("mount", "-t", "tmpfs", "-o", "size=64k", "none", directory.toString());
    try {
      assertThatThrownBy(() -> Files.write(directory.resolve("ballast"), new byte[1 << 20]))
          .hasMessageContaining("No space left on device");
      try (DirectoryLock _ = DirectoryLock.acquire(directory)) {
        assertThatThrownBy(() -> DirectoryLock.acquire(directory))
            .hasMessageContaining("another process has it");
      }
    } finally {
      run("umount", directory.toString());
    }
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
