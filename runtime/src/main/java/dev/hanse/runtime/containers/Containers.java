package dev.hanse.runtime.containers;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.spec.ContainerSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The containers of this node. Safe for use by many threads; calls block, so make them from virtual
 * threads. Faults are {@link RuntimeFault}: NO_SUCH_CONTAINER, CONFLICT, INVALID, …
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Containers {
  /**
   * Makes the container's file system and record; nothing runs yet.
   *
   * @return its state
   */
  public ContainerState create(ContainerSettings settings) {
    throw new UnsupportedOperationException(settings.id());
  }

  /**
   * Starts its process. A container that has ended may be started again.
   *
   * @param output told of everything that this run writes
   * @return process id as the host numbers it
   * @throws RuntimeFault COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, START_FAILED, CONFLICT if it
   *     runs
   */
  public int start(String id, OutputListener output) {
    throw new UnsupportedOperationException(id + output);
  }

  /**
   * Takes over a container that an earlier run of the daemon started: its output is read again from
   * where it stopped, and its exit is reported (at once, if it has ended meanwhile).
   */
  public ContainerState adopt(String id, OutputListener output) {
    throw new UnsupportedOperationException(id + output);
  }

  /** One container as it is now. */
  public Optional<ContainerState> find(String id) {
    throw new UnsupportedOperationException(id);
  }

  /** All containers that have these labels. */
  public List<ContainerState> list(Map<String, String> labels) {
    throw new UnsupportedOperationException(labels.toString());
  }

  /** Completes when the present run ends; at once if it has ended. */
  public CompletableFuture<ExitStatus> exit(String id) {
    throw new UnsupportedOperationException(id);
  }

  /** Sends a signal to its process 1. CONFLICT if it does not run. */
  public void kill(String id, int signal) {
    throw new UnsupportedOperationException(id + signal);
  }

  /**
   * Sends the stop signal, waits, and kills what still runs.
   *
   * @param grace how long the process may take to end by itself
   * @return how it ended; at once if it does not run
   */
  public ExitStatus stop(String id, Duration grace) {
    throw new UnsupportedOperationException(id + grace);
  }

  /** Kills it if it runs and removes it with everything it owns. Does nothing if it is gone. */
  public void delete(String id) {
    throw new UnsupportedOperationException(id);
  }

  /** Freezes its processes. */
  public void pause(String id) {
    throw new UnsupportedOperationException(id);
  }

  /** Lets its processes go on. */
  public void resume(String id) {
    throw new UnsupportedOperationException(id);
  }

  /** Sets the size of its terminal in characters. */
  public void resize(String id, int width, int height) {
    throw new UnsupportedOperationException(id + width + height);
  }

  /** Adds one more listener to its output from now on; close the result to leave. */
  public AutoCloseable attach(String id, OutputListener output) {
    throw new UnsupportedOperationException(id + output);
  }

  /** Its standard input; CONFLICT if it was made without one. Closing it is the end of input. */
  public ProcessInput input(String id) {
    throw new UnsupportedOperationException(id);
  }

  /** Starts one more process in a running container. */
  public ExecProcess exec(String id, ExecSettings settings, OutputListener output) {
    throw new UnsupportedOperationException(id + settings + output);
  }

  /** Its processes, as the host numbers them. */
  public List<Integer> processIds(String id) {
    throw new UnsupportedOperationException(id);
  }

  /** What it has used so far. CONFLICT if it does not run. */
  public ContainerStatistics statistics(String id) {
    throw new UnsupportedOperationException(id);
  }

  /** Changes the limits of a running container. */
  public void update(String id, dev.hanse.runtime.spec.ResourceLimits limits) {
    throw new UnsupportedOperationException(id + limits);
  }

  /** Tells of everything that happens from now on; close the result to leave. */
  public AutoCloseable subscribe(ContainerEvent.Listener listener) {
    throw new UnsupportedOperationException(listener.toString());
  }
}
