package dev.hanse.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.bounds.HeapShares;
import dev.hanse.bounds.MemoryShare;
import dev.hanse.docker.Failures;
import dev.hanse.docker.protocol.DockerDialect;
import dev.hanse.docker.stream.OutputQueue;
import dev.hanse.runtime.process.OutputListener;
import dev.hanse.web.HttpListener;
import dev.hanse.web.RawClient;
import dev.hanse.web.Router;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many clients that do not read, or do not send on: the daemon's memory and API stay. */
@Tag("attack")
@Timeout(30)
class StalledClientsTest {
  private static final long SHARE_BYTES = 8 << 20;
  private static final int CLIENTS = 32;
  private static final int CHUNK_BYTES = 64 << 10;
  @TempDir Path directory;

  private final MemoryShare share = new MemoryShare(SHARE_BYTES);
  private final List<OutputQueue> attached = new CopyOnWriteArrayList<>();
  private final List<Integer> ended = new CopyOnWriteArrayList<>();
  private final List<RawClient> clients = new ArrayList<>();
  private HttpListener listener;

  @BeforeEach
  void listen() throws IOException {
    Router router = new Router();
    router
        .get("/_ping", exchange -> exchange.text(200, "OK"))
        .post("/echo", exchange -> exchange.json(200, exchange.json()))
        .post(
            "/containers/{id}/attach",
            exchange -> {
              int number = Integer.parseInt(exchange.variable("id"));
              exchange.hijack(
                  "application/vnd.docker.raw-stream",
                  duplex -> {
                    OutputQueue queue = new OutputQueue(false, share);
                    attached.add(queue);
                    try {
                      queue.copyTo(duplex);
                    } finally {
                      ended.add(number);
                    }
                  });
            });
    listener =
        HttpListener.start(
            List.of(new HttpListener.Endpoint.UnixSocket(socket(), "docker")),
            router,
            new DockerDialect("test", Failures::of));
  }

  @AfterEach
  void close() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
    listener.close();
  }

  private Path socket() {
    return directory.resolve("docker.sock");
  }

  private RawClient client() throws IOException {
    RawClient client = RawClient.connect(socket());
    clients.add(client);
    return client;
  }

  private RawClient attach(int number) throws IOException {
    RawClient client =
        client()
            .send(
                """
                POST /containers/%d/attach HTTP/1.1
                Host: docker
                Upgrade: tcp
                Connection: Upgrade

                """
                    .formatted(number));
    assertThat(client.head()).contains("101");
    eventually(() -> attached.size() > number);
    return client;
  }

  private void ping() throws IOException {
    try (RawClient client = RawClient.connect(socket())) {
      client.send("GET /_ping HTTP/1.1\nHost: docker\nConnection: close\n\n");
      assertThat(client.readToEnd()).contains("200").endsWith("OK");
    }
  }

  private static void eventually(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void stalled_attach_clients_share_what_one_may_have_and_a_reader_is_not_cut() throws Exception {
    RawClient reader = attach(0);
    for (int number = 1; number < CLIENTS; number++) {
      attach(number);
    }
    AtomicInteger read = new AtomicInteger();
    AtomicBoolean exceeded = new AtomicBoolean();
    int chunks = 160;
    Thread reading =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    while (read.get() < chunks) {
                      assertThat(reader.bytes(CHUNK_BYTES)).hasSize(CHUNK_BYTES);
                      read.incrementAndGet();
                    }
                  } catch (IOException cut) {
                    throw new AssertionError(cut);
                  }
                });
    // 32 clients, 10 MiB each: forty times the share.
    for (int i = 0; i < chunks; i++) {
      int soFar = i;
      for (OutputQueue queue : attached) {
        queue.output(OutputListener.Stream.STDOUT, ByteBuffer.allocate(CHUNK_BYTES));
        if (share.reserved() > SHARE_BYTES) {
          exceeded.set(true);
        }
      }
      eventually(() -> read.get() >= soFar);
      if (i % 40 == 0) {
        ping();
      }
    }
    reading.join();
    assertThat(read).hasValue(chunks);
    assertThat(exceeded).isFalse();
    ping();
    eventually(() -> ended.size() >= CLIENTS / 2);
    assertThat(ended).doesNotContain(0);
    for (RawClient client : clients) {
      client.close();
    }
    attached.forEach(OutputQueue::ended);
    eventually(() -> ended.size() == CLIENTS);
    assertThat(share.reserved()).isZero();
  }

  @Test
  void single_bytes_are_counted_with_what_they_cost() throws Exception {
    attach(0);
    OutputQueue queue = attached.getFirst();
    for (int i = 0; i < 1_000_000 && ended.isEmpty(); i++) {
      queue.output(OutputListener.Stream.STDOUT, ByteBuffer.allocate(1));
      assertThat(share.reserved()).isLessThanOrEqualTo(SHARE_BYTES);
    }
    eventually(() -> ended.size() == 1);
    assertThat(share.reserved()).isZero();
  }

  @Test
  void bodies_that_stop_arriving_give_way_to_those_that_come() throws Exception {
    MemoryShare bodies = HeapShares.REQUESTS;
    try (MemoryShare.Claim others = bodies.firm()) {
      assertThat(others.grow(bodies.bytesMax() - (1 << 20))).isTrue();
      String stalled = "x".repeat(100 << 10);
      for (int i = 0; i < CLIENTS; i++) {
        client()
            .send(
                """
                POST /echo HTTP/1.1
                Host: docker
                Content-Type: application/json
                Content-Length: 1000000

                """)
            .send("{\"a\":\"" + stalled);
      }
      eventually(() -> bodies.reserved() > bodies.bytesMax() - (400 << 10));
      assertThat(echo("{\"a\":\"" + "y".repeat(30 << 10) + "\"}")).contains("200");
      ping();
      // What is being worked on is not cut: then there is no room for more.
      eventually(() -> others.grow((1 << 20) - 1000));
      assertThat(echo("{\"a\":\"" + "y".repeat(30 << 10) + "\"}")).contains("503");
      ping();
    }
    for (RawClient client : clients) {
      client.close();
    }
    eventually(() -> bodies.reserved() == 0);
  }

  @Test
  void a_body_of_many_parts_is_refused_before_it_is_a_tree() throws Exception {
    MemoryShare bodies = HeapShares.REQUESTS;
    try (MemoryShare.Claim others = bodies.firm()) {
      assertThat(others.grow(bodies.bytesMax() - (8 << 20))).isTrue();
      assertThat(echo("{\"a\":[" + "{},".repeat(200_000) + "{}]}")).contains("503");
      ping();
    }
    assertThat(bodies.reserved()).isZero();
  }

  private String echo(String body) throws IOException {
    try (RawClient client = RawClient.connect(socket())) {
      client.send(
          "POST /echo HTTP/1.1\nHost: docker\nConnection: close\nContent-Type: application/json\n"
              + "Content-Length: "
              + body.length()
              + "\n\n"
              + body);
      return client.head();
    }
  }
}
