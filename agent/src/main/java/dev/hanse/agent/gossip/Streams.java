package dev.hanse.agent.gossip;

import dev.hanse.bounds.Places;
import dev.hanse.gossip.StreamOutcome;
import dev.hanse.health.Health;
import dev.hanse.health.LivedTime;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Questions and answers over TCP, one pair for each connection, on virtual threads:
 *
 * <pre>
 * answering side   random number (16 bytes)
 * asking side      length (4), sealed question
 * answering side   length (4), sealed answer
 * </pre>
 *
 * Both are bound to the number, so that none can be replayed. Time limits are in lived time: while
 * this process stood still the other side was not late.
 */
final class Streams implements Turn<Socket> {
  private static final Logger log = LoggerFactory.getLogger(Streams.class);
  static final int NUMBER_BYTES = 16;
  static final int FRAME_BYTES_MAX = (2 << 20) + Envelope.OVERHEAD_BYTES;

  /** Connections that nobody knows yet: they compete with each other, see {@link Places}. */
  static final int SERVED_MAX = 256;

  static final int SERVED_PER_SOURCE_MAX = 32;

  /**
   * Of questions that are not complete, and so cannot be checked yet. An honest one is a few
   * kilobytes, some hundred in a swarm of thousands.
   */
  static final int UNREAD_BYTES_MAX = 16 << 20;

  private static final int FIRST_BUFFER_BYTES = 4 << 10;
  private static final int ASKED_MAX = 64;
  private static final int SERVE_MS_MAX = 3_000;

  /** Who takes what has come; called on the connection's thread. */
  interface Receiver {
    /** A question of a holder of a key; completed with nothing when there is no answer. */
    void asked(byte[] packet, CompletableFuture<byte[]> answer);

    /** The answer to a question of ours. */
    void answered(long exchange, byte[] packet);

    /** There was none. */
    void failed(long exchange, StreamOutcome outcome);

    /** May this source be served now? */
    boolean admits(InetSocketAddress source);
  }

  private static final Duration END_WAIT_MAX = Duration.ofSeconds(2);

  private final OwnerThread acceptor;
  private final LivedTime lived;
  private final Envelope envelope;
  private final SecureRandom random;
  private final Receiver receiver;
  private final ServerSocket server;
  private final Places<Socket> serving = new Places<>(SERVED_MAX, SERVED_PER_SOURCE_MAX);
  private final UnreadBytes unread = new UnreadBytes(UNREAD_BYTES_MAX);
  private final Semaphore asking = new Semaphore(ASKED_MAX);
  final AtomicLong forged = new AtomicLong();
  final AtomicLong unknownKey = new AtomicLong();
  final AtomicLong unknownVersion = new AtomicLong();
  final AtomicLong oversized = new AtomicLong();
  final AtomicLong limited = new AtomicLong();

  Streams(
      Health health,
      LivedTime lived,
      Envelope envelope,
      SecureRandom random,
      Receiver receiver,
      ServerSocket server) {
    this.acceptor = OwnerThread.named(health, "gossip-accept").virtual().of(this);
    this.lived = lived;
    this.envelope = envelope;
    this.random = random;
    this.receiver = receiver;
    this.server = server;
  }

  /** After the server socket was closed: the port is free only when nobody accepts any more. */
  void awaitEnd() {
    boolean unused = acceptor.join(END_WAIT_MAX);
  }

  /** Serves until the server socket is closed. */
  void start() {
    acceptor.start();
  }

  @Override
  public Socket await() throws IOException {
    try {
      return server.accept();
    } catch (IOException fault) {
      if (server.isClosed()) {
        acceptor.endAfterTurn();
      }
      throw fault; // Out of file descriptors, most likely.
    }
  }

  @Override
  public void perform(Socket socket) throws IOException {
    boolean served = false;
    try {
      InetSocketAddress source = (InetSocketAddress) socket.getRemoteSocketAddress();
      if (receiver.admits(source)) {
        serving.take(Places.source(source.getAddress()), socket).ifPresent(this::cut);
        Thread.ofVirtual().name("gossip-serve").start(() -> serve(socket));
        served = true;
      } else {
        limited.incrementAndGet();
      }
    } finally {
      if (!served) {
        serving.free(socket);
        socket.close();
      }
    }
  }

  private void cut(Socket socket) {
    limited.incrementAndGet();
    try {
      socket.close(); // Its thread notices.
    } catch (IOException fault) {
      log.debug("cutting off gossip: {}", fault.toString());
    }
  }

  private void serve(Socket socket) {
    long endNanos = lived.now() + SERVE_MS_MAX * 1_000_000L;
    try (socket) {
      byte[] number = new byte[NUMBER_BYTES];
      random.nextBytes(number);
      socket.getOutputStream().write(number);
      byte[] sealed = read(socket, endNanos, bytes -> unread.hold(socket, bytes));
      unread.release(socket);
      switch (envelope.open(Envelope.Purpose.QUESTION, number, sealed)) {
        case Envelope.Opened.Refused refused -> count(refused.reason());
        case Envelope.Opened.Packet packet -> {
          CompletableFuture<byte[]> answer = new CompletableFuture<>();
          receiver.asked(packet.bytes(), answer);
          byte[] bytes = answer.get(leftMs(endNanos), TimeUnit.MILLISECONDS);
          if (bytes.length > 0) {
            write(socket, seal(Envelope.Purpose.ANSWER, number, bytes));
          }
        }
      }
    } catch (IOException | ExecutionException | TimeoutException | RuntimeException fault) {
      log.debug("answering gossip: {}", fault.toString());
    } catch (InterruptedException impossible) {
      Thread.currentThread().interrupt();
    } finally {
      unread.release(socket);
      serving.free(socket);
    }
  }

