package dev.hanse.kernel.namespace;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Brings {@code lo} up in the calling thread's namespace, by the ioctls of netdevice(7). */
final class LoopbackInterface {
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int SIOCGIFFLAGS = 0x8913;
  private static final int SIOCSIFFLAGS = 0x8914;
  private static final int IFREQ_BYTES = 40;
  private static final int FLAGS_OFFSET = 16;
  private static final short IFF_UP = 1;
  private static final NativeFunction SOCKET =
      NativeFunction.ofC("socket", NativeFunction.Result.INT);
  private static final NativeFunction IOCTL =
      NativeFunction.ofC("ioctl", NativeFunction.Result.INT);

  private LoopbackInterface() {}

  static void up() {
    String operation = "bring lo up";
    int socket = (int) SOCKET.call(operation, AF_INET, SOCK_DGRAM_CLOEXEC, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(IFREQ_BYTES, Long.BYTES);
      request.setString(0, "lo");
      IOCTL.call(operation, socket, SIOCGIFFLAGS, request.address());
      short flags = request.get(JAVA_SHORT, FLAGS_OFFSET);
      request.set(JAVA_SHORT, FLAGS_OFFSET, (short) (flags | IFF_UP));
      IOCTL.call(operation, socket, SIOCSIFFLAGS, request.address());
    } finally {
      Descriptors.close(socket);
    }
  }
}
