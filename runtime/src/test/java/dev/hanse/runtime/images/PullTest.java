package dev.hanse.runtime.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hanse.bounds.HeapShares;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.SampleImage;
import dev.hanse.runtime.World;
import dev.hanse.runtime.content.ImageProgress;
import dev.hanse.runtime.content.Reference;
import dev.hanse.runtime.registry.RegistryCredentials;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pulls from Debian's docker-registry on loopback. */
class PullTest {
  private World world;

  @BeforeEach
  void open() {
    world = World.empty();
  }

  @AfterEach
  void close() {
    world.close();
  }

  private Image pull(String name, Optional<RegistryCredentials> credentials) {
    return world
        .runtime()
        .images()
        .pull(Reference.parse(name), credentials, ImageProgress.Listener.NONE);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(
      String name, Optional<RegistryCredentials> credentials, RuntimeFault.Kind kind) {
    return assertThatThrownBy(() -> pull(name, credentials))
        .isInstanceOf(RuntimeFault.class)
        .satisfies(fault -> assertThat(((RuntimeFault) fault).kind()).isEqualTo(kind));
  }

  private static TestRegistry.Pushed push(TestRegistry registry, String repository, String text)
      throws Exception {
    List<byte[]> plain = List.of(SampleImage.lower(), SampleImage.upper(text));
    return registry.push(
        repository,
        "1",
        SampleImage.config(plain),
        List.of(SampleImage.gzip(plain.get(0)), plain.get(1)));
  }

  @Test
  void anImageIsPulledWithProgressAndThenUpToDate() throws Exception {
    try (var registry = TestRegistry.open(world.directory().resolve("registry"))) {
      TestRegistry.Pushed pushed = push(registry, "some/image", "hello");
      String name = registry.host() + "/some/image:1";
      var lines = new ConcurrentLinkedQueue<ImageProgress>();
      Images images = world.runtime().images();
      Image image = images.pull(Reference.parse(name), Optional.empty(), lines::add);
      assertThat(image.id()).isEqualTo(pushed.configDigest());
      assertThat(image.tags()).containsExactly(name);
      assertThat(image.digests())
          .containsExactly(registry.host() + "/some/image@" + pushed.digest());
      assertThat(lines)
          .extracting(ImageProgress::status)
          .startsWith("Pulling from some/image", "Pulling fs layer", "Pulling fs layer")
          .contains("Downloading", "Verifying Checksum", "Download complete", "Pull complete")
          .endsWith("Digest: " + pushed.digest(), "Status: Downloaded newer image for " + name);

      lines.clear();
      images.pull(Reference.parse(name), Optional.empty(), lines::add);
      assertThat(lines)
          .extracting(ImageProgress::status)
          .contains("Already exists")
          .endsWith("Status: Image is up to date for " + name);
      assertThat(images.remoteDigest(Reference.parse(name), Optional.empty()))
          .isEqualTo(pushed.digest());
      assertThat(pull(registry.host() + "/some/image@" + pushed.digest(), Optional.empty()).id())
          .isEqualTo(image.id());
    }
  }

  @Test
  void thePlatformsManifestIsChosenFromAnIndex() throws Exception {
    try (var registry = TestRegistry.open(world.directory().resolve("registry"))) {
      TestRegistry.Pushed other = push(registry, "multi", "other");
      TestRegistry.Pushed ours = push(registry, "multi", "ours");
      String index =
          registry.pushIndex(
              "multi", "all", List.of("s390x", "amd64"), List.of(other.digest(), ours.digest()));
      Image image = pull(registry.host() + "/multi:all", Optional.empty());
      assertThat(image.id()).isEqualTo(ours.configDigest());
      assertThat(image.digests()).containsExactly(registry.host() + "/multi@" + index);

      registry.pushIndex("multi", "foreign", List.of("s390x"), List.of(other.digest()));
      refused(registry.host() + "/multi:foreign", Optional.empty(), RuntimeFault.Kind.BAD_IMAGE)
          .hasMessageContaining("no matching manifest for linux/amd64");
    }
  }

  @Test
  void aPasswordIsAskedFor() throws Exception {
    try (var registry =
        TestRegistry.protectedBy(world.directory().resolve("registry"), "me", "secret")) {
      TestRegistry.Pushed pushed = push(registry, "private", "hello");
      String name = registry.host() + "/private:1";
      refused(name, Optional.empty(), RuntimeFault.Kind.UNAUTHORIZED)
          .hasMessage("no basic auth credentials");
      refused(
              name,
              Optional.of(RegistryCredentials.of("me", "wrong")),
              RuntimeFault.Kind.UNAUTHORIZED)
          .hasMessage("unauthorized: authentication required");
      assertThat(pull(name, Optional.of(RegistryCredentials.of("me", "secret"))).id())
          .isEqualTo(pushed.configDigest());
    }
  }

  @Test
  void whatIsNotThereIsTold() throws Exception {
    try (var registry = TestRegistry.open(world.directory().resolve("registry"))) {
      push(registry, "known", "hello");
      refused(registry.host() + "/known:2", Optional.empty(), RuntimeFault.Kind.MANIFEST_UNKNOWN)
          .hasMessage("manifest for " + registry.host() + "/known:2 not found: manifest unknown");
      refused(registry.host() + "/unknown:1", Optional.empty(), RuntimeFault.Kind.MANIFEST_UNKNOWN);
    }
    refused("127.0.0.1:1/x:1", Optional.empty(), RuntimeFault.Kind.REGISTRY_UNREACHABLE)
        .hasMessageContaining("127.0.0.1:1");
  }

  @Test
  void aTokenIsFetchedFromTheRealm() throws Exception {
    try (var registry = TestRegistry.open(world.directory().resolve("registry"));
        var gate = new Gate(registry.base())) {
      TestRegistry.Pushed pushed = push(registry, "guarded", "hello");
      String name = gate.host() + "/guarded:1";
      var credentials = Optional.of(RegistryCredentials.of("me", "secret"));
      assertThat(pull(name, credentials).id()).isEqualTo(pushed.configDigest());
      assertThat(gate.tokenQuery).contains("service=gate").contains("repository%3Aguarded%3Apull");
      refused(
              name,
              Optional.of(RegistryCredentials.of("me", "wrong")),
              RuntimeFault.Kind.UNAUTHORIZED)
          .hasMessage("unauthorized: incorrect username or password");
      refused(name, Optional.empty(), RuntimeFault.Kind.PULL_DENIED)
          .hasMessageContaining("pull access denied for guarded");
    }
  }

  @Test
  void aBrokenDownloadGoesOnWhereItStopped() throws Exception {
    try (var registry = TestRegistry.open(world.directory().resolve("registry"));
        var gate = new Gate(registry.base())) {
      gate.open = true;
      gate.breakOnce.set(1);
      TestRegistry.Pushed pushed = push(registry, "broken", "hello");
      assertThat(pull(gate.host() + "/broken:1", Optional.empty()).id())
          .isEqualTo(pushed.configDigest());
      assertThat(gate.ranges).isNotEmpty();
    }
  }

  @Test
  void aBlobThatIsNotWhatItsDigestSaysIsRefused() throws Exception {
    try (var registry = TestRegistry.open(world.directory().resolve("registry"));
        var gate = new Gate(registry.base())) {
      gate.open = true;
      gate.falsify = true;
      push(registry, "false", "hello");
      refused(gate.host() + "/false:1", Optional.empty(), RuntimeFault.Kind.BAD_IMAGE);
      assertThat(world.runtime().images().all()).isEmpty();
    }
  }

  /** The same layers at two registries, one of which sends other bytes and then no more. */
  @Test
  @Tag("attack")
  @Timeout(60)
  void aRegistrysPaceAndBytesAreNoneOfAnothers() throws Exception {
    try (var registry = TestRegistry.open(world.directory().resolve("registry"));
        var gate = new Gate(registry.base());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      gate.open = true;
      gate.falsify = true;
      gate.stall = true;
      TestRegistry.Pushed pushed = push(registry, "same", "hello");
      Future<Image> stalled = threads.submit(() -> pull(gate.host() + "/same:1", Optional.empty()));
      gate.stalled.await();
      assertThat(pull(registry.host() + "/same:1", Optional.empty()).id())
          .isEqualTo(pushed.configDigest());
      assertThat(stalled).isNotDone();
      stalled.cancel(true);
    }
  }

  /** More of one repository than it has places, and an honest one of the same registry. */
  @Test
  @Tag("attack")
  @Timeout(60)
  void aRepositorysPaceIsNoneOfAnothers() throws Exception {
    try (var registry = TestRegistry.open(world.directory().resolve("registry"));
        var gate = new Gate(registry.base(), DownloadPlaces.OF_REPOSITORY + 2);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      gate.open = true;
      gate.stall = true;
      List<Future<Image>> stalled = new ArrayList<>();
      for (int number = 0; number < DownloadPlaces.OF_REPOSITORY + 2; number++) {
        String repository = "slow" + (number % 2);
        List<byte[]> layers = List.of(SampleImage.upper(("" + number).repeat(600_000)));
        registry.push(repository, "" + number, SampleImage.config(layers), layers);
        String name = gate.host() + "/" + repository + ":" + number;
        stalled.add(threads.submit(() -> pull(name, Optional.empty())));
      }
      World.eventually("all have their places", () -> gate.stalled.getCount() == 0);
      gate.stall = false;
      TestRegistry.Pushed pushed = push(registry, "fast", "hello");
      assertThat(pull(gate.host() + "/fast:1", Optional.empty()).id())
          .isEqualTo(pushed.configDigest());
      assertThat(stalled).noneMatch(Future::isDone);
      // The end of this block waits for them: who is interrupted ends though nothing comes.
      stalled.forEach(pull -> pull.cancel(true));
    }
    assertThat(HeapShares.DOWNLOADS.reserved()).isZero();
  }

  @Test
  @Tag("attack")
  void aWrongSizeIsRefusedWhetherTheLayerIsHereOrNot() throws Exception {
    try (var registry = TestRegistry.open(world.directory().resolve("registry"));
        var gate = new Gate(registry.base())) {
      gate.open = true;
      gate.lie = true;
      push(registry, "sized", "hello");
      refused(gate.host() + "/sized:1", Optional.empty(), RuntimeFault.Kind.BAD_IMAGE);
      pull(registry.host() + "/sized:1", Optional.empty());
      refused(gate.host() + "/sized:1", Optional.empty(), RuntimeFault.Kind.BAD_IMAGE)
          .hasMessageContaining("as declared");
    }
  }

  /** Stands before a registry: wants a token, and can break and falsify what it passes on. */
  private static final class Gate implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI behind;
    private final AtomicInteger breakOnce = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> ranges = new ConcurrentLinkedQueue<>();
    private volatile boolean open;
    private volatile boolean falsify;
    private volatile boolean stall;

    /** Sizes in manifests are too small. */
    private volatile boolean lie;

    private final CountDownLatch stalled;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile String tokenQuery = "";

    Gate(URI behind) throws IOException {
      this(behind, 1);
    }

    /** Of which {@code stalls} blobs are to come to a halt. */
    Gate(URI behind, int stalls) throws IOException {
      this.behind = behind;
      this.stalled = new CountDownLatch(stalls);
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(threads);
      server.createContext("/token", this::token);
      server.createContext("/v2/", this::pass);
      server.start();
    }

    String host() {
      return "127.0.0.1:" + server.getAddress().getPort();
    }

    private void token(HttpExchange exchange) throws IOException {
      tokenQuery = exchange.getRequestURI().getRawQuery();
      String given = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
      if (given.startsWith("Basic ") && !given.equals("Basic bWU6c2VjcmV0")) {
        answer(exchange, 401, new byte[0]);
        return;
      }
      String token = given.startsWith("Basic ") ? "good" : "anonymous";
      answer(exchange, 200, ("{\"token\":\"" + token + "\"}").getBytes(StandardCharsets.UTF_8));
    }

    private void pass(HttpExchange exchange) throws IOException {
      String given = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
      if (!open && !given.equals("Bearer good")) {
        exchange
            .getResponseHeaders()
            .add(
                "WWW-Authenticate",
                "Bearer realm=\"http://"
                    + host()
                    + "/token\",service=\"gate\",scope=\"repository:guarded:pull\"");
        answer(exchange, 401, new byte[0]);
        return;
      }
      try {
        passOn(exchange);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    private void passOn(HttpExchange exchange) throws IOException, InterruptedException {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(behind.resolve(exchange.getRequestURI()));
      for (String accept : exchange.getRequestHeaders().getOrDefault("Accept", List.of())) {
        request.header("Accept", accept);
      }
      String range = exchange.getRequestHeaders().getFirst("Range");
      if (range != null) {
        ranges.add(range);
        request.header("Range", range);
      }
      HttpResponse<byte[]> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      answer
          .headers()
          .firstValue("Content-Type")
          .ifPresent(type -> exchange.getResponseHeaders().add("Content-Type", type));
      byte[] body = answer.body();
      if (lie && new String(body, StandardCharsets.UTF_8).contains("\"layers\"")) {
        body = lied(body);
      }
      boolean large = body.length > 500_000;
      if (large && falsify) {
        body = body.clone();
        body[body.length / 2] ^= 1;
      }
      if (large && stall) {
        exchange.sendResponseHeaders(answer.statusCode(), body.length);
        exchange.getResponseBody().write(body, 0, body.length - 100_000);
        exchange.getResponseBody().flush();
        stalled.countDown();
        closed.await();
        exchange.close();
        return;
      }
      if (large && breakOnce.getAndSet(0) == 1) {
        exchange.sendResponseHeaders(answer.statusCode(), body.length);
        OutputStream stream = exchange.getResponseBody();
        stream.write(Arrays.copyOf(body, body.length - 100_000));
        stream.flush();
        exchange.close();
        return;
      }
      answer(exchange, answer.statusCode(), body);
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    }

    private static byte[] lied(byte[] manifest) throws IOException {
      ObjectMapper json = new ObjectMapper();
      JsonNode root = json.readTree(manifest);
      for (JsonNode layer : root.get("layers")) {
        ((ObjectNode) layer).put("size", layer.get("size").asLong() - 1);
      }
      return json.writeValueAsBytes(root);
    }

    @Override
    public void close() {
      closed.countDown();
      server.stop(0);
      threads.close();
      http.close();
    }
  }
}
