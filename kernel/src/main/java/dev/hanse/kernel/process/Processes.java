package dev.hanse.kernel.process;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Signals to processes, and whether they live. */
public final class Processes {
  private static final NativeFunction KILL = NativeFunction.ofC("kill", NativeFunction.Result.INT);

  /**
   * For calls that the C library of Debian 12 has no function for; same numbers on all machines.
   */
  private static final NativeFunction SYSCALL =
      NativeFunction.ofC("syscall", NativeFunction.Result.LONG);

  private static final int PIDFD_SEND_SIGNAL = 424;
  private static final int PIDFD_OPEN = 434;

  /** Position of the start time in /proc/PID/stat (proc(5)), counted after the command. */
  private static final int START_FIELD = 19;

  private static final String ZOMBIE = "Z";
  private static final String DEAD = "X";

  private Processes() {}

  /**
   * Sends a signal.
   *
   * @throws KernelException with ESRCH if there is no such process
   */
  public static void kill(long pid, Signal signal) {
    if (pid <= 0) {
      // 0 and negative numbers mean groups, -1 everybody.
      throw new IllegalArgumentException("not a process: " + pid);
    }
    KILL.call("send " + signal + " to process " + pid, pid, signal.number());
  }

  /** Sends a signal if that very process still lives; returns whether it did. */
  public static boolean kill(ProcessIdentity process, Signal signal) {
    String operation = "send " + signal + " to process " + process.pid();
    long descriptor = SYSCALL.attempt(PIDFD_OPEN, process.pid(), 0);
    if (descriptor == -Errno.ESRCH.number()) {
      return false;
    }
    if (descriptor < 0) {
      throw new KernelException(operation, new Errno((int) -descriptor));
    }
    try {
      // The descriptor stands for one process for good, so it is examined after it was opened.
      if (!isAlive(process)) {
        return false;
      }
      long outcome = SYSCALL.attempt(PIDFD_SEND_SIGNAL, descriptor, signal.number(), 0, 0);
      if (outcome < 0 && outcome != -Errno.ESRCH.number()) {
        throw new KernelException(operation, new Errno((int) -outcome));
      }
      return outcome == 0;
    } finally {
      Descriptors.close((int) descriptor);
    }
  }

  /** The process of that number, if it lives; one that only waits to be reaped does not. */
  public static Optional<ProcessIdentity> find(long pid) {
    String status;
    try {
      status =
          new String(
              Files.readAllBytes(Path.of("/proc/" + pid + "/stat")), StandardCharsets.ISO_8859_1);
    } catch (IOException _) {
      return Optional.empty();
    }
    // The command is in parentheses and may contain anything, also parentheses.
    String[] fields = status.substring(status.lastIndexOf(')') + 2).split(" ");
    return fields[0].equals(ZOMBIE) || fields[0].equals(DEAD)
        ? Optional.empty()
        : Optional.of(new ProcessIdentity(pid, Long.parseLong(fields[START_FIELD])));
  }

  /** Whether that very process, and not a later one of the same number, lives. */
  public static boolean isAlive(ProcessIdentity process) {
    return find(process.pid()).equals(Optional.of(process));
  }
}
