package dev.hanse.manager.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.Role;
import dev.hanse.manager.Manager;
import dev.hanse.manager.TestManager;
import dev.hanse.raft.log.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages of the log over a manager's real port. */
final class PeerChannelsTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path directory;

  @Test
  void aManagersLogIsReachedAndSpeaksForItselfOnly() throws Exception {
    Manager manager = TestManager.found(directory);
    TlsCredentials credentials = manager.credentials();
    Member self =
        new Member(credentials.identity().nodeId(), "127.0.0.1:" + manager.listening().getPort());
    try (PeerChannels channels = new PeerChannels(credentials)) {
      assertThat(credentials.identity().role()).isEqualTo(Role.MANAGER);
      assertThatThrownBy(() -> channels.call(self, new byte[] {1, 2, 3}, LIMIT))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("malformed message");
      assertThatThrownBy(() -> channels.call(self, new byte[0], LIMIT))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another manager's name");
      assertThatThrownBy(() -> channels.call(self, new byte[5 * 1024 * 1024], LIMIT))
          .isInstanceOf(IOException.class);
      assertThatThrownBy(() -> channels.call(new Member("x", "127.0.0.1:1"), new byte[0], LIMIT))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("127.0.0.1:1");
    } finally {
      manager.close();
    }
  }
}
