package dev.hanse.runtime.registry;

import dev.hanse.bounds.MemoryShare;
import dev.hanse.runtime.RuntimeFault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertPathBuilderException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * HTTP for registries. The clients are made when first used: many nodes never pull. The head of an
 * answer is limited by the JDK (384 KiB), its body by {@link PacedBody}.
 */
final class RegistryHttp {
  /** An answer whose body is read by the caller. */
  record Answer(URI uri, int status, HttpHeaders headers, PacedBody body) {}

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final String USER_AGENT = "hanse";
  private static final int PART_BYTES = 8 << 10;

  /** The growing buffer and the copy made of it. */
  private static final int BUFFER_FACTOR = 3;

  private final Patience patience;
  private @Nullable HttpClient verifying;
  private @Nullable HttpClient trusting;

  RegistryHttp(Patience patience) {
    this.patience = patience;
  }

  /** Sends a request and waits for the answer's head; the body is read by the caller. */
  Answer send(HttpRequest.Builder request, boolean verified) {
    HttpRequest built = request.setHeader("User-Agent", USER_AGENT).build();
    CompletableFuture<HttpResponse<InputStream>> answer =
        client(verified).sendAsync(built, HttpResponse.BodyHandlers.ofInputStream());
    try {
      HttpResponse<InputStream> head =
          answer.get(patience.answer().toMillis(), TimeUnit.MILLISECONDS);
      return new Answer(
          head.uri(),
          head.statusCode(),
          head.headers(),
          new PacedBody(head.body(), patience.stall()));
    } catch (ExecutionException failure) {
      throw unreachable(built.method(), built.uri(), failure.getCause());
    } catch (TimeoutException failure) {
      answer.cancel(true);
      throw unreachable(built.method(), built.uri(), failure);
    } catch (InterruptedException failure) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw unreachable(built.method(), built.uri(), failure);
    }
  }

  static RuntimeFault unreachable(String method, URI uri, @Nullable Throwable cause) {
    String name = method.charAt(0) + method.substring(1).toLowerCase(java.util.Locale.ROOT);
    return new RuntimeFault(
        RuntimeFault.Kind.REGISTRY_UNREACHABLE, name + " \"" + uri + "\": " + words(cause), cause);
  }

  /** What Java's client says by the type of an exception alone. */
  private static String words(@Nullable Throwable fault) {
    if (isCausedBy(fault, UnresolvedAddressException.class)
        || isCausedBy(fault, UnknownHostException.class)) {
      return "no such host";
    }
    return switch (fault) {
      case null -> "failed";
      case HttpTimeoutException _, TimeoutException _ -> "no answer in time";
      case ConnectException refused when refused.getMessage() == null ->
          "the connection was refused, or there is no way to the host";
      case SSLException tls -> tlsWords(tls);
      default -> fault.getMessage() == null ? "it broke off" : fault.getMessage();
    };
  }

  /** The commonest one as Go's clients say it, which people search for. */
  private static String tlsWords(SSLException fault) {
    if (isCausedBy(fault, CertPathBuilderException.class)) {
      return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
    }
    return "tls: " + (fault.getMessage() == null ? "it broke off" : fault.getMessage());
  }

  private static boolean isCausedBy(@Nullable Throwable fault, Class<? extends Throwable> type) {
    for (Throwable each = fault; each != null; each = each.getCause()) {
      if (type.isInstance(each)) {
        return true;
      }
    }
    return false;
  }

  private synchronized HttpClient client(boolean verified) {
    if (verified) {
      HttpClient made = verifying;
      if (made == null) {
        made = builder().build();
        verifying = made;
      }
      return made;
    }
    HttpClient made = trusting;
    if (made == null) {
      made = builder().sslContext(trustAll()).build();
      trusting = made;
    }
    return made;
  }

  private static HttpClient.Builder builder() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(CONNECT_TIMEOUT)
        .executor(Executors.newVirtualThreadPerTaskExecutor())
        .followRedirects(HttpClient.Redirect.NEVER);
  }

  /** TLS that takes any certificate: for registries that the operator listed as insecure. */
  static SSLContext trustAll() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** For registries that the operator listed as insecure. */
  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /**
   * Reads a small body; what exceeds the limit is a fault of the registry.
   *
   * @param memory counts it, for as long as the caller keeps it
   */
  byte[] body(Answer answer, int bytesMax, MemoryShare.Claim memory) {
    answer.body().endWithin(patience.document());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] part = new byte[PART_BYTES];
    try (InputStream stream = answer.body()) {
      for (int count = stream.read(part); count >= 0; count = stream.read(part)) {
        if (bytes.size() + count > bytesMax) {
          throw new RuntimeFault(
              RuntimeFault.Kind.BAD_IMAGE,
              "answer of " + answer.uri() + " is larger than " + bytesMax + " bytes");
        }
        if (!memory.grow((long) count * BUFFER_FACTOR)) {
          throw new RuntimeFault(
              RuntimeFault.Kind.UNAVAILABLE, "too many registry answers are being read");
        }
        bytes.write(part, 0, count);
      }
      return bytes.toByteArray();
    } catch (IOException failure) {
      throw unreachable("GET", answer.uri(), failure);
    }
  }
}
