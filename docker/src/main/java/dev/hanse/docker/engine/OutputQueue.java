package dev.hanse.docker.engine;

import com.google.protobuf.ByteString;
import dev.hanse.docker.http.LogStreams;
import dev.hanse.runtime.containers.OutputListener;
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
 * falls behind by more than {@link #BYTES_MAX} is cut off.
 */
final class OutputQueue implements OutputListener {
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

  private record Chunk(Stream stream, ByteString bytes) {}

  private final boolean framed;
  private final Deque<Chunk> chunks = new ArrayDeque<>();
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
  OutputQueue(boolean framed) {
    this.framed = framed;
  }

  /** Names what can be held up; it may have begun to write before. */
  synchronized void holdsUp(Source writer) {
    source = writer;
    pauseOrResume();
  }

  @Override
  public synchronized void output(Stream stream, ByteBuffer chunk) {
    if (overrun || ended || abandoned) {
      return;
    }
    ByteString bytes = ByteString.copyFrom(chunk);
    held += bytes.size();
    if (held > BYTES_MAX) {
      overrun = true;
      chunks.clear();
    } else {
      chunks.add(new Chunk(stream, bytes));
      pauseOrResume();
    }
    notifyAll();
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
  void copyTo(OutputStream client) throws IOException, InterruptedException {
    try {
      Chunk chunk = next();
      while (chunk != null) {
        LogStreams.write(client, !framed, kind(chunk.stream()), "", chunk.bytes());
        client.flush();
        chunk = next();
      }
    } finally {
      abandon();
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
  private synchronized void abandon() {
    abandoned = true;
    chunks.clear();
    held = 0;
    pauseOrResume();
  }

  private synchronized @Nullable Chunk next() throws IOException, InterruptedException {
    while (chunks.isEmpty() && !ended && !overrun) {
      wait();
    }
    if (overrun) {
      throw new IOException("the client reads too slowly: " + BYTES_MAX + " bytes are waiting");
    }
    Chunk chunk = chunks.poll();
    if (chunk != null) {
      held -= chunk.bytes().size();
      pauseOrResume();
    }
    return chunk;
  }
}
