package dev.hanse.agent.task;

import com.google.protobuf.ByteString;
import dev.hanse.agent.log.ContainerLog;
import dev.hanse.agent.log.LogSource;
import dev.hanse.agent.log.LogStore;
import dev.hanse.health.FaultLog;
import dev.hanse.runtime.process.OutputListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what a container writes into its log. The disk is touched by a thread that this log alone
 * has while there is something to write, so that a slow one holds nobody else; when so much waits
 * for it that {@link #WAITING_BYTES_MAX} is reached, the container has to wait, too. A full disk
 * loses lines, never stops a container.
 */
public final class LogOutput implements OutputListener {
  private static final Logger LOG = LoggerFactory.getLogger(LogOutput.class);

  /** One chunk more may come after it was reached: see {@link OutputListener.Flow#pause}. */
  static final int WAITING_BYTES_MAX = 128 * 1024;

  private record Piece(LogSource source, ByteString bytes, Instant at) {}

  private final String containerId;
  private final ContainerLog log;
  private final LogStore logs;
  private final AtomicBoolean failing = new AtomicBoolean();
  private final FaultLog faults;

  // What follows is guarded by this.
  private final Deque<Piece> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private Optional<Flow> flow = Optional.empty();
  private boolean paused;
  private boolean ended;
  private boolean writing;

  /** For a container whose log has been opened. */
  public LogOutput(String containerId, ContainerLog log, LogStore logs) {
    this.containerId = containerId;
    this.log = log;
    this.logs = logs;
    this.faults = new FaultLog("log of container " + containerId);
  }

  @Override
  public synchronized void begins(Flow ofOutput) {
    flow = Optional.of(ofOutput);
  }

  @Override
  public void output(Stream stream, ByteBuffer chunk) {
    LogSource source =
        switch (stream) {
          case STDOUT -> LogSource.STDOUT;
          case STDERR -> LogSource.STDERR;
        };
    Piece piece = new Piece(source, ByteString.copyFrom(chunk), Instant.now());
    log.announce(piece.bytes.size());
    synchronized (this) {
      waiting.add(piece);
      waitingBytes += piece.bytes.size();
      if (waitingBytes >= WAITING_BYTES_MAX) {
        hold(true);
      }
      write();
    }
  }

  @Override
  public synchronized void ended() {
    log.announceEnd();
    ended = true;
    write();
  }

  private void hold(boolean up) {
    if (paused != up) {
      paused = up;
      flow.ifPresent(up ? Flow::pause : Flow::resume);
    }
  }

  /** Has the thread write, if it does not already. */
  private void write() {
    if (writing) {
      return;
    }
    try {
      logs.writers().execute(this::writeAll);
      writing = true;
    } catch (RejectedExecutionException | OutOfMemoryError noThread) {
      writeAll(); // Slower for others, but nothing is lost and nothing piles up.
    }
  }

  private void writeAll() {
    List<Piece> pieces = take();
    while (!pieces.isEmpty()) {
      pieces.forEach(this::append);
      pieces = take();
    }
  }

  /** Empty when this thread is to end. */
  private List<Piece> take() {
    boolean last;
    synchronized (this) {
      List<Piece> pieces = new ArrayList<>(waiting);
      waiting.clear();
      waitingBytes = 0;
      if (!pieces.isEmpty()) {
        return pieces;
      }
      hold(false);
      last = ended;
      writing = false;
    }
    if (last) {
      finish();
    }
    return List.of();
  }

  private void append(Piece piece) {
    try {
      log.append(piece.source, piece.bytes, piece.at);
      failing.set(false);
    } catch (IOException refused) {
      if (!failing.getAndSet(true)) {
        LOG.warn("output of container {} is being lost: {}", containerId, refused.getMessage());
      }
    } catch (RuntimeException | Error fault) {
      faults.log(fault);
    }
  }

  private void finish() {
    try {
      logs.finish(containerId, log, Instant.now());
    } catch (IOException refused) {
      LOG.warn("could not close the log of container {}: {}", containerId, refused.getMessage());
    } catch (RuntimeException | Error fault) {
      faults.log(fault);
    }
  }
}
