package dev.hanse.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hanse.web.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A registry with one image, whose blobs it sends a byte at a time. */
final class DrippingRegistry implements AutoCloseable {
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

  /** The configuration and the layer. */
  private static final int BLOBS = 2;

  private static final int SECONDS = 60;
  private static final int PERIOD_MS = 20;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch dripping = new CountDownLatch(BLOBS);
  private final CountDownLatch left = new CountDownLatch(BLOBS);

  private final CountDownLatch closed = new CountDownLatch(1);
  private final HttpServer server;

  DrippingRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v2/", this::answer);
    server.start();
  }

  String image() {
    return "127.0.0.1:" + server.getAddress().getPort() + "/dripping:1";
  }

  /** Waits until all blobs are being sent. */
  void awaitDrip() throws InterruptedException {
    assertThat(dripping.await(SECONDS, TimeUnit.SECONDS)).as("all blobs are asked for").isTrue();
  }

  /** Waits until nobody takes any blob. */
  void awaitLeft() throws InterruptedException {
    assertThat(left.await(SECONDS, TimeUnit.SECONDS)).as("who asked has left").isTrue();
  }

  private void answer(HttpExchange exchange) throws IOException {
    if (exchange.getRequestURI().getPath().contains("/manifests/")) {
      byte[] manifest = manifest();
      exchange.getResponseHeaders().add("Content-Type", MANIFEST);
      exchange.sendResponseHeaders(200, manifest.length);
      exchange.getResponseBody().write(manifest);
      exchange.close();
    } else {
      drip(exchange);
    }
  }

  private void drip(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 2_000);
    dripping.countDown();
    try (OutputStream body = exchange.getResponseBody()) {
      do {
        body.write('a');
        body.flush();
      } while (!closed.await(PERIOD_MS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      left.countDown();
    }
  }

  private static byte[] manifest() {
    var manifest = Json.object().put("schemaVersion", 2).put("mediaType", MANIFEST);
    manifest
        .putObject("config")
        .put("mediaType", "application/vnd.docker.container.image.v1+json")
        .put("size", 2_000)
        .put("digest", "sha256:" + "a".repeat(64));
    manifest
        .putArray("layers")
        .addObject()
        .put("mediaType", "application/vnd.docker.image.rootfs.diff.tar.gzip")
        .put("size", 2_000)
        .put("digest", "sha256:" + "b".repeat(64));
    return Json.bytes(manifest);
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.close();
  }
}
