package dev.hanse.kernel.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import dev.hanse.kernel.namespace.NetworkNamespace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A netlink socket inside a namespace. One thread at a time. */
final class NetlinkSocket implements AutoCloseable {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;

  /** Protocol of links, addresses, routes. */
  static final int ROUTE = 0;

  /** Protocol of the packet filter and of connection tracking. */
  static final int NETFILTER = 12;

  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int NETLINK_GET_STRICT_CHK = 12;
  private static final int MSG_TRUNC = 0x20;

  /** The kernel fills dumps up to 32 KiB at a time for a receiver that takes as much. */
  private static final int RECEIVE_BYTES_MAX = 32 * 1024;

  /** Room for the acknowledgements of a full batch. */
  private static final int RECEIVE_QUEUE_BYTES = 1024 * 1024;

  /** The kernel answers at once, but another one may hold its one lock of all network settings. */
  private static final long ANSWER_SECONDS_MAX = 30;

  private static final NativeFunction SOCKET =
      NativeFunction.ofC("socket", NativeFunction.Result.INT);
  private static final NativeFunction SETSOCKOPT =
      NativeFunction.ofC("setsockopt", NativeFunction.Result.INT);
  private static final NativeFunction SEND = NativeFunction.ofC("send", NativeFunction.Result.LONG);
  private static final NativeFunction RECV = NativeFunction.ofC("recv", NativeFunction.Result.LONG);

  private final int descriptor;
  private boolean closed;

  NetlinkSocket(NetworkNamespace namespace, int protocol) {
    descriptor =
        namespace.call(
            () -> (int) SOCKET.call("open netlink", AF_NETLINK, SOCK_RAW_CLOEXEC, protocol));
    try (Arena arena = Arena.ofConfined()) {
      option(SOL_SOCKET, SO_RCVBUFFORCE, arena.allocateFrom(JAVA_INT, RECEIVE_QUEUE_BYTES));
      MemorySegment one = arena.allocateFrom(JAVA_INT, 1);
      option(SOL_NETLINK, NETLINK_CAP_ACK, one);
      option(SOL_NETLINK, NETLINK_EXT_ACK, one);
      option(SOL_NETLINK, NETLINK_GET_STRICT_CHK, one);
      option(SOL_SOCKET, SO_RCVTIMEO, arena.allocateFrom(JAVA_LONG, ANSWER_SECONDS_MAX, 0));
    } catch (RuntimeException fault) {
      close();
      throw fault;
    }
  }

  private void option(int level, int name, MemorySegment value) {
    SETSOCKOPT.call(
        "set netlink option", descriptor, level, name, value.address(), value.byteSize());
  }

  void send(String operation, byte[] messages) {
    requireOpen();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocateFrom(JAVA_BYTE, messages);
      long outcome;
      do {
        outcome = SEND.attempt(descriptor, memory.address(), memory.byteSize(), 0);
      } while (isInterrupted(operation, outcome));
    }
  }

  /** The next datagram. */
  ByteBuffer receive(String operation) {
    requireOpen();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(RECEIVE_BYTES_MAX, Long.BYTES);
      long length;
      do {
        length = RECV.attempt(descriptor, memory.address(), RECEIVE_BYTES_MAX, MSG_TRUNC);
      } while (isInterrupted(operation, length));
      if (length > RECEIVE_BYTES_MAX) {
        throw new IllegalStateException(
            operation + ": answer of " + length + " bytes exceeds " + RECEIVE_BYTES_MAX);
      }
      return ByteBuffer.wrap(memory.asSlice(0, length).toArray(JAVA_BYTE))
          .order(ByteOrder.nativeOrder());
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("netlink is closed");
    }
  }

  /** Whether the call must be made again; throws for a real failure. */
  private static boolean isInterrupted(String operation, long outcome) {
    if (outcome >= 0) {
      return false;
    }
    Errno errno = new Errno((int) -outcome);
    if (errno.equals(Errno.EAGAIN)) {
      throw new KernelException(
          operation, Errno.ETIMEDOUT, "no answer in " + ANSWER_SECONDS_MAX + " s");
    }
    if (!errno.equals(Errno.EINTR)) {
      throw new KernelException(operation, errno);
    }
    return true;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Descriptors.close(descriptor);
    }
  }
}
