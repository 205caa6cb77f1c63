package dev.hanse.docker.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.docker.json.TaskJson;
import dev.hanse.docker.protocol.DockerDialect;
import dev.hanse.model.StoreAction;
import dev.hanse.model.StoreActionKind;
import dev.hanse.model.Task;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.HttpListener;
import dev.hanse.web.RawClient;
import dev.hanse.web.Router;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that ask for long lists and stop reading hold nothing that ends the daemon. */
class StalledListTest {
  /** In a process of its own, whose heap holds three states of the cluster, and not ten. */
  @Test
  @Tag("attack")
  void readersThatStallHoldNoFormerStatesOfTheCluster(@TempDir Path directory) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                Server.class.getName(),
                directory.resolve("socket").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("stalled list has 2000 tasks", "whole list has 2000 tasks");
  }

  /** What the other process does. */
  static final class Server {
    private static final int TASKS = 2_000;
    private static final int STATES = 10;
    private static final int TASK_BYTES = 12_000;

    private Server() {}

    public static void main(String[] arguments) throws Exception {
      Path socket = Path.of(arguments[0]);
      AtomicReference<Snapshot> present = new AtomicReference<>(state(0));
      Router router = new Router();
      router.get(
          "/tasks",
          exchange ->
              new Listing<>(
                      Kind.TASK, present::get, (_, _) -> true, (_, task) -> TaskJson.task(task))
                  .send(exchange));
      try (HttpListener listener =
          HttpListener.start(
              List.of(new HttpListener.Endpoint.UnixSocket(socket, "docker")),
              router,
              new DockerDialect("test", fault -> HttpFailure.internal(String.valueOf(fault))))) {
        List<RawClient> stalled = new ArrayList<>();
        for (int number = 1; number <= STATES; number++) {
          RawClient client = ask(socket);
          client.head();
          stalled.add(client);
          present.set(Snapshot.empty());
          present.set(state(number));
        }
        System.out.println("stalled list has " + tasks(stalled.getFirst()) + " tasks");
        System.out.println("whole list has " + tasks(ask(socket)) + " tasks");
        for (RawClient client : stalled) {
          client.close();
        }
      }
      Files.deleteIfExists(socket);
      System.exit(0);
    }

    private static RawClient ask(Path socket) throws Exception {
      return RawClient.connect(socket)
          .send("GET /tasks HTTP/1.1\nHost: docker\nConnection: close\n\n");
    }

    /** Counted while it is read: it does not fit into the heap. */
    private static int tasks(RawClient client) throws Exception {
      byte[] wanted = "\"ServiceID\"".getBytes(StandardCharsets.UTF_8);
      int found = 0;
      int matched = 0;
      for (byte[] part = client.bytes(8192); part.length > 0; part = client.bytes(8192)) {
        for (byte one : part) {
          matched = one == wanted[matched] ? matched + 1 : one == wanted[0] ? 1 : 0;
          if (matched == wanted.length) {
            found++;
            matched = 0;
          }
        }
      }
      return found;
    }

    private static Snapshot state(int number) {
      List<StoreAction> actions = new ArrayList<>();
      for (int i = 0; i < TASKS; i++) {
        Task.Builder task = Task.newBuilder().setId("task%05d".formatted(i)).setServiceId("web");
        task.getSpecBuilder()
            .getContainerBuilder()
            .addEnv(("STATE" + number + "=").concat("x".repeat(TASK_BYTES)));
        actions.add(Kind.TASK.action(StoreActionKind.STORE_ACTION_CREATE, task.build()));
      }
      return Snapshot.empty().preview(new Changes(actions));
    }
  }
}
