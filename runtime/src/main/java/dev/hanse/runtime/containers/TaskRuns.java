package dev.hanse.runtime.containers;

import dev.hanse.containerd.task.Process;
import dev.hanse.containerd.tasks.CreateTaskRequest;
import dev.hanse.containerd.tasks.DeleteTaskRequest;
import dev.hanse.containerd.tasks.KillRequest;
import dev.hanse.containerd.tasks.StartRequest;
import dev.hanse.containerd.types.Mount;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.ContainerdClient;
import dev.hanse.runtime.containerd.Faults;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.runtime.process.LiveExec;
import dev.hanse.runtime.process.Signals;
import dev.hanse.runtime.process.StandardStreams;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runs of containers: how one begins, ends, and is cleared away. */
final class TaskRuns {
  private static final Logger LOG = LoggerFactory.getLogger(TaskRuns.class);
  private static final int ATTEMPTS = 3;

  private final ContainerdClient client;
  private final ContainerRecords records;
  private final WritableLayers layers;
  private final MountTrees mounts;
  private final ContainerEvents events;
  private final int cgroupVersion;

  TaskRuns(
      ContainerdClient client,
      ContainerRecords records,
      WritableLayers layers,
      MountTrees mounts,
      ContainerEvents events,
      int cgroupVersion) {
    this.client = client;
    this.records = records;
    this.layers = layers;
    this.mounts = mounts;
    this.events = events;
    this.cgroupVersion = cgroupVersion;
  }

  /** Starts the process; the container's lock is held. Returns its process id. */
  int start(LiveContainer container, StandardStreams streams) {
    try {
      createMountedTask(container, streams);
    } catch (StatusRuntimeException failure) {
      // Without an answer it may have been made, or still be. One that was there is another's.
      container.uncleared(container.isUncleared() || !Faults.isAlreadyExists(failure));
      streams.remove();
      throw StartFaults.of(failure);
    } catch (RuntimeFault fault) {
      streams.remove();
      throw fault;
    }
    // Known before it starts: it may end before the answer comes.
    LiveContainer.Run run = LiveContainer.Run.of(streams, Instant.now());
    LiveContainer.Run before = container.run().orElse(null);
    container.run(run);
    try {
      int processId =
          client
              .calls()
              .tasks()
              .start(StartRequest.newBuilder().setContainerId(container.id()).build())
              .getPid();
      container.run(run.with(processId, ContainerRecords.processStart(processId)));
      events.publish(new ContainerEvent.Started(container.id(), processId, Instant.now()));
      return processId;
    } catch (StatusRuntimeException failure) {
      removeFailed(container);
      streams.remove();
      run.exit().cancel(false);
      run.released().complete(null);
      container.run(before);
      throw StartFaults.of(failure);
    }
  }

  /** What cannot be removed now is before the next start, or with the container. */
  private void removeFailed(LiveContainer container) {
    try {
      removeTask(container.id());
    } catch (RuntimeFault fault) {
      if (fault.kind() == RuntimeFault.Kind.CONFLICT && end(container)) {
        return; // It had started, and only the answer was lost.
      }
      container.uncleared(true);
      LOG.warn("container {} was not started: {}", container.id(), fault.getMessage());
    }
  }

  private boolean end(LiveContainer container) {
    try {
      removeUnknown(container.id());
      return true;
    } catch (RuntimeFault fault) {
      LOG.warn("container {} has not ended: {}", container.id(), fault.getMessage());
      return false;
    }
  }

  /** Ends and removes what {@link LiveContainer#isUncleared} tells of; the lock is held. */
  void clear(LiveContainer container) {
    if (container.isUncleared()) {
      removeUnknown(container.id());
      container.uncleared(false);
    }
  }

  private void createMountedTask(LiveContainer container, StandardStreams streams) {
    if (!container.mountTrees()) {
      createTask(container, streams);
      return;
    }
    try {
      mounts.show(records.mountTrees(container.id()));
      createTask(container, streams);
    } finally {
      // The container has its own by now.
      mounts.remove(container.id());
    }
  }

  private void createTask(LiveContainer container, StandardStreams streams) {
    var request =
        CreateTaskRequest.newBuilder()
            .setContainerId(container.id())
            .addAllRootfs(rootfs(container))
            .setTerminal(container.terminal())
            .setStdout(streams.stdoutFile().toString());
    streams.stderrFile().ifPresent(file -> request.setStderr(file.toString()));
    streams.stdinFile().ifPresent(file -> request.setStdin(file.toString()));
    for (int attempt = 1; ; attempt++) {
      try {
        var unused = client.calls().tasks().create(request.build());
        return;
      } catch (StatusRuntimeException failure) {
        if (attempt == ATTEMPTS || !StartFaults.isShimGone(failure)) {
          throw failure;
        }
        LOG.debug("container {}: its group's shim was ending, once more", container.id());
      }
    }
  }

