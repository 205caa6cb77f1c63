package dev.hanse.kernel.pipe;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;

/**
 * epoll(7), level-triggered, with an eventfd(2) to wake the waiting thread. Registrations carry a
 * number of the caller's choice, never the descriptor, whose number may be reused.
 */
final class Epoll implements AutoCloseable {
  static final int READABLE = 1;
  static final int WRITABLE = 4;

  private static final int CLOEXEC = 0x80000;
  private static final int ADD = 1;
  private static final int DELETE = 2;
  private static final int EVENTS_MAX = 64;
  private static final long WAKE_TOKEN = 0;

  /** struct epoll_event is packed on x86-64 only. */
  private static final int TOKEN_OFFSET = System.getProperty("os.arch").equals("amd64") ? 4 : 8;

  private static final int EVENT_BYTES = TOKEN_OFFSET + Long.BYTES;
  private static final NativeFunction CREATE =
      NativeFunction.ofC("epoll_create1", NativeFunction.Result.INT);
  private static final NativeFunction CONTROL =
      NativeFunction.ofC("epoll_ctl", NativeFunction.Result.INT);
  private static final NativeFunction WAIT =
      NativeFunction.ofC("epoll_wait", NativeFunction.Result.INT);
  private static final NativeFunction EVENTFD =
      NativeFunction.ofC("eventfd", NativeFunction.Result.INT);
  private static final NativeFunction EVENTFD_WRITE =
      NativeFunction.ofC("eventfd_write", NativeFunction.Result.INT);
  private static final NativeFunction EVENTFD_READ =
      NativeFunction.ofC("eventfd_read", NativeFunction.Result.INT);

  private final Arena arena = Arena.ofShared();
  private final MemorySegment events = arena.allocate((long) EVENT_BYTES * EVENTS_MAX, Long.BYTES);
  private final MemorySegment counter = arena.allocate(Long.BYTES, Long.BYTES);
  private final int epoll = (int) CREATE.call("create epoll", CLOEXEC);
  private final int wake;

  /** The numbers of closed descriptors may be another's soon, so nobody may use them any more. */
  private boolean closed;

  Epoll() {
    wake = (int) EVENTFD.call("create eventfd", 0, CLOEXEC | Descriptors.O_NONBLOCK);
    control("watch eventfd", ADD, wake, WAKE_TOKEN, READABLE);
  }

  /** Registers; the token is positive. Hang-up and error are reported always. */
  void add(int descriptor, long token, int interest) {
    control("watch descriptor", ADD, descriptor, token, interest);
  }

  void remove(int descriptor) {
    control("unwatch descriptor", DELETE, descriptor, WAKE_TOKEN, 0);
  }

  private synchronized void control(
      String operation, int action, int descriptor, long token, int interest) {
    if (closed) {
      return;
    }
    try (Arena call = Arena.ofConfined()) {
      MemorySegment event = call.allocate(EVENT_BYTES, Long.BYTES);
      event.set(JAVA_INT_UNALIGNED, 0, interest);
      event.set(JAVA_LONG_UNALIGNED, TOKEN_OFFSET, token);
      CONTROL.call(operation, epoll, action, descriptor, event.address());
    }
  }

  /** Lets the waiting thread return; any thread. */
  synchronized void wake() {
    if (!closed) {
      EVENTFD_WRITE.attempt(wake, 1);
    }
  }

  /**
   * Waits until something is ready or {@link #wake} was called.
   *
   * @return how much is ready, for {@link #handOver}
   */
  int await() {
    long count = WAIT.attempt(epoll, events.address(), EVENTS_MAX, -1);
    if (count == -Errno.EINTR.number()) {
      return 0;
    }
    if (count < 0) {
      throw new KernelException("wait for descriptors", new Errno((int) -count));
    }
    return (int) count;
  }

  /** Hands over the tokens of what was ready. */
  void handOver(int count, LongConsumer receiver) {
    for (int i = 0; i < count; i++) {
      long offset = (long) i * EVENT_BYTES;
      long token = events.get(JAVA_LONG_UNALIGNED, offset + TOKEN_OFFSET);
      if (token == WAKE_TOKEN) {
        EVENTFD_READ.attempt(wake, counter.address());
      } else {
        receiver.accept(token);
      }
    }
  }

  /** At the end of the waiting thread. Other threads may still call, to no effect. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Descriptors.close(epoll);
      Descriptors.close(wake);
      arena.close();
    }
  }
}
