package dev.hanse.web;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.LongNode;
import dev.hanse.bounds.HeapShares;
import dev.hanse.bounds.MemoryShare;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The listener against a client that speaks raw bytes. */
@Timeout(20)
final class HttpListenerTest {
  @TempDir Path directory;
  private Path socket = Path.of("unset");
  private @Nullable HttpListener listener;
  private final Router router = new Router();
  private final CompletableFuture<String> seen = new CompletableFuture<>();
  private final BlockingQueue<Boolean> left = new LinkedBlockingQueue<>();
  private final CountDownLatch gone = new CountDownLatch(1);

  @BeforeEach
  void listen() throws IOException {
    socket = directory.resolve("docker.sock");
    router
        .get("/_ping", exchange -> exchange.text(200, "OK"))
        .get("/age", exchange -> exchange.text(200, exchange.variable("age")))
        .get(
            "/images/{name...}/json",
            exchange -> exchange.json(200, Json.object().put("name", exchange.variable("name"))))
        .get("/containers/{id}/json", exchange -> exchange.text(200, exchange.variable("id")))
        .post("/echo", exchange -> exchange.json(201, exchange.json()))
        .post(
            "/left",
            exchange -> {
              try {
                exchange.json();
              } catch (IOException | RuntimeException fault) {
                left.add(Dispatcher.hasClientLeft(fault));
                throw fault;
              }
            })
        .post("/fault", exchange -> sink(1))
        .get("/stream", this::stream)
        .get("/list", HttpListenerTest::list)
        .get(
            "/gone",
            exchange -> {
              exchange.stream(200, "application/json").flush();
              exchange.clientGone().get();
              gone.countDown();
            })
        .post(
            "/exec/{id}/start",
            exchange -> {
              String body = exchange.json().toString();
              exchange.hijack(
                  "application/vnd.docker.raw-stream",
                  duplex -> {
                    duplex
                        .output()
                        .write(("hello " + body + "\n").getBytes(StandardCharsets.UTF_8));
                    byte[] buffer = new byte[4096];
                    StringBuilder all = new StringBuilder();
                    int count;
                    while ((count = duplex.input().read(buffer)) > 0) {
                      all.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
                      duplex.output().write(buffer, 0, count);
                    }
                    seen.complete(all.toString());
                    duplex.output().write("bye".getBytes(StandardCharsets.UTF_8));
                    duplex.output().close();
                  });
            });
    listener =
        HttpListener.start(
            List.of(new HttpListener.Endpoint.UnixSocket(socket, "docker")),
            router,
            new TestDialect());
  }

  private static void sink(int value) {
    throw new IllegalStateException("boom " + value);
  }