  /** Puts a question; the receiver hears the answer or that there is none, within the timeout. */
  void ask(long exchange, InetSocketAddress address, byte[] packet, long timeoutMs) {
    if (!envelope.hasKey() || !asking.tryAcquire()) {
      receiver.failed(exchange, StreamOutcome.UNREACHABLE);
      return;
    }
    Thread.ofVirtual()
        .name("gossip-ask")
        .start(
            () -> {
              try {
                // Counted from here: a busy host shall not take its own delay for a silent peer.
                askUntil(lived.now() + timeoutMs * 1_000_000L, exchange, address, packet);
              } finally {
                asking.release();
              }
            });
  }

  private void askUntil(long endNanos, long exchange, InetSocketAddress address, byte[] packet) {
    StreamOutcome outcome = StreamOutcome.UNREACHABLE;
    try (Socket socket = connect(address, endNanos)) {
      outcome = StreamOutcome.SILENT;
      byte[] number = new byte[NUMBER_BYTES];
      readFully(socket, number, endNanos);
      write(socket, seal(Envelope.Purpose.QUESTION, number, packet));
      byte[] sealed = read(socket, endNanos, _ -> true);
      switch (envelope.open(Envelope.Purpose.ANSWER, number, sealed)) {
        case Envelope.Opened.Refused refused -> {
          count(refused.reason());
          receiver.failed(exchange, StreamOutcome.REFUSED);
        }
        case Envelope.Opened.Packet answer -> receiver.answered(exchange, answer.bytes());
      }
      return;
    } catch (ConnectException fault) {
      // "Connection refused" comes from a machine that lives; other faults of connecting do not.
      if (String.valueOf(fault.getMessage()).contains("refused")) {
        outcome = StreamOutcome.REFUSED;
      }
    } catch (SocketTimeoutException _) {
      // As it stands: not connected, or connected and silent.
    } catch (IOException | RuntimeException | Error fault) {
      log.debug("asking {}: {}", address, fault.toString());
      if (outcome == StreamOutcome.SILENT) {
        outcome = StreamOutcome.REFUSED; // It has hung up on us: somebody is at work there.
      }
    }
    receiver.failed(exchange, outcome);
  }

  /** The kernel counts all time, and gives up on who was asked before this process stood still. */
  private Socket connect(InetSocketAddress address, long endNanos) throws IOException {
    while (true) {
      Socket socket = new Socket();
      try {
        socket.connect(address, leftMs(endNanos));
        return socket;
      } catch (SocketTimeoutException late) {
        socket.close();
        leftMs(endNanos);
      } catch (IOException | RuntimeException | Error fault) {
        socket.close();
        throw fault;
      }
    }
  }

  private byte[] seal(Envelope.Purpose purpose, byte[] number, byte[] packet) {
    return envelope.seal(purpose, number, System.currentTimeMillis(), packet);
  }

  private void count(Envelope.Reason reason) {
    switch (reason) {
      case FORGED -> forged.incrementAndGet();
      case UNKNOWN_KEY -> unknownKey.incrementAndGet();
      case UNKNOWN_VERSION -> unknownVersion.incrementAndGet();
    }
  }

  private static void write(Socket socket, byte[] sealed) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(ByteBuffer.allocate(4 + sealed.length).putInt(sealed.length).put(sealed).array());
  }

  private byte[] read(Socket socket, long endNanos, IntPredicate room) throws IOException {
    byte[] length = new byte[4];
    readFully(socket, length, endNanos);
    int bytes = ByteBuffer.wrap(length).getInt();
    if (bytes < 0 || bytes > FRAME_BYTES_MAX) {
      oversized.incrementAndGet();
      throw new IOException("a frame of " + Integer.toUnsignedString(bytes) + " bytes");
    }
    // Grows with what comes: a length alone shall not take memory.
    byte[] sealed = new byte[Math.min(bytes, FIRST_BUFFER_BYTES)];
    int filled = 0;
    while (filled < bytes) {
      if (filled == sealed.length) {
        int longer = Math.min(bytes, 2 * sealed.length);
        if (!room.test(longer)) {
          throw new IOException("too many unfinished questions");
        }
        sealed = Arrays.copyOf(sealed, longer);
      }
      filled += readSome(socket, sealed, filled, endNanos);
      serving.spoke(socket);
    }
    return sealed;
  }

  private void readFully(Socket socket, byte[] into, long endNanos) throws IOException {
    int filled = 0;
    while (filled < into.length) {
      filled += readSome(socket, into, filled, endNanos);
    }
  }

  private int readSome(Socket socket, byte[] into, int from, long endNanos) throws IOException {
    while (true) {
      socket.setSoTimeout(leftMs(endNanos));
      try {
        int count = socket.getInputStream().read(into, from, into.length - from);
        if (count < 0) {
          throw new IOException("the other side has hung up");
        }
        return count;
      } catch (SocketTimeoutException _) {
        log.trace("late, unless this process stood still");
      }
    }
  }

  private int leftMs(long endNanos) throws SocketTimeoutException {
    long left = (endNanos - lived.now()) / 1_000_000;
    if (left <= 0) {
      throw new SocketTimeoutException("too late");
    }
    return (int) left;
  }
}
