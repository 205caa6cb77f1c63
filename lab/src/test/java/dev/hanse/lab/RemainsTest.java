package dev.hanse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a lab whose daemons and containers are killed. */
class RemainsTest {
  private static final Path GROUPS = Path.of("/sys/fs/cgroup");

  @TempDir Path directory;
  private final List<Path> made = new ArrayList<>();

  @AfterEach
  void remove() throws IOException {
    for (Path group : made) {
      Files.deleteIfExists(group);
    }
  }

  /** The control groups of a container, and what containerd keeps of it. */
  private List<Path> container(Path runDirectory, String id) throws IOException {
    Files.createDirectories(
        runDirectory.resolve("host1/containerd/state/io.containerd.runtime.v2.task/hanse/" + id));
    List<Path> groups = new ArrayList<>();
    try (Stream<Path> entries = Files.list(GROUPS)) {
      boolean unified = Files.exists(GROUPS.resolve("cgroup.controllers"));
      for (Path root : unified ? List.of(GROUPS) : entries.toList()) {
        groups.add(root.resolve("hanse").resolve(id));
      }
    }
    for (Path group : groups) {
      Files.createDirectories(group);
    }
    groups.sort(Comparator.naturalOrder());
    made.addAll(groups);
    return groups;
  }

  @Test
  void groups_go_with_their_processes_and_without_and_others_stay() throws Exception {
    Path run = directory.resolve("run");
    List<Path> ended = container(run, "ended" + UUID.randomUUID());
    List<Path> running = container(run, "running" + UUID.randomUUID());
    List<Path> others = container(directory.resolve("other"), "other" + UUID.randomUUID());
    Process process = processIn(running, run);

    Remains.of(List.of(), List.of(run), List.of()).removeAll();

    assertThat(process.waitFor()).isEqualTo(137);
    assertThat(ended).noneMatch(Files::exists);
    assertThat(running).noneMatch(Files::exists);
    assertThat(others).allMatch(Files::exists);
    assertThat(run).doesNotExist();
  }

  /** As one whose runc was killed between freezing and thawing it. */
  @Test
  void a_frozen_container_goes_too() throws Exception {
    Path run = directory.resolve("run");
    List<Path> groups = container(run, "frozen" + UUID.randomUUID());
    Process process = processIn(groups, run);
    int frozen = 0;
    for (Path group : groups) {
      frozen += write(group.resolve("freezer.state"), "FROZEN");
      frozen += write(group.resolve("cgroup.freeze"), "1");
    }
    assertThat(frozen).isPositive();

    Remains.of(List.of(), List.of(run), List.of()).removeAll();

    assertThat(process.waitFor()).isEqualTo(137);
    assertThat(groups).noneMatch(Files::exists);
  }

  private static int write(Path file, String text) throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    Files.writeString(file, text);
    return 1;
  }

  private static Process processIn(List<Path> groups, Path run) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("busybox", "sleep", "1000");
    builder.environment().put(Daemon.MARK, run.resolve("host1").toString());
    Process process = builder.start();
    for (Path group : groups) {
      if (group.startsWith(GROUPS.resolve("cpuset"))) {
        continue; // Takes no process before it has processors.
      }
      Files.writeString(group.resolve("cgroup.procs"), Long.toString(process.pid()));
    }
    return process;
  }
}
