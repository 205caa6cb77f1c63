package dev.hanse.docker.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.agent.log.ContainerLog;
import dev.hanse.agent.log.LogOptions;
import dev.hanse.agent.log.LogQuery;
import dev.hanse.agent.log.LogReader;
import dev.hanse.agent.log.LogSource;
import dev.hanse.agent.log.LogStore;
import dev.hanse.docker.Failures;
import dev.hanse.docker.protocol.DockerDialect;
import dev.hanse.web.HttpListener;
import dev.hanse.web.RawClient;
import dev.hanse.web.Router;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many clients that read a long log as fast as they can: others are answered as before. */
@Tag("attack")
@Timeout(120)
class FastReadersTest {
  private static final int READERS = 16;
  private static final int LINES = 400_000;
  private static final int PINGS = 20;

  /** How much longer an answer may take beside them; it was some ten thousand times. */
  private static final int FACTOR = 100;

  @TempDir Path directory;
  private final LongAdder bytesRead = new LongAdder();

  private Path socket() {
    return directory.resolve("docker.sock");
  }

  private LogStore written() throws IOException {
    LogStore store = LogStore.in(directory.resolve("logs"));
    ContainerLog log = store.open("c1", LogOptions.STANDARD);
    ByteString lines = ByteString.copyFromUtf8("a line as short as many are\n".repeat(1_000));
    for (int written = 0; written < LINES; written += 1_000) {
      log.append(LogSource.STDOUT, lines, Instant.EPOCH);
    }
    store.finish("c1", log, Instant.EPOCH);
    return store;
  }

  @Test
  void readersOfLongLogsKeepNobodyWaiting() throws Exception {
    LogStore store = written();
    Router router = new Router();
    router
        .get("/_ping", exchange -> exchange.text(200, "OK"))
        .get(
            "/logs",
            exchange -> {
              try (LogReader reader = store.read("c1", LogQuery.everything());
                  OutputStream client = exchange.stream(200, "application/octet-stream")) {
                new LogForm(true, false, false).copy(reader, client, true);
              }
            });
    try (HttpListener _ =
        HttpListener.start(
            List.of(new HttpListener.Endpoint.UnixSocket(socket(), "docker")),
            router,
            new DockerDialect("test", Failures::of))) {
      var unused = pings();
      Duration quiet = pings();
      AtomicBoolean enough = new AtomicBoolean();
      CountDownLatch begun = new CountDownLatch(READERS);
      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(Thread.ofPlatform().start(() -> read(begun, enough)));
      }
      begun.await();
      while (bytesRead.sum() < READERS << 20) {
        Thread.onSpinWait();
      }
      Duration beside = pings();
      enough.set(true);
      for (Thread reader : readers) {
        reader.join();
      }
      assertThat(beside).isLessThan(quiet.multipliedBy(FACTOR));
    }
  }

  private void read(CountDownLatch begun, AtomicBoolean enough) {
    while (!enough.get()) {
      try (RawClient client = RawClient.connect(socket())) {
        client.send("GET /logs HTTP/1.1\nHost: docker\nConnection: close\n\n");
        assertThat(client.head()).contains(" 200 ");
        begun.countDown();
        int count = client.bytes(1 << 16).length;
        while (!enough.get() && count > 0) {
          bytesRead.add(count);
          count = client.bytes(1 << 16).length;
        }
      } catch (IOException ended) {
        throw new AssertionError("a reader was cut", ended);
      }
    }
  }

  private Duration pings() throws IOException {
    long start = System.nanoTime();
    for (int i = 0; i < PINGS; i++) {
      try (RawClient client = RawClient.connect(socket())) {
        client.send("GET /_ping HTTP/1.1\nHost: docker\nConnection: close\n\n");
        assertThat(client.readToEnd()).contains("200").endsWith("OK");
      }
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
