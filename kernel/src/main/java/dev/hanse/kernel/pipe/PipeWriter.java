package dev.hanse.kernel.pipe;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A pipe being written. The writing thread (best a virtual one) waits while the pipe is full; the
 * loop's thread only tells it when there is room. One thread writes at a time; closing is allowed
 * to any.
 */
public final class PipeWriter implements AutoCloseable {
  private static final int CHUNK_BYTES_MAX = 64 * 1024;
  private static final NativeFunction WRITE =
      NativeFunction.ofC("write", NativeFunction.Result.LONG);

  private final Pipes pipes;
  private final int descriptor;
  private final long token;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean watched;
  private boolean closed;

  PipeWriter(Pipes pipes, long token, int descriptor) {
    this.pipes = pipes;
    this.token = token;
    this.descriptor = descriptor;
  }

  /**
   * Writes all of it.
   *
   * @throws ClosedChannelException if the writer is closed, also meanwhile
   * @throws InterruptedIOException if the thread was interrupted while the pipe was full
   * @throws IOException if the reader is gone
   */
  public void write(ByteBuffer bytes) throws IOException {
    lock.lock();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory =
          arena.allocate(Math.min(CHUNK_BYTES_MAX, Math.max(1, bytes.remaining())));
      while (bytes.hasRemaining()) {
        writeSome(memory, bytes);
      }
    } finally {
      lock.unlock();
    }
  }

  private void writeSome(MemorySegment memory, ByteBuffer bytes) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    int length = (int) Math.min(memory.byteSize(), bytes.remaining());
    byte[] chunk = new byte[length];
    bytes.get(bytes.position(), chunk);
    MemorySegment.copy(chunk, 0, memory, JAVA_BYTE, 0, length);
    long written = WRITE.attempt(descriptor, memory.address(), length);
    if (written >= 0) {
      bytes.position(bytes.position() + (int) written);
      return;
    }
    Errno errno = new Errno((int) -written);
    if (errno.equals(Errno.EAGAIN)) {
      awaitRoom();
    } else if (!errno.equals(Errno.EINTR)) {
      throw new IOException(new KernelException("write pipe", errno));
    }
  }

  private void awaitRoom() throws IOException {
    if (!watched) {
      watched = true;
      pipes.epoll().add(descriptor, token, Epoll.WRITABLE);
    }
    try {
      while (watched && !closed) {
        changed.await();
      }
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      InterruptedIOException thrown =
          new InterruptedIOException("interrupted while a pipe is full");
      thrown.initCause(interruption);
      throw thrown;
    }
  }

  long token() {
    return token;
  }

  Registration registration() {
    return new Registration(this::ready, this::close);
  }

  private void ready() {
    lock.lock();
    try {
      unwatch();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void unwatch() {
    if (watched) {
      watched = false;
      pipes.epoll().remove(descriptor);
    }
  }

  /** Closes; the reader gets its end of file if this was the last writer. A waiting write ends. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        unwatch();
        pipes.forget(token);
        Descriptors.close(descriptor);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
