package dev.hanse.runtime.registry;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;

/**
 * Finds out whether a registry that may be spoken to without TLS speaks TLS all the same. Once it
 * has, it is never asked in clear again while the daemon runs, as with Docker: otherwise who can
 * disturb a connection would get the next login in clear.
 */
final class TlsProbe {
  /** Who did not speak it is not asked again for that long. */
  private static final Duration SILENCE_REMEMBERED = Duration.ofMinutes(1);

  private static final int HTTPS_PORT = 443;
  private static final int REMEMBERED_MAX = 10_000;

  private final Duration patience;
  private final Set<String> spoken = ConcurrentHashMap.newKeySet();
  private final Map<String, Long> silentSince = new ConcurrentHashMap<>();

  TlsProbe(Duration patience) {
    this.patience = patience;
  }

  /** Shakes hands, unless it was seen to speak TLS before. May block for twice the patience. */
  boolean isSpoken(URI server) {
    String authority = String.valueOf(server.getAuthority());
    if (spoken.contains(authority)) {
      return true;
    }
    Long since = silentSince.get(authority);
    if (since != null && System.nanoTime() - since < SILENCE_REMEMBERED.toNanos()) {
      return false;
    }
    boolean speaks = shakesHands(server);
    if (speaks && spoken.size() < REMEMBERED_MAX) {
      spoken.add(authority);
    } else if (!speaks) {
      if (silentSince.size() >= REMEMBERED_MAX) {
        silentSince.clear();
      }
      silentSince.put(authority, System.nanoTime());
    }
    return speaks;
  }

  private boolean shakesHands(URI server) {
    String host = server.getHost();
    int port = server.getPort() < 0 ? HTTPS_PORT : server.getPort();
    int patienceMs = Math.toIntExact(patience.toMillis());
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(bare(host), port), patienceMs);
      socket.setSoTimeout(patienceMs);
      try (SSLSocket tls =
          (SSLSocket)
              RegistryHttp.trustAll()
                  .getSocketFactory()
                  .createSocket(socket, bare(host), port, true)) {
        tls.startHandshake();
        return true;
      }
    } catch (SSLHandshakeException refused) {
      // An alert is TLS; a connection that just ends at the greeting is not.
      return !(refused.getCause() instanceof EOFException);
    } catch (IOException none) {
      return false;
    }
  }

  private static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
