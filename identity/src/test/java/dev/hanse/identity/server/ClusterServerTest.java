package dev.hanse.identity.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.SigningAuthority;
import io.grpc.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server's limits on connections, reached with sockets that never say anything. */
final class ClusterServerTest {
  private static final int CONNECTIONS_MAX = 2;
  private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(3);

  @TempDir Path directory;
  private final List<Socket> sockets = new ArrayList<>();
  private Server server;

  @BeforeEach
  void start() throws Exception {
    SigningAuthority authority = SigningAuthority.create(Instant.now(), new SecureRandom());
    TlsCredentials credentials = TestPeers.credentials(authority, "n", Role.MANAGER, directory);
    server =
        ClusterServer.builder(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                credentials,
                new AccessControl(Map.of(), () -> TestPeers.MEMBERSHIP, InstantSource.system()),
                new ClusterServer.Limits(
                    CONNECTIONS_MAX,
                    1,
                    2,
                    1,
                    1,
                    1024,
                    1024,
                    1024,
                    HANDSHAKE_TIMEOUT,
                    HANDSHAKE_TIMEOUT))
            .build()
            .start();
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.shutdownNow();
  }

  @Test
  void beyondTheLimitOneThatSaysNothingIsClosedAtOnceTheOthersInTime() throws IOException {
    // Which of them is the oldest is up to the server's threads; that the oldest goes is
    // PlacesTest.
    for (int i = 0; i <= CONNECTIONS_MAX; i++) {
      connect();
    }
    List<Socket> open = new ArrayList<>(sockets);
    while (open.size() > CONNECTIONS_MAX) {
      open.removeIf(ClusterServerTest::ended);
    }
    assertThat(open).hasSize(CONNECTIONS_MAX);
    for (Socket socket : open) {
      socket.setSoTimeout(10_000);
      assertThat(ended(socket)).isTrue();
    }
  }

  private void connect() throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()), 2_000);
    socket.setSoTimeout(10);
  }

  /** Whether it ends before its timeout; what the server says until then is a TLS alert at most. */
  private static boolean ended(Socket socket) {
    try {
      byte[] said = socket.getInputStream().readAllBytes();
      assertThat(said).hasSizeLessThan(16);
      return true;
    } catch (SocketTimeoutException open) {
      return false;
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("reset");
      return true;
    }
  }
}
