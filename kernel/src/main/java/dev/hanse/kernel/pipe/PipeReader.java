package dev.hanse.kernel.pipe;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import java.nio.ByteBuffer;

/**
 * A pipe being read. The public methods may be called on any thread, and again after its end; the
 * others and the plain fields belong to the thread of {@link Pipes}.
 */
public final class PipeReader implements AutoCloseable {
  private static final Errno EIO = new Errno(5);

  private final Pipes pipes;
  private final int descriptor;
  private final PipeListener listener;
  private final long token;
  private volatile boolean paused;
  private boolean watched;
  private boolean ended;

  PipeReader(Pipes pipes, long token, int descriptor, PipeListener listener) {
    this.pipes = pipes;
    this.token = token;
    this.descriptor = descriptor;
    this.listener = listener;
  }

  /**
   * Stops handing over. Called within {@link PipeListener#received} nothing more arrives until
   * {@link #resume}; called on another thread, one more chunk may.
   */
  public void pause() {
    paused = true;
    pipes.onLoop(this::updateWatch);
  }

  /** Hands over again. */
  public void resume() {
    paused = false;
    pipes.onLoop(this::updateWatch);
  }

  /**
   * Hands over what is in the pipe at that moment, then ends with {@link PipeEnd.Closed}: for a
   * pipe that is kept open and whose writer is known to be gone. A pause does not hold it up.
   */
  public void finish() {
    pipes.onLoop(this::drain);
  }

  /** Ends with {@link PipeEnd.Closed}; what is in the pipe is lost. */
  @Override
  public void close() {
    pipes.onLoop(() -> end(new PipeEnd.Closed()));
  }

  /**
   * Begins or stops to watch. A paused pipe is not registered: a hang-up would be reported always.
   */
  void updateWatch() {
    boolean wanted = !paused && !ended;
    if (wanted && !watched) {
      watched = true;
      pipes.epoll().add(descriptor, token, Epoll.READABLE);
    } else if (!wanted && watched) {
      watched = false;
      pipes.epoll().remove(descriptor);
    }
  }

  long token() {
    return token;
  }

  Registration registration() {
    return new Registration(this::ready, () -> end(new PipeEnd.Closed()));
  }

  private void ready() {
    if (!paused) {
      readOnce();
    }
  }

  private void drain() {
    long left = ended ? 0 : pipes.memory().available(descriptor);
    while (left > 0 && !ended) {
      int taken = readOnce();
      left = taken > 0 ? left - taken : 0;
    }
    end(new PipeEnd.Closed());
  }

  /** Hands over one chunk, or ends; returns the chunk's length. */
  private int readOnce() {
    long length = pipes.memory().read(descriptor);
    if (length > 0) {
      handOver(pipes.memory().chunk((int) length));
      return (int) length;
    }
    Errno errno = new Errno((int) -length);
    if (length == 0 || errno.equals(EIO)) {
      // A terminal whose other side is gone says EIO in place of an end of file.
      end(new PipeEnd.EndOfFile());
    } else if (!errno.equals(Errno.EAGAIN) && !errno.equals(Errno.EINTR)) {
      end(new PipeEnd.Failed(new KernelException("read pipe", errno)));
    }
    return 0;
  }

  private void handOver(ByteBuffer chunk) {
    try {
      listener.received(this, chunk);
    } catch (RuntimeException | Error fault) {
      end(new PipeEnd.Failed(fault));
    }
  }

  private void end(PipeEnd reason) {
    if (ended) {
      return;
    }
    ended = true;
    updateWatch();
    pipes.forget(token);
    Descriptors.close(descriptor);
    listener.ended(this, reason);
  }
}