  private void stream(Exchange exchange) throws IOException {
    int lines = (int) (long) exchange.query().number("lines").orElse(3L);
    try (OutputStream out = exchange.stream(200, "application/json")) {
      for (int i = 0; i < lines; i++) {
        out.write(("line " + i + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  /** An array of numbers; the one named by "fault" cannot be made. */
  private static void list(Exchange exchange) throws IOException {
    long fault = exchange.query().number("fault").orElse(-1L);
    exchange.jsonArray(
        200,
        LongStream.range(0, exchange.query().number("count").orElse(0L))
            .mapToObj(
                number -> {
                  if (number == fault) {
                    sink((int) number);
                  }
                  return LongNode.valueOf(number);
                }));
  }

  @AfterEach
  void stop() {
    if (listener != null) {
      listener.close();
    }
    assertThat(socket).doesNotExist();
  }

  private RawClient client() throws IOException {
    return RawClient.connect(socket);
  }

  private String get(String path) throws IOException {
    try (RawClient client = client()) {
      client.send("GET " + path + " HTTP/1.1\nHost: docker\nConnection: close\n\n");
      return client.readToEnd();
    }
  }

  @Test
  void answersCarryTheHeadersOfTheDialect() throws IOException {
    assertThat(get("/_ping"))
        .startsWith("HTTP/1.1 200 OK")
        .contains("Api: test")
        .contains("Server: Hanse/test (linux)")
        .endsWith("OK");
  }

  @Test
  @Tag("attack")
  void whenLongAnswersHaveTheirShareFurtherOnesAreRefusedAndShortOnesAreNot() throws IOException {
    try (MemoryShare.Claim others = HeapShares.ANSWERS.firm()) {
      long room = LongBody.HELD_BYTES;
      assertThat(others.grow(HeapShares.ANSWERS.bytesMax() - room)).isTrue();
      assertThat(get("/list?count=100000")).startsWith("HTTP/1.1 200 OK").contains("99999]");
      assertThat(others.grow(1)).isTrue();
      assertThat(get("/list?count=100000"))
          .startsWith("HTTP/1.1 503 ")
          .contains("too many long answers are being sent: try again later");
      assertThat(get("/list?count=100")).startsWith("HTTP/1.1 200 OK").contains(",99]");
    }
    assertThat(HeapShares.ANSWERS.reserved()).isZero();
  }

  @Test
  @Tag("attack")
  void aStalledReaderIsCutWhenOthersNeedTheShare() throws Exception {
    try (RawClient stalled = client();
        MemoryShare.Claim others = HeapShares.ANSWERS.firm()) {
      stalled.send("GET /list?count=1000000 HTTP/1.1\nHost: docker\nConnection: close\n\n");
      assertThat(stalled.head()).startsWith("HTTP/1.1 200 OK");
      assertThat(HeapShares.ANSWERS.reserved()).isEqualTo(LongBody.HELD_BYTES);
      assertThat(others.grow(HeapShares.ANSWERS.bytesMax())).isTrue();
      assertThat(stalled.readToEnd()).doesNotContain("999999]");
    }
  }

  @Test
  void theDialectReadsThePath() throws IOException {
    assertThat(get("/age")).endsWith("new");
    assertThat(get("/old/age")).endsWith("old");
    assertThat(get("/refused"))
        .contains(" 400 ", "Server: Hanse/test (linux)")
        .contains("{\"message\":\"refused by its path\"}");
    assertThat(get("/nothing")).contains(" 404 ").contains("{\"message\":\"page not found\"}");
    assertThat(get("/")).contains(" 404 ").contains("page not found");
  }

  @Test
  void decodesPathsAndLetsImageNamesHaveSlashes() throws IOException {
    assertThat(get("/images/reg:5000/team/web%3A1/json"))
        .contains("{\"name\":\"reg:5000/team/web:1\"}");
    assertThat(get("/containers/a%2Fb/json")).contains(" 404 ");
    assertThat(get("/containers//json")).contains(" 404 ");
    assertThat(get("/containers/a+b/json")).endsWith("a+b");
  }

  /** Nobody is there for an answer, and nothing of ours is at fault: no error in the log. */
  @Test
  @Tag("attack")
  void whoLeavesAmidABodyIsKnownToHaveLeft() throws Exception {
    String head = "POST /left HTTP/1.1\nHost: docker\nContent-Type: application/json\n";
    for (String rest :
        List.of("Content-Length: 100\n\n{\"a\":", "Transfer-Encoding: chunked\n\n5\n{\"a\":\n")) {
      try (RawClient client = client()) {
        client.send(head + rest);
      }
      assertThat(left.take()).as(rest).isTrue();
    }
    post("/left", "Content-Type: application/json\n", "no JSON");
    assertThat(left.take()).isFalse();
  }

  private String post(String path, String type, String body) throws IOException {
    try (RawClient client = client()) {
      client.send(
          "POST %s HTTP/1.1\nHost: %%2Frun%%2Fdocker.sock\nConnection: close\n%sContent-Length: %d\n\n"
              .formatted(path, type, body.getBytes(StandardCharsets.UTF_8).length));
      client.sendBytes(body.getBytes(StandardCharsets.UTF_8));
      return client.readToEnd();
    }
  }

  @Test
  void readsJsonBodies() throws IOException {
    String json = "Content-Type: application/json\n";
    assertThat(post("/echo", json, "{\"a\":1}")).contains(" 201 ").endsWith("{\"a\":1}\n");
    assertThat(post("/echo", "", "")).contains(" 201 ").endsWith("{}\n");
    assertThat(post("/echo", json, "{\"a\"")).contains(" 400 ").contains("invalid JSON: ");
    assertThat(post("/echo", json, "{} {}"))
        .contains(" 400 ")
        .contains("unexpected content after JSON");
    assertThat(post("/echo", json, "[]")).contains(" 400 ").contains("cannot unmarshal array");
    assertThat(post("/echo", "Content-Type: text/plain\n", "{}"))
        .contains(" 400 ")
        .contains("unsupported Content-Type header (text/plain): must be 'application/json'");
    assertThat(post("/echo", json, "[".repeat(200))).contains(" 400 ").contains("invalid JSON: ");
  }

  @Test
  void limitsBodiesAndHeads() throws IOException {
    String json = "Content-Type: application/json\n";
    String most = "{\"a\":\"" + "x".repeat(BodyReader.BYTES_MAX - 8) + "\"}";
    assertThat(post("/echo", json, most)).contains(" 201 ");
    assertThat(post("/echo", json, most + " ")).contains(" 413 ").contains("longer than 4194304");
    try (RawClient client = client()) {
      client.send("GET /_ping HTTP/1.1\nHost: d\nX-Registry-Auth: " + "a".repeat(60_000) + "\n\n");
      assertThat(client.head()).startsWith("HTTP/1.1 200");
    }
    try (RawClient client = client()) {
      client.send("GET /_ping HTTP/1.1\nHost: d\nX-Registry-Auth: " + "a".repeat(66_000) + "\n\n");
      assertThat(client.head()).startsWith("HTTP/1.1 431");
    }
  }

  /** As Docker's CLI, which sends a service's settings or an image before it looks. */
  @Test
  void aRefusalReachesWhoSendsAllBeforeLooking() throws IOException {
    byte[] body = new byte[6 << 20];
    for (String path : List.of("/nowhere", "/_ping", "/fault")) {
      try (RawClient client = client()) {
        client.send(
            """
            POST %s HTTP/1.1
            Host: docker
            Content-Type: application/json
            Content-Length: %d

            """
                .formatted(path, body.length));
        client.sendBytes(body);
        assertThat(client.head()).as(path).matches("(?s)HTTP/1.1 (404|405|500) .*");
      }
      // The connection is still of use: what was refused is not taken for the next request.
      try (RawClient client = client()) {
        client.send(
            """
            POST %s HTTP/1.1
            Host: docker
            Content-Type: application/json
            Transfer-Encoding: chunked

            5
            abcde
            0

            GET /_ping HTTP/1.1
            Host: docker
            Connection: close

            """
                .formatted(path));
        assertThat(client.readToEnd()).as(path).contains("HTTP/1.1 200 OK").endsWith("OK");
      }
    }
  }

  @Test
  void tellsTheLengthOfShortListsAndSendsLongOnesInParts() throws IOException {
    assertThat(get("/list")).contains("Content-Length: 3\r\n").endsWith("\r\n[]\n");
    assertThat(get("/list?count=3")).contains("Content-Length: 8\r\n").endsWith("[0,1,2]\n");
    String all = LongStream.range(0, 9_000).mapToObj(Long::toString).collect(joining(","));
    String answers = getThenPing("/list?count=9000");
    assertThat(answers.contains("Transfer-Encoding: chunked\r\n")).isTrue();
    assertThat(answers.endsWith("\r\n\r\nOK")).isTrue();
    assertThat(withoutChunks(answers).equals("[" + all + "]\n")).isTrue();
  }

  /** Two requests over one connection: the first answer cannot end with the connection. */
  private String getThenPing(String path) throws IOException {
    try (RawClient client = client()) {
      client.send("GET " + path + " HTTP/1.1\nHost: docker\n\n");
      client.send("GET /_ping HTTP/1.1\nHost: docker\nConnection: close\n\n");
      return client.readUntilCut();
    }
  }

  /** The body of the first answer, sent in chunks, all of which must be there. */
  private static String withoutChunks(String answers) {
    StringBuilder body = new StringBuilder();
    int at = answers.indexOf("\r\n\r\n") + 4;
    while (true) {
      int end = answers.indexOf("\r\n", at);
      int length = Integer.parseInt(answers.substring(at, end), 16);
      if (length == 0) {
        return body.toString();
      }
      body.append(answers, end + 2, end + 2 + length);
      at = end + 2 + length + 2;
    }
  }

  @Test
  void aListThatCannotBeMadeIsAnErrorOrEndsTooEarly() throws IOException {
    assertThat(get("/list?count=3&fault=2")).startsWith("HTTP/1.1 500").contains("boom 2");
    String cut = getThenPing("/list?count=9000&fault=8999");
    assertThat(cut.startsWith("HTTP/1.1 200")).isTrue();
    assertThat(cut.contains("\r\n0\r\n") || cut.endsWith("OK")).isFalse();
  }

  @Test
  void faultsBecome500() throws IOException {
    assertThatThrownBy(() -> sink(1)).hasMessage("boom 1");
    assertThat(post("/fault", "", "")).contains(" 500 ").contains("{\"message\":\"");
  }

  @Test
  void streamsAndKeepsTheConnection() throws IOException {
    try (RawClient client = client()) {
      for (int i = 0; i < 3; i++) {
        client.send("GET /stream HTTP/1.1\nHost: docker\n\n");
        assertThat(client.head()).startsWith("HTTP/1.1 200 OK").contains("chunked");
        assertThat(client.read(32)).contains("line 0\nline 1\nline 2\n").endsWith("0\r\n\r\n");
      }
    }
    assertThat(get("/stream?lines=200000")).contains("line 199999\n");
  }

  @Test
  void noticesThatTheClientWent() throws Exception {
    try (RawClient client = client()) {
      client.send("GET /gone HTTP/1.1\nHost: docker\n\n");
      assertThat(client.head()).startsWith("HTTP/1.1 200");
    }
    assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private static final String HIJACK =
      "POST /exec/abc/start HTTP/1.1\nHost: docker\n%sContent-Type: application/json\nContent-Length: 14\n\n";

  @Test
  void hijacksWithUpgradeAndARequestBody() throws Exception {
    try (RawClient client = client()) {
      client.send(HIJACK.formatted("Connection: Upgrade\nUpgrade: tcp\n"));
      client.sendBytes("{\"Tty\": false}early".getBytes(StandardCharsets.UTF_8));
      assertThat(client.head())
          .startsWith("HTTP/1.1 101 ")
          .containsIgnoringCase("connection: upgrade")
          .containsIgnoringCase("upgrade: tcp")
          .contains("application/vnd.docker.raw-stream")
          .doesNotContain("Content-Length")
          .doesNotContain("chunked");
      exchangeBytes(client);
    }
  }

  @Test
  void theHostMayBeEmptyAsInOldClients() throws Exception {
    for (String host : List.of("Host: ", "host: ", "HOST: ")) {
      try (RawClient client = client()) {
        client.send(HIJACK.formatted("").replace("Host: docker", host));
        client.sendBytes("{\"Tty\": false}early".getBytes(StandardCharsets.UTF_8));
        assertThat(client.head()).startsWith("HTTP/1.1 200 ");
        exchangeBytes(client);
      }
    }
    assertThat(withHead("X: 1\nHost: \n")).startsWith("HTTP/1.1 200 ");
    assertThat(withHead("Host: \nX: Host: \n")).startsWith("HTTP/1.1 200 ");
    assertThat(withHead("X: 1\n")).startsWith("HTTP/1.1 400 ");
    assertThat(withHead("Host: a\nHost: \n")).startsWith("HTTP/1.1 400 ");
  }

  private String withHead(String headers) throws IOException {
    try (RawClient client = client()) {
      client.send("GET /_ping HTTP/1.1\n" + headers + "Connection: close\n\n");
      return client.readToEnd();
    }
  }

  @Test
  void hijacksInTheOldForm() throws Exception {
    try (RawClient client = client()) {
      client.send(HIJACK.formatted(""));
      client.sendBytes("{\"Tty\": false}early".getBytes(StandardCharsets.UTF_8));
      assertThat(client.head())
          .startsWith("HTTP/1.1 200 ")
          .contains("application/vnd.docker.raw-stream")
          .doesNotContain("Content-Length")
          .doesNotContain("chunked");
      exchangeBytes(client);
    }
  }

  private void exchangeBytes(RawClient client) throws Exception {
    String hello = "hello {\"Tty\":false}\n";
    assertThat(client.read(hello.length())).isEqualTo(hello);
    assertThat(client.read(5)).isEqualTo("early");
    client.sendBytes("one".getBytes(StandardCharsets.UTF_8));
    assertThat(client.read(3)).isEqualTo("one");
    String big = "x".repeat(1 << 20);
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    client.sendBytes(big.getBytes(StandardCharsets.UTF_8));
                    client.endOutput();
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                });
    assertThat(client.readToEnd()).isEqualTo(big + "bye");
    writer.join();
    assertThat(seen.get(10, TimeUnit.SECONDS)).isEqualTo("earlyone" + big);
  }

  @Test
  void socketIsForTheGroupOnlyAndUsedByOneDaemon() throws IOException {
    assertThat(Files.getPosixFilePermissions(socket))
        .isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
    assertThatThrownBy(() -> start(socket)).hasMessageContaining("already in use");
    assertThat(get("/_ping")).endsWith("OK");
  }

  @Test
  void removesAStaleSocketButNoOtherFile() throws IOException {
    Path stale = directory.resolve("deep/stale.sock");
    Files.createDirectories(directory.resolve("deep"));
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(stale));
    }
    assertThat(stale).exists();
    start(stale).close();
    Path file = Files.writeString(directory.resolve("file"), "precious");
    assertThatThrownBy(() -> start(file)).hasMessageContaining("exists and is not a socket");
    assertThat(file).hasContent("precious");
    Path tooLong = directory.resolve("x".repeat(120));
    assertThatThrownBy(() -> start(tooLong)).hasMessageContaining("longer than 107");
  }

  private HttpListener start(Path path) throws IOException {
    return HttpListener.start(
        List.of(new HttpListener.Endpoint.UnixSocket(path, "docker")), router, new TestDialect());
  }
}
