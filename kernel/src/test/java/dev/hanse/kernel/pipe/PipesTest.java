package dev.hanse.kernel.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.file.SpecialFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class PipesTest {
  @TempDir Path directory;

  /** Keeps what arrives. */
  private static final class Collector implements PipeListener {
    final BlockingQueue<String> chunks = new LinkedBlockingQueue<>();
    final CompletableFuture<PipeEnd> end = new CompletableFuture<>();

    @Override
    public void received(PipeReader reader, ByteBuffer bytes) {
      chunks.add(StandardCharsets.UTF_8.decode(bytes).toString());
    }

    @Override
    public void ended(PipeReader reader, PipeEnd reason) {
      end.complete(reason);
    }

    String all() {
      return String.join("", chunks);
    }
  }

  /** A thread whose faults are none of the test's. */
  private static AutoCloseable thread(PipeThread.Work turn) {
    AtomicBoolean closed = new AtomicBoolean();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!closed.get()) {
                    turn.await();
                    turn.perform();
                  }
                });
    return () -> {
      closed.set(true);
      if (Thread.currentThread() != thread) {
        thread.join();
      }
    };
  }

  @Test
  void whatAListenerThrowsEndsItsPipeAndNoOther() throws Exception {
    try (Pipes pipes = Pipes.start(PipesTest::thread)) {
      CompletableFuture<PipeEnd> failed = new CompletableFuture<>();
      StackOverflowError fault = new StackOverflowError();
      pipes.read(
          fifo("bad"),
          PipeMode.ONE_WAY,
          new PipeListener() {
            @Override
            public void received(PipeReader reader, ByteBuffer bytes) {
              throw fault;
            }

            @Override
            public void ended(PipeReader reader, PipeEnd reason) {
              failed.complete(reason);
              throw new AssertionError("and once more");
            }
          });
      Collector collector = new Collector();
      pipes.read(fifo("good"), PipeMode.ONE_WAY, collector);
      write(directory.resolve("bad"), "bad");
      assertThat(failed.get(10, TimeUnit.SECONDS)).isEqualTo(new PipeEnd.Failed(fault));
      write(directory.resolve("good"), "good");
      assertThat(collector.end.get(10, TimeUnit.SECONDS)).isEqualTo(new PipeEnd.EndOfFile());
      assertThat(collector.all()).isEqualTo("good");
    }
  }

  private Path fifo(String name) {
    Path path = directory.resolve(name);
    SpecialFiles.makeFifo(path, 0600);
    return path;
  }

  private static void write(Path fifo, String text) throws IOException {
    try (OutputStream stream = Files.newOutputStream(fifo)) {
      stream.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static long openDescriptors() throws IOException {
    try (var entries = Files.list(Path.of("/proc/self/fd"))) {
      return entries.count();
    }
  }

  /** The threads of Java code: those of the virtual machine come and go as it likes. */
  private static Set<Thread> threads() {
    return Set.copyOf(Thread.getAllStackTraces().keySet());
  }

  @Test
  void threeHundredFifosAreReadByOneThreadAndLeaveNothing() throws Exception {
    long before = openDescriptors();
    List<Path> fifos = new ArrayList<>();
    List<Collector> collectors = new ArrayList<>();
    String line = "x".repeat(100_000);
    try (Pipes pipes = Pipes.start(PipesTest::thread)) {
      Set<Thread> threadsBefore = threads();
      for (int i = 0; i < 300; i++) {
        fifos.add(fifo("fifo" + i));
        collectors.add(new Collector());
        pipes.read(fifos.get(i), PipeMode.ONE_WAY, collectors.get(i));
      }
      assertThat(threads()).isSubsetOf(threadsBefore);
      for (int i = 0; i < 300; i++) {
        write(fifos.get(i), i + line);
      }
      for (int i = 0; i < 300; i++) {
        assertThat(collectors.get(i).end.get(10, TimeUnit.SECONDS))
            .isEqualTo(new PipeEnd.EndOfFile());
        assertThat(collectors.get(i).all()).isEqualTo(i + line);
      }
    }
    assertThat(openDescriptors()).isEqualTo(before);
  }

  @Test
  void aFifoKeptOpenSurvivesItsWritersUntilItIsFinished() throws Exception {
    try (Pipes pipes = Pipes.start(PipesTest::thread)) {
      Path path = fifo("fifo");
      Collector collector = new Collector();
      PipeReader reader = pipes.read(path, PipeMode.KEEP_OPEN, collector);
      write(path, "first");
      assertThat(collector.chunks.poll(10, TimeUnit.SECONDS)).isEqualTo("first");
      write(path, "second");
      assertThat(collector.chunks.poll(10, TimeUnit.SECONDS)).isEqualTo("second");
      reader.pause();
      write(path, "third");
      reader.finish();
      assertThat(collector.end.get(10, TimeUnit.SECONDS)).isEqualTo(new PipeEnd.Closed());
      assertThat(collector.all()).isEqualTo("third");
    }
  }

  @Test
  void aPausedReaderStopsItsWriter() throws Exception {
    try (Pipes pipes = Pipes.start(PipesTest::thread)) {
      Path path = fifo("fifo");
      List<Integer> sizes = new ArrayList<>();
      CompletableFuture<PipeReader> first = new CompletableFuture<>();
      CompletableFuture<PipeEnd> end = new CompletableFuture<>();
      pipes.read(
          path,
          PipeMode.ONE_WAY,
          new PipeListener() {
            @Override
            public void received(PipeReader reader, ByteBuffer bytes) {
              sizes.add(bytes.remaining());
              if (!first.isDone()) {
                reader.pause();
                first.complete(reader);
              }
            }

            @Override
            public void ended(PipeReader reader, PipeEnd reason) {
              end.complete(reason);
            }
          });
      int total = 1_000_000;
      CompletableFuture<Void> written = new CompletableFuture<>();
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      write(path, "x".repeat(total));
                      written.complete(null);
                    } catch (IOException fault) {
                      written.completeExceptionally(fault);
                    }
                  });
      PipeReader reader = first.get(10, TimeUnit.SECONDS);
      // The writer is stuck in the kernel: the pipe holds 64 KiB, and nobody reads.
      assertThatThrownBy(() -> written.get(200, TimeUnit.MILLISECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      assertThat(end).isNotDone();
      reader.resume();
      assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(new PipeEnd.EndOfFile());
      writer.join();
      assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(total);
    }
  }

  @Test
  void aListenerThatThrowsEndsItsPipeAlone() throws Exception {
    try (Pipes pipes = Pipes.start(PipesTest::thread)) {
      Path path = fifo("bad");
      RuntimeException fault = new IllegalStateException("cannot take it");
      CompletableFuture<PipeEnd> end = new CompletableFuture<>();
      pipes.read(
          path,
          PipeMode.KEEP_OPEN,
          new PipeListener() {
            @Override
            public void received(PipeReader reader, ByteBuffer bytes) {
              throw fault;
            }

            @Override
            public void ended(PipeReader reader, PipeEnd reason) {
              end.complete(reason);
            }
          });
      Collector other = new Collector();
      Path good = fifo("good");
      pipes.read(good, PipeMode.ONE_WAY, other);
      write(path, "x");
      assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(new PipeEnd.Failed(fault));
      write(good, "still read");
      assertThat(other.end.get(10, TimeUnit.SECONDS)).isEqualTo(new PipeEnd.EndOfFile());
      assertThat(other.all()).isEqualTo("still read");
    }
  }

  @Test
  void aWriterWaitsForRoomAndItsCloseIsTheReadersEnd() throws Exception {
    try (Pipes pipes = Pipes.start(PipesTest::thread)) {
      Path path = fifo("fifo");
      assertThatThrownBy(() -> pipes.write(path, PipeMode.ONE_WAY))
          .isInstanceOfSatisfying(
              KernelException.class, thrown -> assertThat(thrown.errno()).isEqualTo(Errno.ENXIO));
      PipeWriter writer = pipes.write(path, PipeMode.KEEP_OPEN);
      String text = "0123456789".repeat(50_000);
      CompletableFuture<Void> written = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  writer.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
                  writer.close();
                  written.complete(null);
                } catch (IOException fault) {
                  written.completeExceptionally(fault);
                }
              });
      Collector collector = new Collector();
      pipes.read(path, PipeMode.ONE_WAY, collector);
      assertThat(collector.end.get(10, TimeUnit.SECONDS)).isEqualTo(new PipeEnd.EndOfFile());
      assertThat(written).succeedsWithin(java.time.Duration.ofSeconds(10));
      assertThat(collector.all()).isEqualTo(text);
    }
  }

  @Test
  void closingEndsAWriteThatWaits() throws Exception {
    try (Pipes pipes = Pipes.start(PipesTest::thread)) {
      PipeWriter writer = pipes.write(fifo("fifo"), PipeMode.KEEP_OPEN);
      CompletableFuture<Throwable> outcome = new CompletableFuture<>();
      ByteBuffer bytes = ByteBuffer.allocate(1_000_000);
      Thread thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      writer.write(bytes);
                    } catch (IOException fault) {
                      outcome.complete(fault);
                    }
                  });
      while (thread.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      writer.close();
      assertThat(outcome.get(10, TimeUnit.SECONDS)).isInstanceOf(ClosedChannelException.class);
      thread.join();
      assertThat(bytes.position()).isEqualTo(65_536);
    }
  }

  @Test
  void closingTheLoopEndsAllPipes() throws Exception {
    Pipes pipes = Pipes.start(PipesTest::thread);
    Collector collector = new Collector();
    PipeReader reader = pipes.read(fifo("fifo"), PipeMode.KEEP_OPEN, collector);
    pipes.close();
    assertThat(collector.end.get(10, TimeUnit.SECONDS)).isEqualTo(new PipeEnd.Closed());
    reader.close();
    assertThatThrownBy(() -> pipes.read(fifo("late"), PipeMode.KEEP_OPEN, collector))
        .hasMessage("pipes are closed");
  }
}
