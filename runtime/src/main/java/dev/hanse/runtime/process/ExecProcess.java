package dev.hanse.runtime.process;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A process started in a running container. It is removed by itself when it has ended. */
public interface ExecProcess {
  /** Id inside the container. */
  String id();

  /** As the host numbers it. */
  int processId();

  /** Its standard input, if it was asked for. */
  Optional<ProcessInput> input();

  /** Completes when it has ended and all its output was delivered. */
  CompletableFuture<ExitStatus> exit();

  /** Sends a signal. */
  void kill(int signal);

  /**
   * Stops the delivery of output, for a reader that is slow; the process waits in the end. What is
   * left when it has ended (some hundred kilobytes at most) is delivered all the same.
   */
  void pauseOutput();

  /** Goes on with the output. */
  void resumeOutput();

  /** Sets the size of its terminal in characters. */
  void resize(int width, int height);
}
