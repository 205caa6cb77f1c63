package dev.hanse.runtime.containers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.health.Health;
import dev.hanse.runtime.World;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.ContainerdProcess;
import dev.hanse.runtime.process.OutputListener;
import dev.hanse.runtime.process.ProcessInput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whoever is told of what containers do and throws something: all others are told, and so is he.
 */
@Tag("attack")
class ListenerFaultsTest {
  private static World world;

  @BeforeAll
  static void open() {
    world = World.withBusybox();
  }

  @AfterAll
  static void close() {
    world.close();
  }

  /** Throws an error on the first chunk, and at the end. */
  private static final class Failing implements OutputListener {
    final AtomicBoolean failed = new AtomicBoolean();
    final List<String> later = new CopyOnWriteArrayList<>();
    final CountDownLatch end = new CountDownLatch(1);

    @Override
    public void output(Stream stream, ByteBuffer chunk) {
      if (!failed.getAndSet(true)) {
        throw new StackOverflowError("a listener");
      }
      later.add(StandardCharsets.UTF_8.decode(chunk).toString());
    }

    @Override
    public void ended() {
      end.countDown();
      throw new UnsupportedOperationException("a listener");
    }
  }

  @Test
  void a_containers_output_goes_on_when_its_listener_fails() throws Exception {
    Failing output = new Failing();
    String id =
        world.start(
            settings -> settings.stdinOpen(true), output, "sh", "-c", "echo one; read x; echo two");
    World.eventually("the first has failed", output.failed::get);
    try (ProcessInput input = world.containers().input(id)) {
      input.write(ByteBuffer.wrap("go\n".getBytes(StandardCharsets.UTF_8)));
    }
    assertThat(world.containers().exit(id).get(20, TimeUnit.SECONDS).code()).isZero();
    assertThat(output.end.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(String.join("", output.later)).isEqualTo("two\n");
  }

  @Test
  void events_go_on_when_a_listener_fails() throws Exception {
    Set<String> told = ConcurrentHashMap.newKeySet();
    try (AutoCloseable unusedFailing =
            world
                .containers()
                .subscribe(
                    event -> {
                      throw new StackOverflowError("a listener");
                    });
        AutoCloseable unusedListening =
            world
                .containers()
                .subscribe(
                    event -> {
                      if (event instanceof ContainerEvent.Exited) {
                        told.add(event.containerId());
                      }
                    })) {
      for (int i = 0; i < 2; i++) {
        String id = world.run(settings -> settings, "true").id();
        World.eventually("the exit is told", () -> told.contains(id));
      }
    }
  }

  @Test
  void the_feed_goes_on_and_compares_when_an_event_cannot_be_handled() throws Exception {
    ContainerdProcess process = world.runtime().containerd();
    Set<String> ended = ConcurrentHashMap.newKeySet();
    AtomicBoolean failed = new AtomicBoolean();
    AtomicInteger compared = new AtomicInteger();
    Health health = new Health();
    EventFeed.Receiver receiver =
        new EventFeed.Receiver() {
          @Override
          public void exited(
              String containerId, String execId, int processId, int code, Instant at) {
            if (!failed.getAndSet(true)) {
              throw new StackOverflowError("an exit");
            }
            ended.add(containerId);
          }

          @Override
          public void outOfMemory(String containerId, Instant at) {}

          @Override
          public void compare() {
            if (compared.incrementAndGet() == 1) {
              throw new StackOverflowError("a comparison");
            }
          }
        };
    try (ContainerdClient client =
            new ContainerdClient(process.socket(), world.settings().namespace(), process.disk());
        EventFeed unusedFeed =
            EventFeed.open(health, process, client, world.settings().namespace(), receiver)) {
      // Once it is opened and once more, in spite of the first that failed.
      World.eventually("it compares", () -> compared.get() >= 3);
      int before = compared.get();
      World.eventually(
          "the subscription is there",
          () -> {
            world.run(settings -> settings, "true");
            return failed.get();
          });
      World.eventually("what was lost is compared", () -> compared.get() > before);
      String id = world.run(settings -> settings, "true").id();
      World.eventually("the next exit is told", () -> ended.contains(id));
      assertThat(health.vitalFaults()).isEmpty();
    }
    assertThat(health.report().entries()).isEmpty();
  }
}
