package dev.hanse.runtime.process;

import dev.hanse.containerd.tasks.CloseIORequest;
import dev.hanse.containerd.tasks.DeleteProcessRequest;
import dev.hanse.containerd.tasks.KillRequest;
import dev.hanse.containerd.tasks.ResizePtyRequest;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.Faults;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One exec while it exists. */
public final class LiveExec implements ExecProcess {
  private final ContainerdClient client;
  private final String containerId;
  private final String id;
  private final StandardStreams streams;
  private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
  private volatile int processId;
  private boolean over;

  /** A further process of the container, not started yet. */
  public LiveExec(ContainerdClient client, String containerId, String id, StandardStreams streams) {
    this.client = client;
    this.containerId = containerId;
    this.id = id;
    this.streams = streams;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public int processId() {
    return processId;
  }

  /** It runs as this process of the host. */
  public void started(int number) {
    processId = number;
  }

  @Override
  public Optional<ProcessInput> input() {
    return streams.stdinFile().map(file -> new PipeInput(streams.input(), this::endOfInput));
  }

  private void endOfInput() {
    try {
      var unused =
          client
              .calls()
              .tasks()
              .closeIO(
                  CloseIORequest.newBuilder()
                      .setContainerId(containerId)
                      .setExecId(id)
                      .setStdin(true)
                      .build());
    } catch (StatusRuntimeException failure) {
      if (!Faults.isNotFound(failure)) {
        throw Faults.of("closing the input of exec " + id, failure);
      }
    }
  }

  @Override
  public CompletableFuture<ExitStatus> exit() {
    return exit.copy();
  }

  /** It has ended: removes it from the shim, delivers the rest of its output, then tells. */
  public void ended(ExitStatus status) {
    // Before the removal: the shim waits two seconds for the rest of the output to be taken.
    deliverTheRest();
    remove();
    streams.finish();
    var unused =
        streams
            .ended()
            .thenRun(
                () -> {
                  streams.remove();
                  exit.complete(status);
                });
  }

  /** It could not be started, or the container is gone. */
  public void discard() {
    remove();
    streams.remove();
  }

  private void remove() {
    try {
      var unused =
          client
              .calls()
              .tasks()
              .deleteProcess(
                  DeleteProcessRequest.newBuilder()
                      .setContainerId(containerId)
                      .setExecId(id)
                      .build());
    } catch (StatusRuntimeException gone) {
      // With the container, or never made.
      return;
    }
  }

  @Override
  public void kill(int signal) {
    try {
      var unused =
          client
              .calls()
              .tasks()
              .kill(
                  KillRequest.newBuilder()
                      .setContainerId(containerId)
                      .setExecId(id)
                      .setSignal(signal)
                      .build());
    } catch (StatusRuntimeException failure) {
      if (Faults.isNotFound(failure)) {
        throw new RuntimeFault(
            RuntimeFault.Kind.NO_SUCH_EXEC, "No such exec instance: " + id, failure);
      }
      throw Faults.of("signalling exec " + id, failure);
    }
  }

  private synchronized void deliverTheRest() {
    over = true;
    streams.resume();
  }

  @Override
  public synchronized void pauseOutput() {
    if (!over) {
      streams.pause();
    }
  }

  @Override
  public synchronized void resumeOutput() {
    streams.resume();
  }

  @Override
  public void resize(int width, int height) {
    try {
      var unused =
          client
              .calls()
              .tasks()
              .resizePty(
                  ResizePtyRequest.newBuilder()
                      .setContainerId(containerId)
                      .setExecId(id)
                      .setWidth(width)
                      .setHeight(height)
                      .build());
    } catch (StatusRuntimeException failure) {
      throw Faults.of("resizing the terminal of exec " + id, failure);
    }
  }
}
