package dev.hanse.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    Instant now = Instant.now();
    SigningAuthority authority = SigningAuthority.create(now, new SecureRandom());
    CertificateRequest request = CertificateRequest.create();
    byte[] pem =
        authority.sign(
            request.pem().toByteArray(), "n", Role.MANAGER, "o", Duration.ofHours(2), now);
    TlsCredentials credentials =
        new TlsCredentials(
            NodeIdentity.of(pem, request.key(), authority.root(), now),
            new CertificateDirectory(directory),
            InstantSource.system());
    AccessControl.Membership membership =
        new AccessControl.Membership() {
          @Override
          public String organization() {
            return "o";
          }

          @Override
          public boolean removed(String nodeId) {
            return false;
          }
        };
    server =
        ClusterServer.builder(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                credentials,
                new AccessControl(Map.of(), () -> membership, InstantSource.system()),
                new ClusterServer.Limits(
                    CONNECTIONS_MAX, 1, 2, 1, 1024, HANDSHAKE_TIMEOUT, HANDSHAKE_TIMEOUT))
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
  void beyondTheLimitTheOldestThatSaysNothingIsClosedAtOnceTheOthersInTime() throws IOException {
    Socket first = connect();
    Socket second = connect();
    Socket third = connect();
    assertEnds(first);
    second.setSoTimeout(1);
    assertThatThrownBy(() -> second.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    second.setSoTimeout(10_000);
    assertEnds(second);
    assertEnds(third);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()), 2_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void assertEnds(Socket socket) throws IOException {
    try {
      byte[] said = socket.getInputStream().readAllBytes();
      assertThat(said).hasSizeLessThan(16);
    } catch (java.net.SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }
}