  /** How a container's file system is mounted. */
  List<Mount> rootfs(LiveContainer container) {
    if (container.rootfs().isEmpty()) {
      container.rootfs(layers.mounts(container.id()));
    }
    return container.rootfs();
  }

  Map<String, Process> processes() {
    return records.processes();
  }

  Optional<Process> execProcess(String id, String execId) {
    return records.process(id, execId);
  }

  /**
   * Its process has ended; said again, it does nothing. Returns at once.
   *
   * @param processId tells which run it was: news of an earlier one may come late
   */
  void exited(LiveContainer container, int processId, int code, Instant at) {
    Thread.ofVirtual()
        .name("exit of " + container.id())
        .start(() -> end(container, processId, code, at));
  }

  private void end(LiveContainer container, int processId, int code, Instant at) {
    container.lock.lock();
    try {
      Optional<LiveContainer.Run> present = container.run();
      if (present.isEmpty() || present.get().isOver()) {
        return;
      }
      LiveContainer.Run run = present.get();
      if (run.processId().orElse(processId) != processId) {
        return;
      }
      // The group is gone once the shim has cleared the task away.
      boolean outOfMemory = container.controlGroup(cgroupVersion).outOfMemory();
      var status = new ExitStatus(code, at, outOfMemory);
      events.publish(new ContainerEvent.Exited(container.id(), status));
      run.exit().complete(status);
      release(container, run, status);
    } finally {
      container.lock.unlock();
    }
  }

  private void release(LiveContainer container, LiveContainer.Run run, ExitStatus status) {
    Remnants.kill(container, cgroupVersion);
    try {
      records.saveExit(container.id(), run.startedAt(), status);
      container
          .execs
          .keySet()
          .forEach(id -> execExited(container, id, status.code(), status.exitedAt()));
      removeTask(container.id());
    } catch (RuntimeFault failure) {
      container.uncleared(true);
      LOG.warn("container {} has ended: {}", container.id(), failure.getMessage());
    } finally {
      // The shim has written everything that there was by now.
      run.streams().finish();
      var unused = run.streams().ended().thenRun(() -> run.released().complete(null));
    }
  }

  /** An exec has ended; said again, it does nothing. Returns at once. */
  void execExited(LiveContainer container, String execId, int code, Instant at) {
    LiveExec exec = container.execs.remove(execId);
    if (exec != null) {
      var status = new ExitStatus(code, at, false);
      Thread.ofVirtual().name("exit of exec " + execId).start(() -> exec.ended(status));
      events.publish(new ContainerEvent.ExecExited(container.id(), execId, status));
    }
  }

  void outOfMemory(String id, Instant at) {
    events.publish(new ContainerEvent.OutOfMemory(id, at));
  }

  private void removeTask(String id) {
    try {
      var unused =
          client.calls().tasks().delete(DeleteTaskRequest.newBuilder().setContainerId(id).build());
    } catch (StatusRuntimeException failure) {
      if (!Faults.isNotFound(failure)) {
        throw Faults.of("removing the task of container " + id, failure);
      }
    }
  }

  /** Ends and removes a task that this daemon did not start or adopt, if there is one. */
  void removeUnknown(String id) {
    try {
      if (records.process(id, "").isEmpty()) {
        return;
      }
      var unused =
          client
              .calls()
              .tasks()
              .kill(
                  KillRequest.newBuilder()
                      .setContainerId(id)
                      .setSignal(Signals.KILL)
                      .setAll(true)
                      .build());
      var wait = dev.hanse.containerd.tasks.WaitRequest.newBuilder().setContainerId(id).build();
      var unusedToo = client.calls().tasks().wait(wait);
    } catch (StatusRuntimeException failure) {
      if (!Faults.isNotFound(failure)) {
        throw Faults.of("ending container " + id, failure);
      }
    }
    removeTask(id);
  }

  /** Removes record, file system and FIFOs. */
  void removeFiles(LiveContainer container, Path directory, boolean hasRecord) {
    String id = container.id();
    Remnants.remove(container, cgroupVersion);
    if (hasRecord) {
      records.delete(id);
    }
    layers.remove(id);
    try (Stream<Path> files = Files.exists(directory) ? Files.list(directory) : Stream.empty()) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(directory);
    } catch (IOException failure) {
      throw new RuntimeFault(RuntimeFault.Kind.INTERNAL, "removing " + directory, failure);
    }
  }
}
