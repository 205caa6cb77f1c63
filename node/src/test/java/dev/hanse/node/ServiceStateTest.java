package dev.hanse.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.kernel.process.Supervisor;
import dev.hanse.node.daemon.Daemon;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the service manager is told, received by socat as systemd receives it. */
@Timeout(60)
class ServiceStateTest {
  private static final Duration PERIOD = Duration.ofMillis(90);
  private static final String FED = "WATCHDOG=1";

  @TempDir Path directory;
  private final AtomicLong now = new AtomicLong();
  private final Health health = new Health(now::get);
  private final LinkedBlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
  private final AtomicInteger fed = new AtomicInteger();
  private Process listener;
  private Supervisor supervisor;

  @BeforeEach
  void listen() throws Exception {
    Path socket = directory.resolve("notify");
    listener = new ProcessBuilder("socat", "-u", "UNIX-RECV:" + socket, "STDOUT").start();
    Reader told = listener.inputReader();
    Thread.ofVirtual().start(() -> count(told));
    while (!Files.exists(socket)) {
      assertThat(listener.isAlive()).isTrue();
      Thread.onSpinWait();
    }
    supervisor =
        Supervisor.of(
                Map.of(
                    "NOTIFY_SOCKET",
                    socket.toString(),
                    "WATCHDOG_USEC",
                    Long.toString(PERIOD.toNanos() / 1000)),
                0)
            .orElseThrow();
  }

  /** Datagrams have no end of line between them. */
  private void count(Reader told) {
    StringBuilder text = new StringBuilder();
    try {
      for (int letter = told.read(); letter >= 0; letter = told.read()) {
        text.append((char) letter);
        if (text.toString().endsWith(FED)) {
          text.setLength(0);
          fed.incrementAndGet();
        }
      }
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  @AfterEach
  void end() throws InterruptedException {
    listener.destroyForcibly().waitFor();
  }

  private final Turn<Runnable> turn =
      new Turn<>() {
        @Override
        public Runnable await() throws InterruptedException {
          return mailbox.take();
        }

        @Override
        public void perform(Runnable event) {
          event.run();
        }
      };

  @Test
  @Tag("attack")
  void the_watchdog_is_fed_unless_a_vital_thread_is_lost() throws Exception {
    AtomicBoolean containerdAnswers = new AtomicBoolean(true);
    CountDownLatch leave = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    try (Health.Part containerd =
            health.condition(
                "containerd",
                true,
                () -> containerdAnswers.get() ? Optional.empty() : Optional.of("gone"));
        OwnerThread thread =
            OwnerThread.named(health, "loop")
                .vital()
                .stuckAfter(Duration.ofSeconds(30))
                .of(turn)
                .start();
        ServiceState state =
            new ServiceState(
                Optional.of(supervisor),
                () -> {
                  asked.incrementAndGet();
                  return Daemon.isAlive(health);
                })) {
      state.ready();
      awaitFed();
      containerdAnswers.set(false);
      assertThat(health.vitalFaults()).hasSize(1);
      awaitFed();

      CountDownLatch entered = new CountDownLatch(1);
      mailbox.put(
          () -> {
            entered.countDown();
            awaitQuietly(leave);
          });
      entered.await();
      now.addAndGet(Duration.ofSeconds(31).toNanos());
      assertThat(health.report().needsNewProcess()).isTrue();
      awaitMore(asked, 2); // One that was under way may still have been answered well.
      int before = fed.get();
      awaitMore(asked, 3);
      assertThat(fed.get()).as("nothing feeds it").isLessThanOrEqualTo(before + 1);
      int stopped = fed.get();
      awaitMore(asked, 2);
      assertThat(fed.get()).isEqualTo(stopped);

      leave.countDown();
      awaitFed();
      assertThat(thread.isAlive()).isTrue();
      assertThat(containerd).isNotNull();
    }
  }

  private void awaitFed() {
    awaitMore(fed, 2);
  }

  private static void awaitMore(AtomicInteger count, int more) {
    int target = count.get() + more;
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (count.get() < target) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }
}
