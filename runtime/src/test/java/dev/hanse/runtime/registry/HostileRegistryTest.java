package dev.hanse.runtime.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.hanse.bounds.HeapShares;
import dev.hanse.bounds.MemoryShare;
import dev.hanse.runtime.RuntimeFault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Registries that want logins they should not get, or memory and time without end. */
@Tag("attack")
@Timeout(30)
class HostileRegistryTest {
  /** A loopback address of this test's own: it listens on the well-known ports there. */
  private static final String ADDRESS = "127.77.83.1";

  private static final String SECRET = "open-sesame";
  private static final char[] STORE_PASSWORD = "changeit".toCharArray();
  private static final List<String> TYPES = List.of("application/json");

  private static final Patience SHORT =
      new Patience(
          Duration.ofMillis(400),
          Duration.ofSeconds(2),
          Duration.ofMillis(300),
          Duration.ofMillis(900));

  @TempDir static Path directory;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<AutoCloseable> open = new ArrayList<>();

  /** "port method path authorization" of each request. */
  private final List<String> seen = new CopyOnWriteArrayList<>();

  private final Registries registries = new Registries(List.of(), List.of(), SHORT);

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    threads.shutdownNow();
    assertThat(HeapShares.DOCUMENTS.reserved()).isZero();
  }

  private HttpServer serve(HttpServer server, HttpHandler handler) {
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            seen.add(
                "%d %s %s %s"
                    .formatted(
                        exchange.getLocalAddress().getPort(),
                        exchange.getRequestMethod(),
                        exchange.getRequestURI(),
                        exchange.getRequestHeaders().getFirst("Authorization")));
            handler.handle(exchange);
          }
        });
    server.start();
    open.add(() -> server.stop(0));
    return server;
  }

  private HttpServer plain(int port, HttpHandler handler) throws IOException {
    return serve(HttpServer.create(new InetSocketAddress(ADDRESS, port), 0), handler);
  }

  private HttpServer encrypted(int port, HttpHandler handler) throws Exception {
    HttpsServer server = HttpsServer.create(new InetSocketAddress(ADDRESS, port), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(selfSigned()));
    return serve(server, handler);
  }

  private static SSLContext selfSigned() throws Exception {
    Path file = directory.resolve("server.p12");
    if (!Files.exists(file)) {
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-keyalg",
                  "EC",
                  "-dname",
                  "CN=registry",
                  "-storepass",
                  new String(STORE_PASSWORD),
                  "-keystore",
                  file.toString())
              .inheritIO()
              .start();
      assertThat(keytool.waitFor()).isZero();
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, STORE_PASSWORD);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, STORE_PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Wants a password, and says yes to any. */
  private static void basic(HttpExchange exchange) throws IOException {
    if (exchange.getRequestHeaders().containsKey("Authorization")) {
      answer(exchange, 200, "{}");
    } else {
      exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"r\"");
      answer(exchange, 401, "");
    }
  }

  /** Wants a token, which it gives itself. */
  private static void wantsToken(HttpExchange exchange) throws IOException {
    String self = exchange.getRequestHeaders().getFirst("Host");
    exchange
        .getResponseHeaders()
        .add("WWW-Authenticate", "Bearer realm=\"http://" + self + "/token\"");
    answer(exchange, 401, "");
  }

  private byte[] manifest(String domain) {
    return registries.ask(
        domain,
        "some/image",
        Optional.of(RegistryCredentials.of("user", SECRET)),
        repository -> repository.manifest("latest", TYPES, 1 << 20).bytes());
  }

  private void refused(String domain, RuntimeFault.Kind kind, String why) {
    assertThatThrownBy(() -> manifest(domain))
        .isInstanceOfSatisfying(
            RuntimeFault.class, fault -> assertThat(fault.kind()).isEqualTo(kind))
        .hasMessageContaining(why);
  }

  private static String host(HttpServer server) {
    return ADDRESS + ":" + server.getAddress().getPort();
  }

  @Test
  void no_login_goes_in_clear_where_tls_is_spoken_or_was() throws Exception {
    plain(80, HostileRegistryTest::basic);
    HttpServer tls = encrypted(443, HostileRegistryTest::basic);
    assertThat(manifest(ADDRESS)).hasSize(2);
    assertThat(seen).hasSize(2).allMatch(line -> line.startsWith("443 "));
    tls.stop(0);
    refused(ADDRESS, RuntimeFault.Kind.REGISTRY_UNREACHABLE, "https://");
    assertThat(seen).noneMatch(line -> line.startsWith("80 "));
  }

  @Test
  void a_loopback_registry_without_tls_is_still_served() throws Exception {
    HttpServer registry = plain(0, HostileRegistryTest::basic);
    assertThat(manifest(host(registry))).hasSize(2);
    assertThat(seen).hasSize(2);
  }

  @Test
  void a_registry_with_tls_gets_no_token_by_a_server_without() throws Exception {
    HttpServer thief = plain(0, exchange -> answer(exchange, 200, "{\"token\":\"t\"}"));
    HttpServer registry =
        encrypted(
            0,
            exchange -> {
              exchange
                  .getResponseHeaders()
                  .add("WWW-Authenticate", "Bearer realm=\"http://" + host(thief) + "/token\"");
              answer(exchange, 401, "");
            });
    refused(host(registry), RuntimeFault.Kind.UNAUTHORIZED, "unacceptable token server");
    assertThat(seen).hasSize(1);
  }

  @Test
  void who_is_redirected_to_gets_no_login_and_names_no_token_server() throws Exception {
    HttpServer thief = plain(0, HostileRegistryTest::wantsToken);
    HttpServer registry =
        plain(
            0,
            exchange -> {
              if (exchange.getRequestHeaders().containsKey("Authorization")) {
                exchange.getResponseHeaders().add("Location", "http://" + host(thief) + "/blob");
                answer(exchange, 307, "");
              } else {
                basic(exchange);
              }
            });
    // Logged in at the registry, then sent elsewhere; and sent elsewhere from the beginning.
    refused(host(registry), RuntimeFault.Kind.UNAUTHORIZED, "unauthorized");
    HttpServer other =
        plain(
            0,
            exchange -> {
              exchange.getResponseHeaders().add("Location", "http://" + host(thief) + "/blob");
              answer(exchange, 307, "");
            });
    refused(host(other), RuntimeFault.Kind.UNAUTHORIZED, "unauthorized");
    String thiefs = thief.getAddress().getPort() + " ";
    assertThat(seen.stream().filter(line -> line.startsWith(thiefs)))
        .isNotEmpty()
        .allMatch(line -> line.endsWith(" /blob null"));
  }

  /** A log, a terminal and a header are none of a registry's. */
  @Test
  void what_a_registry_says_commands_nothing() throws Exception {
    HttpServer token =
        plain(
            0,
            exchange -> {
              if (exchange.getRequestURI().getPath().equals("/token")) {
                answer(exchange, 200, "{\"token\":\"a\\r\\nX-Other: b\"}");
                return;
              }
              wantsToken(exchange);
            });
    refused(host(token), RuntimeFault.Kind.UNAUTHORIZED, "the token for the registry is malformed");
    HttpServer loud =
        plain(
            0,
            exchange ->
                answer(
                    exchange,
                    500,
                    "{\"errors\":[{\"code\":\"X\",\"message\":\"a\\u001b[2Jb\\r\\nWARN c"
                        + "y".repeat(20_000)
                        + "\"}]}"));
    assertThatThrownBy(() -> manifest(host(loud)))
        .hasMessageContaining("x: a [2Jb  WARN c")
        .satisfies(fault -> assertThat(fault.getMessage()).hasSizeLessThan(2_000));
  }

  @Test
  void a_redirection_to_what_is_no_web_server_is_refused() throws Exception {
    for (String target :
        List.of("ftp://127.0.0.1/x", "file:///etc/passwd", "http:x", "http://a b/", "jar:x!/y")) {
      HttpServer registry =
          plain(
              0,
              exchange -> {
                exchange.getResponseHeaders().add("Location", target);
                answer(exchange, 307, "");
              });
      assertThatThrownBy(() -> manifest(host(registry)))
          .as(target)
          .isInstanceOfSatisfying(
              RuntimeFault.class,
              fault -> assertThat(fault.kind()).isEqualTo(RuntimeFault.Kind.REGISTRY_UNREACHABLE));
    }
  }

  /** What speaks something else, or breaks off, is told of in words and not in names of classes. */
  @Test
  void no_answer_of_a_registry_shows_a_name_of_a_class() throws Exception {
    for (String garbage :
        List.of(
            "",
            "garbage\r\n\r\n",
            "HTTP/9.9 abc\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 307 X\r\nLocation: ::::\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 401 X\r\nWWW-Authenticate: Bearer realm=\"::\"\r\nContent-Length: 0\r\n\r\n")) {
      assertThatThrownBy(() -> manifest(ADDRESS + ":" + says(garbage)))
          .as(garbage)
          .isInstanceOf(RuntimeFault.class)
          .satisfies(
              fault ->
                  assertThat(fault.getMessage())
                      .doesNotContain("Exception")
                      .doesNotContain("java"));
    }
  }

  /** A server that says this to everybody, whatever it is asked. */
  private int says(String answer) throws IOException {
    ServerSocket server = new ServerSocket(0, 10, InetAddress.getByName(ADDRESS));
    open.add(server);
    var unused =
        threads.submit(
            () -> {
              while (true) {
                try (Socket client = server.accept()) {
                  if (client.getInputStream().read(new byte[1 << 16]) > 0) {
                    client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    client.shutdownOutput();
                    client.getInputStream().readAllBytes();
                  }
                }
              }
            });
    return server.getLocalPort();
  }

  @Test
  void redirections_in_a_circle_end() throws Exception {
    HttpServer registry =
        plain(
            0,
            exchange -> {
              exchange.getResponseHeaders().add("Location", "/v2/again");
              answer(exchange, 307, "");
            });
    refused(host(registry), RuntimeFault.Kind.REGISTRY_UNREACHABLE, "too many redirections");
    assertThat(seen).hasSizeLessThan(10);
  }

  private static void drip(HttpExchange exchange, int bytesEach) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    OutputStream body = exchange.getResponseBody();
    while (!Thread.currentThread().isInterrupted()) {
      body.write(new byte[bytesEach]);
      body.flush();
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  @Test
  void a_manifest_or_token_that_comes_byte_by_byte_is_given_up() throws Exception {
    HttpServer registry = plain(0, exchange -> drip(exchange, 1));
    refused(host(registry), RuntimeFault.Kind.REGISTRY_UNREACHABLE, "too slowly");
    // Fast enough to be no stall, but it never ends.
    HttpServer steady = plain(0, exchange -> drip(exchange, 1000));
    refused(host(steady), RuntimeFault.Kind.REGISTRY_UNREACHABLE, "too slowly");
    HttpServer token =
        plain(
            0,
            exchange -> {
              if (exchange.getRequestURI().getPath().equals("/token")) {
                drip(exchange, 1);
                return;
              }
              wantsToken(exchange);
            });
    refused(host(token), RuntimeFault.Kind.REGISTRY_UNREACHABLE, "too slowly");
  }

  @Test
  void a_layer_that_comes_byte_by_byte_is_given_up_and_a_slow_reader_is_not() throws Exception {
    HttpServer registry = plain(0, exchange -> drip(exchange, 1));
    String failure =
        registries.ask(
            host(registry),
            "some/image",
            Optional.empty(),
            repository -> {
              try (InputStream layer = repository.blob("sha256:" + "0".repeat(64), 0).stream()) {
                layer.skipNBytes(1 << 20);
                return "read";
              } catch (IOException slow) {
                return String.valueOf(slow.getMessage());
              }
            });
    assertThat(failure).contains("too slowly");
    HttpServer small = plain(0, exchange -> answer(exchange, 200, "x".repeat(100)));
    int count =
        registries.ask(
            host(small),
            "some/image",
            Optional.empty(),
            repository -> {
              try (InputStream layer = repository.blob("sha256:" + "0".repeat(64), 0).stream()) {
                LockSupport.parkNanos(SHORT.stall().multipliedBy(3).toNanos());
                return layer.readAllBytes().length;
              } catch (IOException slow) {
                throw new AssertionError(slow);
              }
            });
    assertThat(count).isEqualTo(100);
  }

  @Test
  void a_head_without_end_and_a_body_without_end_are_given_up() throws Exception {
    ServerSocket server = new ServerSocket(0, 10, InetAddress.getByName(ADDRESS));
    open.add(server);
    var unused =
        threads.submit(
            () -> {
              while (true) {
                Socket client = server.accept();
                var unusedToo = threads.submit(() -> endlessHead(client));
              }
            });
    refused(
        ADDRESS + ":" + server.getLocalPort(),
        RuntimeFault.Kind.REGISTRY_UNREACHABLE,
        "Header size");
    HttpServer fast =
        plain(
            0,
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              byte[] part = new byte[64 << 10];
              while (true) {
                exchange.getResponseBody().write(part);
              }
            });
    refused(host(fast), RuntimeFault.Kind.BAD_IMAGE, "is larger than 1048576 bytes");
  }

  private static Object endlessHead(Socket client) throws IOException {
    try (client) {
      int first = client.getInputStream().read();
      if (first == 0x16) {
        return first;
      }
      OutputStream out = client.getOutputStream();
      out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] header = ("X: " + "y".repeat(1000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
      while (true) {
        out.write(header);
      }
    }
  }

  @Test
  void answers_beyond_the_share_of_memory_are_refused() throws Exception {
    HttpServer registry = plain(0, exchange -> answer(exchange, 200, " ".repeat(500_000)));
    MemoryShare share = HeapShares.DOCUMENTS;
    try (MemoryShare.Claim others = share.firm()) {
      assertThat(others.grow(share.bytesMax() - (1 << 20))).isTrue();
      refused(host(registry), RuntimeFault.Kind.UNAVAILABLE, "too many registry answers");
      others.shrink(1 << 20);
      assertThat(manifest(host(registry))).hasSize(500_000);
    }
  }
}
