package dev.hanse.kernel.process;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The service manager that has started this process and wants to be told how it is: systemd, by the
 * protocol of sd_notify(3), a datagram of lines {@code NAME=value} to the socket named in the
 * environment.
 */
public final class Supervisor {
  /** What a child must not inherit: it would speak in this process's name, or write elsewhere. */
  public static final Set<String> VARIABLES =
      Set.of("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM");

  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int MSG_NOSIGNAL = 0x4000;

  /** From sys/un.h: the family, then at most so many bytes of a path. */
  private static final int PATH_OFFSET = 2;

  private static final int PATH_BYTES_MAX = 108;
  private static final NativeFunction SOCKET =
      NativeFunction.ofC("socket", NativeFunction.Result.INT);
  private static final NativeFunction SEND =
      NativeFunction.ofC("sendto", NativeFunction.Result.LONG);

  private final byte[] path;
  private final Optional<Duration> watchdog;

  private Supervisor(byte[] path, Optional<Duration> watchdog) {
    this.path = path;
    this.watchdog = watchdog;
  }

  /**
   * The one that the environment names; empty if nobody wants to be told.
   *
   * @param environment variables of this process
   * @param processId of this process
   */
  public static Optional<Supervisor> of(Map<String, String> environment, long processId) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    byte[] path = socket.getBytes(StandardCharsets.UTF_8);
    boolean known = socket.startsWith("/") || socket.startsWith("@");
    if (!known || path.length < 2 || path.length >= PATH_BYTES_MAX) {
      return Optional.empty();
    }
    if (path[0] == '@') {
      path[0] = 0; // An address in the abstract space, unix(7).
    }
    return Optional.of(new Supervisor(path, watchdog(environment, processId)));
  }

  private static Optional<Duration> watchdog(Map<String, String> environment, long processId) {
    String meant = environment.getOrDefault("WATCHDOG_PID", "");
    if (!meant.isEmpty() && !meant.equals(Long.toString(processId))) {
      return Optional.empty();
    }
    try {
      long micros = Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0"));
      return micros > 0 ? Optional.of(Duration.ofNanos(micros * 1_000)) : Optional.empty();
    } catch (NumberFormatException malformed) {
      return Optional.empty();
    }
  }

  /** How long this process may be silent before it is held for hung; empty if for ever. */
  public Optional<Duration> watchdog() {
    return watchdog;
  }

  /**
   * Tells it something.
   *
   * @param lines {@code READY=1} and the like
   * @throws KernelException if it cannot be told
   */
  public void tell(String... lines) {
    byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    int socket = (int) SOCKET.call("socket", AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocateFrom(ValueLayout.JAVA_BYTE, text);
      MemorySegment address = arena.allocate(PATH_OFFSET + PATH_BYTES_MAX, Long.BYTES);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, PATH_OFFSET, path.length);
      // A path ends with a zero, an abstract address with the last byte that counts.
      int end = path[0] == 0 ? path.length : path.length + 1;
      SEND.call(
          "tell the service manager",
          socket,
          message.address(),
          text.length,
          MSG_NOSIGNAL,
          address.address(),
          PATH_OFFSET + end);
    } finally {
      Descriptors.close(socket);
    }
  }
}
