package dev.hanse.docker.engine;

import dev.hanse.docker.http.HttpFailure;
import dev.hanse.runtime.containers.ExecProcess;
import dev.hanse.runtime.containers.ExecSettings;
import dev.hanse.runtime.containers.OutputListener;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** An exec from its creation through its run to its exit code; for several threads. */
final class ExecSession {
  private static final int EXIT_CODE_NOT_STARTED = 126;

  private final String id;
  private final String containerId;
  private final ExecSettings settings;
  private final boolean wantsStdout;
  private final boolean wantsStderr;
  private boolean claimed;
  private boolean failed;
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
    return new OutputListener() {
      @Override
      public void output(Stream stream, ByteBuffer chunk) {
        boolean wanted =
            switch (stream) {
              case STDOUT -> wantsStdout;
              case STDERR -> wantsStderr;
            };
        if (wanted) {
          listener.output(stream, chunk);
        }
      }

      @Override
      public void ended() {
        listener.ended();
      }
    };
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
              ? "Error: Exec command " + id + " is already running"
              : "Error: Exec command " + id + " has already run");
    }
    claimed = true;
  }

  synchronized void started(ExecProcess startedProcess) {
    process = startedProcess;
  }

  synchronized void failed() {
    failed = true;
  }

  synchronized Optional<ExecProcess> process() {
    return Optional.ofNullable(process);
  }

  synchronized boolean isRunning() {
    return process != null && !process.exit().isDone();
  }

  synchronized OptionalInt exitCode() {
    if (failed) {
      return OptionalInt.of(EXIT_CODE_NOT_STARTED);
    }
    if (process == null || !process.exit().isDone() || process.exit().isCompletedExceptionally()) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(process.exit().join().code());
  }
}
