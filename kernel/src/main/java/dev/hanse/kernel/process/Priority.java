package dev.hanse.kernel.process;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import dev.hanse.kernel.file.OwnFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How this process stands when the machine has too little for all: its nice value, from -20 (runs
 * first) to 19, and what the kernel adds to its badness when memory is short, from -1000 (never
 * killed) to 1000.
 *
 * <p>Children inherit both. Programs that outlive this process, or start others, are started by
 * {@link #ordinary}.
 */
public final class Priority {
  private static final Path SELF = Path.of("/proc/self");
  private static final Path AUTOGROUP = SELF.resolve("autogroup");
  private static final Path OOM_SCORE = SELF.resolve("oom_score_adj");
  private static final NativeFunction SET =
      NativeFunction.ofC("setpriority", NativeFunction.Result.INT);

  /** From sys/resource.h: the number after it is a process, or on Linux a thread. */
  private static final int PRIO_PROCESS = 0;

  /** Positions in /proc/PID/stat (proc(5)), counted after the command. */
  private static final int SESSION_FIELD = 3;

  private static final int NICE_FIELD = 16;

  /** Each round looks at all threads; those made meanwhile have their maker's value. */
  private static final int ROUNDS_MAX = 10;

  private Priority() {}

  /**
   * The nice value of this thread.
   *
   * @throws IOException if /proc cannot be read
   */
  public static int nice() throws IOException {
    return Integer.parseInt(fields(Path.of("/proc/thread-self"))[NICE_FIELD]);
  }

  /**
   * Gives all threads of this process, and those to come, a nice value. Where the kernel weighs
   * sessions against each other (sched(7), autogroup), and this process leads its session, that
   * gets the same.
   *
   * @throws KernelException if a thread's cannot be set: lowering it needs CAP_SYS_NICE
   * @throws IOException if /proc cannot be read or the session's cannot be set
   */
  public static void nice(int value) throws IOException {
    int round = 0;
    while (!niceThreads(value) && round < ROUNDS_MAX) {
      round++;
    }
    long session = Long.parseLong(fields(SELF)[SESSION_FIELD]);
    if (session == ProcessHandle.current().pid() && Files.exists(AUTOGROUP)) {
      OwnFiles.overwrite(AUTOGROUP, Integer.toString(value));
    }
  }

  /** Returns whether all threads had the value already. */
  private static boolean niceThreads(int value) throws IOException {
    boolean all = true;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(SELF.resolve("task"))) {
      for (Path thread : threads) {
        if (!has(thread, value)) {
          all = false;
          set(Long.parseLong(thread.getFileName().toString()), value);
        }
      }
    }
    return all;
  }

  private static boolean has(Path thread, int value) {
    try {
      return Integer.parseInt(fields(thread)[NICE_FIELD]) == value;
    } catch (IOException e) {
      return true; // It has ended.
    }
  }

  private static void set(long thread, int value) {
    long outcome = SET.attempt(PRIO_PROCESS, thread, value);
    if (outcome < 0 && outcome != -Errno.ESRCH.number()) {
      throw new KernelException("set nice value " + value, new Errno((int) -outcome));
    }
  }

  /** The fields of a stat file behind the command, which may contain anything. */
  private static String[] fields(Path directory) throws IOException {
    String stat =
        new String(Files.readAllBytes(directory.resolve("stat")), StandardCharsets.ISO_8859_1);
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
  }

  /**
   * What the kernel adds to the badness of this process when memory is short.
   *
   * @throws IOException if /proc cannot be read
   */
  public static int oomScore() throws IOException {
    return Integer.parseInt(Files.readString(OOM_SCORE).strip());
  }

  /**
   * Sets it.
   *
   * @throws IOException if it cannot be set: lowering it needs CAP_SYS_RESOURCE
   */
  public static void oomScore(int value) throws IOException {
    OwnFiles.overwrite(OOM_SCORE, Integer.toString(value));
  }

  /**
   * A command that runs with nice value 0, although this process has a lower one; by the program
   * nice(1) (package coreutils), since Java cannot call between fork and exec.
   *
   * @throws IOException if /proc cannot be read
   */
  public static List<String> ordinary(List<String> command) throws IOException {
    int own = nice();
    if (own >= 0) {
      return command;
    }
    List<String> words = new ArrayList<>(List.of("nice", "-n", Integer.toString(-own)));
    words.addAll(command);
    return words;
  }
}
