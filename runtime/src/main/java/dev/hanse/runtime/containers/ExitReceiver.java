package dev.hanse.runtime.containers;

import dev.hanse.containerd.task.Process;
import dev.hanse.containerd.task.Status;
import dev.hanse.health.Apart;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.runtime.process.LiveExec;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Gives containerd's events to the containers that they are about. */
final class ExitReceiver implements EventFeed.Receiver {
  /** What is said of a process whose shim died with the knowledge of its exit. */
  private static final int CODE_UNKNOWN = 255;

  private final Map<String, LiveContainer> live;
  private final TaskRuns runs;

  ExitReceiver(Map<String, LiveContainer> live, TaskRuns runs) {
    this.live = live;
    this.runs = runs;
  }

  @Override
  public void exited(String containerId, String execId, int processId, int code, Instant at) {
    LiveContainer container = live.get(containerId);
    if (container == null) {
      return;
    }
    if (execId.isEmpty()) {
      runs.exited(container, processId, code, at);
    } else {
      runs.execExited(container, execId, code, at);
    }
  }

  @Override
  public void outOfMemory(String containerId, Instant at) {
    if (live.containsKey(containerId)) {
      runs.outOfMemory(containerId, at);
    }
  }

  @Override
  public void compare() {
    // What runs is noted before containerd is asked: who starts meanwhile is not compared.
    Map<LiveContainer, Integer> running = new HashMap<>();
    for (LiveContainer container : live.values()) {
      container
          .run()
          .filter(run -> !run.isOver())
          .flatMap(LiveContainer.Run::processId)
          .ifPresent(processId -> running.put(container, processId));
    }
    if (!running.isEmpty()) {
      Map<String, Process> processes = runs.processes();
      Apart compared = new Apart();
      running.forEach(
          (container, processId) ->
              compared.run(
                  () ->
                      compare(
                          container,
                          processId,
                          Optional.ofNullable(processes.get(container.id())))));
      compared.check();
    }
  }

  private void compare(LiveContainer container, int processId, Optional<Process> process) {
    if (process.isEmpty()) {
      runs.exited(container, processId, CODE_UNKNOWN, Instant.now());
    } else if (process.get().getStatus() == Status.STOPPED) {
      ExitStatus exit = ContainerRecords.exit(process.get());
      runs.exited(container, processId, exit.code(), exit.exitedAt());
    } else {
      container.execs.keySet().forEach(execId -> compareExec(container, execId));
    }
  }

  private void compareExec(LiveContainer container, String execId) {
    LiveExec exec = container.execs.get(execId);
    if (exec == null || exec.processId() == 0) {
      return;
    }
    Optional<Process> process = runs.execProcess(container.id(), execId);
    if (process.isEmpty()) {
      runs.execExited(container, execId, CODE_UNKNOWN, Instant.now());
    } else if (process.get().getStatus() == Status.STOPPED) {
      ExitStatus exit = ContainerRecords.exit(process.get());
      runs.execExited(container, execId, exit.code(), exit.exitedAt());
    }
  }
}
