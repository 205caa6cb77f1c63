package dev.hanse.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.web.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/** Debian's docker-registry on a loopback port, which wants a login. */
final class TestRegistry implements AutoCloseable {
  static final String USER = "ann";
  static final String PASSWORD = "secret";
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

  private final Process process;
  private final int port;
  private final HttpClient http = HttpClient.newHttpClient();

  TestRegistry(Path directory) throws Exception {
    Files.createDirectories(directory);
    Process htpasswd = new ProcessBuilder("htpasswd", "-Bbn", USER, PASSWORD).start();
    Files.write(directory.resolve("htpasswd"), htpasswd.getInputStream().readAllBytes());
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    Path configuration = directory.resolve("config.yml");
    Files.writeString(
        configuration,
        """
        version: 0.1
        log: {level: error}
        storage:
          filesystem: {rootdirectory: %s}
        http: {addr: 127.0.0.1:%d}
        auth: {htpasswd: {realm: test, path: %s}}
        """
            .formatted(directory.resolve("storage"), port, directory.resolve("htpasswd")));
    process =
        new ProcessBuilder("docker-registry", "serve", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    EngineWorld.eventually(() -> "the registry listens", this::listens);
  }

  private boolean listens() {
    try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return probe.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  String host() {
    return "127.0.0.1:" + port;
  }

  /** Pushes a one-layer image; returns its digest. */
  String push(String repository, String tag, byte[] rootfs) throws Exception {
    ByteArrayOutputStream layer = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(layer)) {
      gzip.write(rootfs);
    }
    var config = Json.object().put("os", "linux").put("architecture", "amd64");
    config.putObject("config").putArray("Cmd").add("sh");
    config.putObject("rootfs").put("type", "layers").putArray("diff_ids").add(digest(rootfs));
    byte[] configBytes = Json.bytes(config);
    var manifest = Json.object().put("schemaVersion", 2).put("mediaType", MANIFEST);
    manifest
        .putObject("config")
        .put("mediaType", "application/vnd.docker.container.image.v1+json")
        .put("size", configBytes.length)
        .put("digest", digest(configBytes));
    manifest
        .putArray("layers")
        .addObject()
        .put("mediaType", "application/vnd.docker.image.rootfs.diff.tar.gzip")
        .put("size", layer.size())
        .put("digest", digest(layer.toByteArray()));
    blob(repository, layer.toByteArray());
    blob(repository, configBytes);
    byte[] bytes = Json.bytes(manifest);
    var unused =
        send(
            request("/v2/" + repository + "/manifests/" + tag)
                .header("Content-Type", MANIFEST)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)));
    return digest(bytes);
  }

  private void blob(String repository, byte[] bytes) throws Exception {
    HttpResponse<String> begun =
        send(
            request("/v2/" + repository + "/blobs/uploads/")
                .POST(HttpRequest.BodyPublishers.noBody()));
    String location = begun.headers().firstValue("Location").orElseThrow();
    var unused =
        send(
            request(location + "&digest=" + digest(bytes))
                .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)));
  }

  private HttpRequest.Builder request(String path) {
    String login = USER + ":" + PASSWORD;
    return HttpRequest.newBuilder(URI.create("http://" + host()).resolve(path))
        .header(
            "Authorization",
            "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as("%s %s", answer, answer.body()).isBetween(200, 299);
    return answer;
  }

  private static String digest(byte[] bytes) throws Exception {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Override
  public void close() throws InterruptedException {
    http.close();
    process.destroy();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }
}
