package dev.hanse.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that cannot be mistaken for another which got the same number later.
 *
 * @param pid its number
 * @param startTicks when it started, in clock ticks since boot (field 22 of /proc/PID/stat,
 *     proc(5))
 */
public record ProcessIdentity(long pid, long startTicks) {
  private static final int STATE = 0;
  private static final int PARENT = 1;
  private static final int START_TICKS = 19;

  /** The identity of the process that has this number now. */
  public static Optional<ProcessIdentity> of(long pid) {
    return stat(pid).map(fields -> new ProcessIdentity(pid, Long.parseLong(fields[START_TICKS])));
  }

  /** True while it runs; a zombie does not run. */
  public boolean alive() {
    return stat(pid)
        .filter(fields -> Long.parseLong(fields[START_TICKS]) == startTicks)
        .filter(fields -> !fields[STATE].equals("Z"))
        .isPresent();
  }

  /** Kills it with SIGKILL. Nothing happens when it is gone. */
  public void kill() {
    handle().ifPresent(ProcessHandle::destroyForcibly);
  }

  /** Asks it to stop with SIGTERM. Nothing happens when it is gone. */
  public void terminate() {
    handle().ifPresent(ProcessHandle::destroy);
  }

  /** The number of its parent now. */
  static Optional<Long> parentOf(long pid) {
    return stat(pid).map(fields -> Long.parseLong(fields[PARENT]));
  }

  private Optional<ProcessHandle> handle() {
    // ProcessHandle remembers the start time itself: what dies between this check and the signal is
    // safe.
    Optional<ProcessHandle> handle = ProcessHandle.of(pid);
    return alive() ? handle : Optional.empty();
  }

  /** The fields of /proc/PID/stat behind the command, which may hold blanks and parentheses. */
  private static Optional<String[]> stat(long pid) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc/" + pid + "/stat"));
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      return Optional.of(text.substring(text.lastIndexOf(')') + 2).strip().split(" "));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
