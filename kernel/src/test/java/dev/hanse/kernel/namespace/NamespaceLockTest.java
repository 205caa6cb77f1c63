package dev.hanse.kernel.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.kernel.file.AdvisoryLock;
import org.junit.jupiter.api.Test;

/** A network namespace for one process. */
class NamespaceLockTest {
  @Test
  void whoHasItKeepsOthersOutUntilItIsGivenFree() throws Exception {
    Process process = new ProcessBuilder("unshare", "--net", "busybox", "sleep", "1000").start();
    try {
      NetworkNamespace own = NetworkNamespace.current();
      NetworkNamespace other = NetworkNamespace.ofProcess(process.pid());
      while (inode(own) == inode(other)) {
        Thread.onSpinWait(); // unshare(1) has not done it yet.
      }
      try (AdvisoryLock _ = other.lock().orElseThrow()) {
        assertThat(other.lock()).isEmpty();
      }
      other.lock().orElseThrow().close();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static long inode(NetworkNamespace namespace) throws Exception {
    return (long) java.nio.file.Files.getAttribute(namespace.path(), "unix:ino");
  }
}
