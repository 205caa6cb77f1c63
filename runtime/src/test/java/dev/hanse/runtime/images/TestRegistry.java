package dev.hanse.runtime.images;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.World;
import dev.hanse.runtime.containerd.ContentStore;
import dev.hanse.runtime.content.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry on a free loopback port, and a small client that pushes to it. */
final class TestRegistry implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final int port;
  private final Optional<String> authorization;
  private final HttpClient http = HttpClient.newHttpClient();

  private TestRegistry(Process process, int port, Optional<String> authorization) {
    this.process = process;
    this.port = port;
    this.authorization = authorization;
  }

  static TestRegistry open(Path directory) throws Exception {
    return start(directory, Optional.empty());
  }

  /** With basic authentication (bcrypt). */
  static TestRegistry protectedBy(Path directory, String user, String password) throws Exception {
    Files.createDirectories(directory);
    Process htpasswd =
        new ProcessBuilder("htpasswd", "-Bbn", user, password).redirectErrorStream(true).start();
    byte[] line = htpasswd.getInputStream().readAllBytes();
    htpasswd.waitFor();
    Files.write(directory.resolve("htpasswd"), line);
    String pair = user + ":" + password;
    return start(
        directory,
        Optional.of(
            "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8))));
  }

  private static TestRegistry start(Path directory, Optional<String> authorization)
      throws Exception {
    Files.createDirectories(directory);
    while (true) {
      Optional<TestRegistry> started = start(directory, authorization, freePort());
      if (started.isPresent()) {
        return started.get();
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Empty if another process was faster to take the port. */
  private static Optional<TestRegistry> start(
      Path directory, Optional<String> authorization, int port) throws Exception {
    String login =
        authorization.isPresent()
            ? "auth:\n  htpasswd:\n    realm: test\n    path: "
                + directory.resolve("htpasswd")
                + "\n"
            : "";
    Path configuration = directory.resolve("config.yml");
    Files.writeString(
        configuration,
        """
        version: 0.1
        log: {level: error}
        storage:
          filesystem: {rootdirectory: %s}
        http: {addr: 127.0.0.1:%d}
        %s
        """
            .formatted(directory.resolve("storage"), port, login));
    Process process =
        new ProcessBuilder("docker-registry", "serve", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    var registry = new TestRegistry(process, port, authorization);
    World.eventually("the registry answers", () -> !process.isAlive() || registry.answers());
    return process.isAlive() ? Optional.of(registry) : Optional.empty();
  }

  /** A connection proves nothing: on loopback a socket can be connected to itself. */
  private boolean answers() {
    HttpRequest request = HttpRequest.newBuilder(base().resolve("/v2/")).build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding())
          .headers()
          .firstValue("Docker-Distribution-Api-Version")
          .isPresent();
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException cancelled) {
      throw new CancellationException("interrupted");
    }
  }

  String host() {
    return "127.0.0.1:" + port;
  }

  URI base() {
    return URI.create("http://" + host());
  }

  record Pushed(String digest, String configDigest) {}

  /** Pushes an image of these layers (media type by their first bytes). */
  Pushed push(String repository, String tag, ObjectNode config, List<byte[]> layers)
      throws Exception {
    byte[] document = JSON.writeValueAsBytes(config);
    ObjectNode manifest = JSON.createObjectNode().put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.DOCKER_MANIFEST);
    manifest.set("config", descriptor(MediaTypes.DOCKER_CONFIG, document));
    for (byte[] layer : layers) {
      blob(repository, layer);
      manifest.withArray("layers").add(descriptor(MediaTypes.layerType(layer), layer));
    }
    blob(repository, document);
    byte[] bytes = JSON.writeValueAsBytes(manifest);
    put(repository, tag, MediaTypes.DOCKER_MANIFEST, bytes);
    return new Pushed(ContentStore.digest(bytes), ContentStore.digest(document));
  }

  /** Pushes a manifest list that names one manifest for each architecture. */
  String pushIndex(String repository, String tag, List<String> architectures, List<String> digests)
      throws Exception {
    ObjectNode index = JSON.createObjectNode().put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.DOCKER_LIST);
    for (int i = 0; i < digests.size(); i++) {
      byte[] manifest = get(repository, digests.get(i));
      ObjectNode entry = descriptor(MediaTypes.DOCKER_MANIFEST, manifest);
      entry.putObject("platform").put("os", "linux").put("architecture", architectures.get(i));
      index.withArray("manifests").add(entry);
    }
    byte[] bytes = JSON.writeValueAsBytes(index);
    put(repository, tag, MediaTypes.DOCKER_LIST, bytes);
    return ContentStore.digest(bytes);
  }

  private static ObjectNode descriptor(String type, byte[] bytes) {
    return JSON.createObjectNode()
        .put("mediaType", type)
        .put("size", bytes.length)
        .put("digest", ContentStore.digest(bytes));
  }

  private void blob(String repository, byte[] bytes) throws Exception {
    HttpResponse<String> begun =
        send(
            request(base().resolve("/v2/" + repository + "/blobs/uploads/"))
                .POST(HttpRequest.BodyPublishers.noBody()),
            202);
    String location = begun.headers().firstValue("Location").orElseThrow();
    String separator = location.contains("?") ? "&" : "?";
    send(
        request(base().resolve(location + separator + "digest=" + ContentStore.digest(bytes)))
            .header("Content-Type", "application/octet-stream")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)),
        201);
  }

  private void put(String repository, String tag, String type, byte[] bytes) throws Exception {
    send(
        request(base().resolve("/v2/" + repository + "/manifests/" + tag))
            .header("Content-Type", type)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)),
        201);
  }

  private byte[] get(String repository, String digest) throws Exception {
    HttpResponse<InputStream> answer =
        http.send(
            request(base().resolve("/v2/" + repository + "/manifests/" + digest))
                .header("Accept", MediaTypes.DOCKER_MANIFEST)
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    return answer.body().readAllBytes();
  }

  private HttpRequest.Builder request(URI uri) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    authorization.ifPresent(value -> request.header("Authorization", value));
    return request;
  }

  private HttpResponse<String> send(HttpRequest.Builder request, int status) throws Exception {
    HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != status) {
      throw new AssertionError(answer + " " + answer.body());
    }
    return answer;
  }

  @Override
  public void close() throws Exception {
    http.close();
    process.destroy();
    process.waitFor(10, TimeUnit.SECONDS);
  }
}
