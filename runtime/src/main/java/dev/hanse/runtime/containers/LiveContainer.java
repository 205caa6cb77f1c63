package dev.hanse.runtime.containers;

import dev.hanse.containerd.types.Mount;
import dev.hanse.runtime.containerd.Labels;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.runtime.process.LiveExec;
import dev.hanse.runtime.process.Signals;
import dev.hanse.runtime.process.StandardStreams;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the daemon holds in memory of one container. Operations that change its life are done one at
 * a time, under {@link #lock}; the rest is read without it.
 */
final class LiveContainer {
  /**
   * One run of the container: from start (or adoption) to exit.
   *
   * @param startedAt when its process began, as exactly as that is known
   */
  record Run(
      Optional<Integer> processId,
      Instant startedAt,
      StandardStreams streams,
      CompletableFuture<ExitStatus> exit,
      CompletableFuture<Void> released) {

    static Run of(StandardStreams streams, Instant about) {
      return new Run(
          Optional.empty(), about, streams, new CompletableFuture<>(), new CompletableFuture<>());
    }

    Run with(int processId, Optional<Instant> start) {
      return new Run(Optional.of(processId), start.orElse(startedAt), streams, exit, released);
    }

    boolean isOver() {
      return exit.isDone();
    }
  }

  final ReentrantLock lock = new ReentrantLock();
  final Map<String, LiveExec> execs = new ConcurrentHashMap<>();
  private final String id;
  private final Map<String, String> labels;
  private volatile List<Mount> rootfs = List.of();
  private volatile @Nullable Run run;
  private volatile boolean paused;
  private volatile boolean uncleared;

  LiveContainer(String id, Map<String, String> labels) {
    this.id = id;
    this.labels = labels;
  }

  String id() {
    return id;
  }

  boolean terminal() {
    return labels.containsKey(Labels.TERMINAL);
  }

  boolean stdin() {
    return labels.containsKey(Labels.STDIN);
  }

  boolean needsProfile() {
    return labels.containsKey(Labels.APPARMOR);
  }

  boolean mountTrees() {
    return labels.containsKey(Labels.MOUNT_TREES);
  }

  int stopSignal() {
    return Integer.parseInt(
        labels.getOrDefault(Labels.STOP_SIGNAL, Integer.toString(Signals.TERMINATE)));
  }

  ControlGroup controlGroup(int version) {
    return new ControlGroup(version, labels.getOrDefault(Labels.CGROUP, "/hanse/" + id));
  }

  /** How its file system is mounted; empty if that has to be asked. */
  List<Mount> rootfs() {
    return rootfs;
  }

  void rootfs(List<Mount> mounts) {
    rootfs = List.copyOf(mounts);
  }

  /** The present or last run; empty if it was never started by, or made known to, this daemon. */
  Optional<Run> run() {
    return Optional.ofNullable(run);
  }

  void run(@Nullable Run next) {
    run = next;
  }

  /** Whether containerd may have a task of an attempt or a run that is over. */
  boolean isUncleared() {
    return uncleared;
  }

  void uncleared(boolean maybe) {
    uncleared = maybe;
  }

  /** Whether its processes are frozen. */
  boolean isPaused() {
    return paused && isRunning();
  }

  void paused(boolean frozen) {
    paused = frozen;
  }

  boolean isRunning() {
    Run present = run;
    return present != null && !present.isOver();
  }
}
