package dev.hanse.runtime.registry;

import dev.hanse.runtime.RuntimeFault;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** HTTP for registries. The clients are made when first used: many nodes never pull. */
final class RegistryHttp {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
  private static final String USER_AGENT = "hanse";

  private @Nullable HttpClient verifying;
  private @Nullable HttpClient trusting;

  /** Sends a request and waits for the answer's head; the body is read by the caller. */
  HttpResponse<InputStream> send(HttpRequest.Builder request, boolean verified) {
    HttpRequest built = request.setHeader("User-Agent", USER_AGENT).build();
    CompletableFuture<HttpResponse<InputStream>> answer =
        client(verified).sendAsync(built, HttpResponse.BodyHandlers.ofInputStream());
    try {
      return answer.get(ANSWER_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
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
    String why = cause == null ? "failed" : cause.getClass().getSimpleName();
    if (cause != null && cause.getMessage() != null) {
      why += ": " + cause.getMessage();
    }
    return new RuntimeFault(
        RuntimeFault.Kind.REGISTRY_UNREACHABLE, name + " \"" + uri + "\": " + why, cause);
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

  private static SSLContext trustAll() {
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

  /** Reads a small body; what exceeds the limit is a fault of the registry. */
  static byte[] body(HttpResponse<InputStream> response, int bytesMax) {
    try (InputStream stream = response.body()) {
      byte[] bytes = stream.readNBytes(bytesMax + 1);
      if (bytes.length > bytesMax) {
        throw new RuntimeFault(
            RuntimeFault.Kind.BAD_IMAGE,
            "answer of " + response.uri() + " is larger than " + bytesMax + " bytes");
      }
      return bytes;
    } catch (IOException failure) {
      throw unreachable("GET", response.uri(), failure);
    }
  }
}
