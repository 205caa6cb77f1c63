package dev.hanse.kernel.pipe;

import dev.hanse.kernel.Descriptors;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes any number of pipes with one thread. That thread alone reads, calls the
 * listeners and closes the descriptors of readers, so that no number is read after it was closed.
 */
public final class Pipes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Pipes.class);

  private final Epoll epoll = new Epoll();
  private final ReadMemory memory = new ReadMemory();
  private final Map<Long, Registration> registrations = new ConcurrentHashMap<>();
  private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
  private final AtomicLong tokens = new AtomicLong();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AutoCloseable thread;
  private volatile @Nullable Thread taking;
  private volatile boolean stopping;

  private Pipes(PipeThread thread) {
    this.thread = thread.begin(new Work());
  }

  /** Starts the thread. */
  public static Pipes start(PipeThread thread) {
    return new Pipes(thread);
  }

  /**
   * Opens a FIFO and hands what comes out of it to the listener.
   *
   * @throws dev.hanse.kernel.KernelException if it cannot be opened
   */
  public PipeReader read(Path fifo, PipeMode mode, PipeListener listener) {
    return read(Descriptors.open(fifo, mode.readingFlags()), listener);
  }

  /**
   * Takes over a descriptor opened with O_NONBLOCK and hands what comes out of it to the listener.
   */
  public PipeReader read(int descriptor, PipeListener listener) {
    PipeReader reader = new PipeReader(this, tokens.incrementAndGet(), descriptor, listener);
    register(descriptor, reader.token(), reader.registration());
    onLoop(reader::updateWatch);
    return reader;
  }

  /**
   * Opens a FIFO for writing.
   *
   * @throws dev.hanse.kernel.KernelException if it cannot be opened; ENXIO if nobody reads it
   */
  public PipeWriter write(Path fifo, PipeMode mode) {
    return write(Descriptors.open(fifo, mode.writingFlags()));
  }

  /** Takes over a descriptor opened with O_NONBLOCK, to write to it. */
  public PipeWriter write(int descriptor) {
    PipeWriter writer = new PipeWriter(this, tokens.incrementAndGet(), descriptor);
    register(descriptor, writer.token(), writer.registration());
    return writer;
  }

  private void register(int descriptor, long token, Registration registration) {
    registrations.put(token, registration);
    // If the loop is stopping, who takes the registration out closes the descriptor.
    if (stopping && registrations.remove(token, registration)) {
      Descriptors.close(descriptor);
      throw new IllegalStateException("pipes are closed");
    }
  }

  Epoll epoll() {
    return epoll;
  }

  ReadMemory memory() {
    return memory;
  }

  void forget(long token) {
    registrations.remove(token);
  }

  /** Runs on the loop's thread: at once if called there, else soon; not after {@link #close}. */
  void onLoop(Runnable command) {
    if (Thread.currentThread() == taking) {
      command.run();
    } else if (!stopping) {
      commands.add(command);
      epoll.wake();
    }
  }

  private final class Work implements PipeThread.Work {
    /** Of the thread. */
    private int ready;

    @Override
    public void await() {
      taking = Thread.currentThread();
      ready = 0;
      if (!stopping) {
        ready = epoll.await();
      }
    }

    @Override
    public void perform() {
      if (!stopping) {
        epoll.handOver(ready, Pipes.this::ready);
        for (Runnable next = commands.poll(); next != null; next = commands.poll()) {
          Pipes.perform(next);
        }
      }
      if (stopping) {
        end();
      }
    }
  }

  private void ready(long token) {
    Registration registration = registrations.get(token);
    if (registration != null) {
      perform(registration.ready());
    }
  }

  /** One pipe's fault, whatever it is, is none of the others. */
  private static void perform(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error fault) {
      log.error("a pipe's listener failed", fault);
    }
  }

  /** On the thread, or after its end. */
  private void end() {
    if (ended.getAndSet(true)) {
      return;
    }
    registrations.forEach(
        (token, registration) -> {
          if (registrations.remove(token, registration)) {
            perform(registration.end());
          }
        });
    epoll.close();
    memory.close();
  }

  /** Ends all pipes and the thread; waits for it unless called by a listener. */
  @Override
  public void close() {
    stopping = true;
    epoll.wake();
    try {
      thread.close();
    } catch (Exception fault) {
      throw new IllegalStateException("ending the thread of pipes", fault);
    }
    if (Thread.currentThread() != taking) {
      end();
    }
  }
}
