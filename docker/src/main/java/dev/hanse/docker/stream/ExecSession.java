package dev.hanse.docker.stream;

import dev.hanse.runtime.process.ExecProcess;
import dev.hanse.runtime.process.ExecSettings;
import dev.hanse.runtime.process.OutputListener;
import dev.hanse.web.HttpFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An exec from its creation through its run to its exit code; for several threads. */
final class ExecSession {
  private static final int BYTES_PER_TEXT = 48;

  /** As long as Docker waits for a start before it changes the size of the terminal. */
  private static final Duration START_MAX = Duration.ofSeconds(10);

  private final String id;
  private final String containerId;
  private final ExecSettings settings;
  private final boolean wantsStdout;
  private final boolean wantsStderr;
  private boolean claimed;
  private OptionalInt failureCode = OptionalInt.empty();
  private @Nullable ExecProcess process;

  ExecSession(
      String id,
      String containerId,
      ExecSettings settings,
      boolean wantsStdout,
      boolean wantsStderr) {
    this.id = id;
    this.containerId = containerId;
    this.settings = settings;
    this.wantsStdout = wantsStdout;
    this.wantsStderr = wantsStderr;
  }

  String id() {
    return id;
  }

  String containerId() {
    return containerId;
  }

  /** What its command and environment take of the heap, bytes. */
  long heapBytes() {
    return Stream.concat(settings.arguments().stream(), settings.environment().stream())
        .mapToLong(text -> BYTES_PER_TEXT + 2L * text.length())
        .sum();
  }

  ExecSettings settings() {
    return settings;
  }

  boolean wantsStdout() {
    return wantsStdout;
  }

  boolean wantsStderr() {
    return wantsStderr;
  }

  /** Passes on the streams that the client asked for. */
  OutputListener filtered(OutputListener listener) {
    return new OutputFilter(listener, wantsStdout, wantsStderr);
  }

  /**
   * Takes the one right to start it.
   *
   * @throws HttpFailure 409 if it was started already
   */
  synchronized void claim() {
    if (claimed) {
      throw HttpFailure.conflict(
          isRunning()
              ? "exec command " + id + " is already running"
              : "exec command " + id + " has already run");
    }
    claimed = true;
  }

  synchronized void started(ExecProcess startedProcess) {
    process = startedProcess;
    notifyAll();
  }

  /** It could not be started: the exit code says why. */
  synchronized void failed(int code) {
    failureCode = OptionalInt.of(code);
    notifyAll();
  }

  /** Its process; one that is just being started is waited for, but not for ever. */
  synchronized Optional<ExecProcess> awaitProcess() throws InterruptedException {
    long end = System.nanoTime() + START_MAX.toNanos();
    long left = START_MAX.toNanos();
    while (claimed && process == null && failureCode.isEmpty() && left > 0) {
      wait(left / 1_000_000 + 1);
      left = end - System.nanoTime();
    }
    return process();
  }

  synchronized Optional<ExecProcess> process() {
    return Optional.ofNullable(process);
  }

  synchronized boolean isRunning() {
    return process != null && !process.exit().isDone();
  }

  synchronized OptionalInt exitCode() {
    if (failureCode.isPresent()) {
      return failureCode;
    }
    if (process == null || !process.exit().isDone() || process.exit().isCompletedExceptionally()) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(process.exit().join().code());
  }
}
