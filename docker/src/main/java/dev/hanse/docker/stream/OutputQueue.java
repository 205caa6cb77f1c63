package dev.hanse.docker.stream;

import com.google.protobuf.ByteString;
import dev.hanse.bounds.HeapShares;
import dev.hanse.bounds.MemoryShare;
import dev.hanse.docker.protocol.LogStreams;
import dev.hanse.runtime.process.OutputListener;
import dev.hanse.web.Duplex;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Carries a process's output from the reader thread, which must never wait, to one client, which
 * may be slow. Where the process may be held up (an exec serves its client alone), it is, as soon
 * as {@link #PAUSE_BYTES} wait. Where it may not (a container that others read too), a client that
 * falls behind by more than {@link #BYTES_MAX} is cut off, or sooner if all clients together exceed
 * their share of the heap and this is the one that has read nothing for longest.
 */
public final class OutputQueue implements OutputListener, AutoCloseable {
  /** Output held for one client, bytes. */
  static final int BYTES_MAX = 32 << 20;

  /** With this much waiting the source is asked to pause, bytes. */
  static final int PAUSE_BYTES = 1 << 20;

  /** With no more than this waiting a paused source goes on, bytes. */
  static final int RESUME_BYTES = 256 << 10;

  /** Where the output comes from, if it can be held up. Neither call may block. */
  interface Source {
    /** Nothing more for now; what is on its way still comes. */
    void pause();

    /** Go on. */
    void resume();
  }

  /** What a piece takes besides its bytes; containers write single bytes, too. */
  private static final long CHUNK_OVERHEAD_BYTES = 96L;

  private record Chunk(Stream stream, ByteString bytes) {
    long size() {
      return bytes.size() + CHUNK_OVERHEAD_BYTES;
    }
  }

  private final boolean framed;
  private final Deque<Chunk> chunks = new ArrayDeque<>();
  private final MemoryShare.Claim memory;
  private Runnable connection = () -> {};
  private @Nullable Source source;
  private long held;
  private boolean paused;
  private boolean ended;
  private boolean overrun;
  private boolean abandoned;

  /**
   * A queue for one client.
   *
   * @param framed each piece gets Docker's header of stream and length; else the bytes as they are
   */
  public OutputQueue(boolean framed) {
    this(framed, HeapShares.OUTPUT);
  }

  /** An empty queue, whose bytes count in that share of memory. */
  public OutputQueue(boolean framed, MemoryShare share) {
    this.framed = framed;
    this.memory = share.yielding(this::overrun);
  }

  /** Names what can be held up; it may have begun to write before. */
  synchronized void holdsUp(Source writer) {
    source = writer;
    pauseOrResume();
  }

  @Override
  public void output(Stream stream, ByteBuffer chunk) {
    long size = chunk.remaining() + CHUNK_OVERHEAD_BYTES;
    // Not under the monitor: room may be made by cutting other queues.
    if (!isOver() && !(memory.grow(size) && add(new Chunk(stream, ByteString.copyFrom(chunk))))) {
      overrun();
    }
  }

  private synchronized boolean isOver() {
    return overrun || ended || abandoned;
  }

  private synchronized boolean add(Chunk chunk) {
    held += chunk.size();
    if (overrun || abandoned || held > BYTES_MAX) {
      return false;
    }
    chunks.add(chunk);
    pauseOrResume();
    notifyAll();
    return true;
  }

  /** The client is too slow: what waits is dropped, and its connection cut if it still reads. */
  private void overrun() {
    Runnable cut;
    synchronized (this) {
      if (abandoned || overrun) {
        return;
      }
      overrun = true;
      drop();
      cut = connection;
      notifyAll();
    }
    cut.run();
  }

  private void drop() {
    chunks.clear();
    held = 0;
    memory.close();
    pauseOrResume();
  }

  private void pauseOrResume() {
    if (source == null) {
      return;
    }
    if (!paused && held >= PAUSE_BYTES) {
      paused = true;
      source.pause();
    } else if (paused && held <= RESUME_BYTES) {
      paused = false;
      source.resume();
    }
  }

  @Override
  public synchronized void ended() {
    ended = true;
    notifyAll();
  }

  /** Writes to the client until the output ends; throws when the client is gone or too slow. */
  public void copyTo(Duplex client) throws IOException, InterruptedException {
    synchronized (this) {
      // Who waits for a client that reads nothing is woken by that.
      connection = client::cut;
    }
    try {
      OutputStream output = client.output();
      Chunk chunk = next();
      while (chunk != null) {
        LogStreams.write(output, !framed, kind(chunk.stream()), "", chunk.bytes());
        output.flush();
        written(chunk);
        chunk = next();
      }
    } finally {
      close();
    }
  }

  private synchronized void written(Chunk chunk) {
    if (!overrun) {
      held -= chunk.size();
      memory.shrink(chunk.size());
      pauseOrResume();
    }
  }

  /** The stream as frames name it. */
  static LogStreams.Kind kind(Stream stream) {
    return switch (stream) {
      case STDOUT -> LogStreams.Kind.STDOUT;
      case STDERR -> LogStreams.Kind.STDERR;
    };
  }

  /** Nobody reads any more: what comes is dropped, and the process is not held up. */
  @Override
  public synchronized void close() {
    abandoned = true;
    drop();
  }

  private synchronized @Nullable Chunk next() throws IOException, InterruptedException {
    while (chunks.isEmpty() && !ended && !overrun) {
      wait();
    }
    if (overrun) {
      throw new IOException("the client reads too slowly");
    }
    return chunks.poll();
  }
}
