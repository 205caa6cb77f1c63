package dev.hanse.runtime.process;

import dev.hanse.health.FaultLog;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.kernel.file.SpecialFiles;
import dev.hanse.kernel.pipe.PipeEnd;
import dev.hanse.kernel.pipe.PipeListener;
import dev.hanse.kernel.pipe.PipeMode;
import dev.hanse.kernel.pipe.PipeReader;
import dev.hanse.kernel.pipe.PipeWriter;
import dev.hanse.kernel.pipe.Pipes;
import dev.hanse.runtime.RuntimeFault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The FIFOs between one process and us. They are files, and the shim holds both ends: when the
 * daemon dies, what the process writes waits in them for the next daemon.
 */
public final class StandardStreams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StandardStreams.class);
  private static final int FIFO_MODE = 0600;

  /** For how long a process that was started may have no reader of its input. */
  private static final Duration READER_MAX = Duration.ofSeconds(10);

  private static final long READER_POLL_NANOS = 1_000_000;

  private final Pipes pipes;
  private final Path directory;
  private final String name;
  private final boolean terminal;
  private final boolean stdin;
  private final List<OutputListener> listeners = new CopyOnWriteArrayList<>();
  private final List<PipeReader> readers = new CopyOnWriteArrayList<>();
  private volatile boolean paused;

  /** The process is gone. */
  private volatile boolean over;

  private final AtomicInteger open = new AtomicInteger();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final FaultLog faults;

  private StandardStreams(
      Pipes pipes, Path directory, String name, boolean terminal, boolean stdin) {
    this.pipes = pipes;
    this.directory = directory;
    this.name = name;
    this.terminal = terminal;
    this.stdin = stdin;
    this.faults = new FaultLog("output of " + directory.getFileName() + " " + name);
  }

  /** New FIFOs for a process that is about to start. */
  public static StandardStreams create(
      Pipes pipes,
      Path directory,
      String name,
      boolean terminal,
      boolean stdin,
      OutputListener listener) {
    var streams = new StandardStreams(pipes, directory, name, terminal, stdin);
    try {
      OwnFiles.directory(directory);
      for (Path fifo : streams.files()) {
        Files.deleteIfExists(fifo);
        SpecialFiles.makeFifo(fifo, FIFO_MODE);
      }
    } catch (IOException | KernelException failure) {
      throw new RuntimeFault(RuntimeFault.Kind.INTERNAL, "making FIFOs in " + directory, failure);
    }
    streams.listen(listener);
    return streams;
  }

  /** The FIFOs of a process that was started by an earlier run of the daemon. */
  public static StandardStreams reopen(
      Pipes pipes,
      Path directory,
      String name,
      boolean terminal,
      boolean stdin,
      OutputListener listener) {
    var streams = new StandardStreams(pipes, directory, name, terminal, stdin);
    streams.listen(listener);
    return streams;
  }

  private List<Path> files() {
    var files = new ArrayList<Path>();
    files.add(stdoutFile());
    stderrFile().ifPresent(files::add);
    stdinFile().ifPresent(files::add);
    return files;
  }

  /** The FIFO that the process writes its output to. */
  public Path stdoutFile() {
    return directory.resolve(name + "stdout");
  }

  /** A terminal has one output only. */
  public Optional<Path> stderrFile() {
    return terminal ? Optional.empty() : Optional.of(directory.resolve(name + "stderr"));
  }

  /** The FIFO that the process reads, if it has a standard input. */
  public Optional<Path> stdinFile() {
    return stdin ? Optional.of(directory.resolve(name + "stdin")) : Optional.empty();
  }

  private void listen(OutputListener listener) {
    listeners.add(listener);
    tell(listener, told -> told.begins(new Both()));
    // One more than the streams, so that the first cannot end all before the second began.
    open.incrementAndGet();
    read(stdoutFile(), OutputListener.Stream.STDOUT);
    stderrFile().ifPresent(file -> read(file, OutputListener.Stream.STDERR));
    oneEnded();
  }

  private void read(Path file, OutputListener.Stream stream) {
    if (!Files.exists(file)) {
      return;
    }
    open.incrementAndGet();
    try {
      PipeReader reader = pipes.read(file, PipeMode.ONE_WAY, new Reception(stream));
      readers.add(reader);
      if (paused) {
        reader.pause(); // By what the other stream has brought already.
      }
    } catch (KernelException failure) {
      open.decrementAndGet();
      close();
      throw new RuntimeFault(RuntimeFault.Kind.INTERNAL, "opening " + file, failure);
    }
  }

  private void oneEnded() {
    if (open.decrementAndGet() == 0) {
      listeners.forEach(listener -> tell(listener, OutputListener::ended));
      ended.complete(null);
    }
  }

  /** A listener's fault is its own: the output goes on, to it too. */
  private void tell(OutputListener listener, Consumer<OutputListener> news) {
    try {
      news.accept(listener);
    } catch (RuntimeException | Error fault) {
      faults.log(fault);
    }
  }

  private final class Reception implements PipeListener {
    private final OutputListener.Stream stream;

    Reception(OutputListener.Stream stream) {
      this.stream = stream;
    }

    @Override
    public void received(PipeReader reader, ByteBuffer bytes) {
      for (OutputListener listener : listeners) {
        tell(listener, told -> told.output(stream, bytes.duplicate()));
      }
    }

    @Override
    public void ended(PipeReader reader, PipeEnd end) {
      if (end instanceof PipeEnd.Failed(Throwable reason)) {
        LOG.warn("{} of {} {} is not read any more", stream, directory, name, reason);
      }
      oneEnded();
    }
  }

  /** Adds a listener until the result is closed. */
  public AutoCloseable attach(OutputListener listener) {
    listeners.add(listener);
    if (ended.isDone() && listeners.remove(listener)) {
      tell(listener, OutputListener::ended);
    }
    return () -> listeners.remove(listener);
  }

  /** Both streams. */
  private final class Both implements OutputListener.Flow {
    @Override
    public void pause() {
      StandardStreams.this.pause();
    }

    @Override
    public void resume() {
      StandardStreams.this.resume();
    }
  }

  void pause() {
    paused = true;
    readers.forEach(PipeReader::pause);
  }

  void resume() {
    paused = false;
    readers.forEach(PipeReader::resume);
  }

  /** Completes when both outputs have ended. */
  public CompletableFuture<Void> ended() {
    return ended;
  }

  /** The process is gone and the shim has passed on everything: deliver it and end. */
  public void finish() {
    over = true;
    readers.forEach(PipeReader::finish);
  }

  /**
   * Opens the standard input of a process that was started. The shim opens its end in a thread of
   * its own, so perhaps a little after it has said so: this waits for it.
   */
  public PipeWriter input() {
    Path file =
        stdinFile()
            .orElseThrow(
                () ->
                    new RuntimeFault(
                        RuntimeFault.Kind.CONFLICT, "the process has no standard input"));
    long end = System.nanoTime() + READER_MAX.toNanos();
    while (true) {
      try {
        return pipes.write(file, PipeMode.ONE_WAY);
      } catch (KernelException failure) {
        boolean mayCome = failure.errno().equals(Errno.ENXIO) && !over;
        if (!mayCome || System.nanoTime() - end > 0 || Thread.currentThread().isInterrupted()) {
          throw new RuntimeFault(
              RuntimeFault.Kind.CONFLICT, "the process does not read its input any more", failure);
        }
        LockSupport.parkNanos(READER_POLL_NANOS);
      }
    }
  }

  /** Stops reading; the FIFOs stay. */
  @Override
  public void close() {
    readers.forEach(PipeReader::close);
  }

  /** Stops reading and removes the FIFOs. */
  public void remove() {
    close();
    try {
      for (Path fifo : files()) {
        Files.deleteIfExists(fifo);
      }
    } catch (IOException failure) {
      throw new RuntimeFault(RuntimeFault.Kind.INTERNAL, "removing FIFOs in " + directory, failure);
    }
  }
}
