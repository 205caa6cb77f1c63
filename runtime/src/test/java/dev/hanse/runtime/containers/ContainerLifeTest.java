package dev.hanse.runtime.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.runtime.Output;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.World;
import dev.hanse.runtime.process.OutputListener;
import dev.hanse.runtime.spec.ContainerSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A container's life: made, started, ended, started again, adopted, removed. */
class ContainerLifeTest {
  private static World world;

  @BeforeAll
  static void open() {
    world = World.withBusybox();
  }

  @AfterAll
  static void close() {
    world.close();
  }

  @Test
  void outputAndExitCodeAreReported() {
    Instant before = Instant.now();
    World.Finished run = world.shell("echo out; echo err >&2; exit 7");
    assertThat(run.exit().code()).isEqualTo(7);
    assertThat(run.exit().outOfMemory()).isFalse();
    assertThat(run.exit().exitedAt()).isBetween(before, Instant.now());
    assertThat(run.stdout()).isEqualTo("out\n");
    assertThat(run.stderr()).isEqualTo("err\n");
    assertThat(world.containers().find(run.id())).isEmpty();
  }

  @Test
  void aSignalEndsIt() throws Exception {
    String id = world.start(settings -> settings, new Output(), "sleep", "1000");
    world.containers().kill(id, 9);
    assertThat(world.containers().exit(id).get(20, TimeUnit.SECONDS).code()).isEqualTo(137);
    world.containers().delete(id);
  }

  @Test
  void stopSendsTheStopSignalFirst() {
    var output = new Output();
    String id =
        world.start(
            settings -> settings.stopSignal("SIGUSR1"),
            output,
            "sh",
            "-c",
            "trap 'echo asked; exit 3' USR1; echo ready; while true; do sleep 0.05; done");
    World.eventually("it is ready", () -> output.stdout().contains("ready"));
    assertThat(world.containers().stop(id, Duration.ofSeconds(10)).code()).isEqualTo(3);
    world.containers().delete(id);
    assertThat(output.stdout()).isEqualTo("ready\nasked\n");
  }

  @Test
  void stopKillsAfterTheGracePeriod() {
    // Process 1 ignores SIGTERM unless it handles it, as runc does before it becomes the program.
    var output = new Output();
    String id = world.start(settings -> settings, output, "sh", "-c", "echo up; sleep 1000; true");
    World.eventually("it is up", () -> output.stdout().equals("up\n"));
    assertThat(world.containers().stop(id, Duration.ofMillis(200)).code()).isEqualTo(137);
    world.containers().delete(id);
  }

  @Test
  void anEndedContainerIsKnownAndCanBeStartedAgain() throws Exception {
    var first = new Output();
    String id =
        world.start(
            settings -> settings.labels(Map.of("app", "twice")),
            first,
            "sh",
            "-c",
            "cat /mark 2>/dev/null; echo seen > /mark; exit 4");
    world.containers().exit(id).get(20, TimeUnit.SECONDS);
    first.awaitEnd();
    World.eventually(
        "its exit is on record",
        () ->
            world.containers().list(Map.of("app", "twice")).stream()
                .anyMatch(state -> state.phase() == ContainerState.Phase.EXITED));
    var second = new Output();
    World.eventually(
        "it starts again",
        () -> {
          try {
            return world.containers().start(id, second) > 0;
          } catch (RuntimeFault fault) {
            return false;
          }
        });
    world.containers().exit(id).get(20, TimeUnit.SECONDS);
    second.awaitEnd();
    assertThat(second.stdout()).isEqualTo("seen\n");
    assertThat(world.containers().find(id).orElseThrow().exit().orElseThrow().code()).isEqualTo(4);
    world.containers().delete(id);
  }

  @Test
  void anEndedContainerKnowsWhenItWasStarted() throws Exception {
    String id = world.start(settings -> settings, new Output(), "sh", "-c", "sleep 0.3; exit 0");
    Instant running = world.containers().find(id).orElseThrow().startedAt().orElseThrow();
    Instant ended = world.containers().exit(id).get(20, TimeUnit.SECONDS).exitedAt();
    World.eventually(
        "its exit is on record",
        () -> world.containers().find(id).orElseThrow().startedAt().equals(Optional.of(running)));
    assertThat(running).isBefore(ended);
    world.containers().delete(id);
  }

  @Test
  void whatCannotBeExecutedIsTold() {
    assertThatThrownBy(() -> world.run(settings -> settings, "/no/such/program"))
        .isInstanceOf(RuntimeFault.class)
        .extracting(fault -> ((RuntimeFault) fault).kind())
        .isEqualTo(RuntimeFault.Kind.COMMAND_NOT_FOUND);
    assertThatThrownBy(() -> world.run(settings -> settings, "/etc/passwd"))
        .isInstanceOf(RuntimeFault.class)
        .extracting(fault -> ((RuntimeFault) fault).kind())
        .isEqualTo(RuntimeFault.Kind.COMMAND_NOT_EXECUTABLE);
    assertThatThrownBy(() -> world.containers().start("nosuch", OutputListener.NONE))
        .isInstanceOf(RuntimeFault.class)
        .hasMessage("No such container: nosuch");
  }

  @Test
  void pauseStopsTheClockOfItsProcesses() {
    String id = world.start(settings -> settings, new Output(), "sleep", "1000");
    world.containers().pause(id);
    assertThat(world.containers().find(id).orElseThrow().phase())
        .isEqualTo(ContainerState.Phase.PAUSED);
    world.containers().resume(id);
    assertThat(world.containers().find(id).orElseThrow().phase())
        .isEqualTo(ContainerState.Phase.RUNNING);
    world.containers().delete(id);
  }

  @Test
  void processesAndNumbersOfARunningContainer() {
    String id = world.start(settings -> settings, new Output(), "sleep", "1000");
    int processId = world.containers().find(id).orElseThrow().processId().orElseThrow();
    assertThat(world.containers().processIds(id)).containsExactly(processId);
    ContainerStatistics statistics = world.containers().statistics(id);
    assertThat(statistics.memory().usageBytes()).isPositive();
    assertThat(statistics.processor().totalNanos()).isPositive();
    assertThat(statistics.processes().current()).isEqualTo(1);
    world.containers().delete(id);
  }

  @Test
  void containersOfOneGroupShareAShim() {
    List<String> ids =
        List.of(1, 2, 3).stream()
            .map(
                number ->
                    world.start(
                        settings -> settings.shimGroup("together"), new Output(), "sleep", "1000"))
            .toList();
    List<Long> shims =
        ids.stream()
            .map(id -> world.containers().find(id).orElseThrow().processId().orElseThrow())
            .map(pid -> ProcessHandle.of(pid).orElseThrow().parent().orElseThrow().pid())
            .distinct()
            .toList();
    assertThat(shims).hasSize(1);
    ids.forEach(world.containers()::delete);
  }

  @Test
  void aStartCostsFourCalls() {
    String image = world.runtime().images().require("busybox:latest").id();
    world.runtime().images().rootfs(image);
    String id = World.newId();
    long before = world.runtime().callCount();
    world
        .containers()
        .create(ContainerSettings.builder(id, image).arguments(List.of("sleep", "1000")).build());
    world.containers().start(id, OutputListener.NONE);
    assertThat(world.runtime().callCount() - before).isEqualTo(4);
    world.containers().delete(id);
  }

  @Test
  void manyStartAndEndSideBySide() throws Exception {
    List<Callable<World.Finished>> tasks = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String code = Integer.toString(i);
      tasks.add(
          () ->
              world.run(
                  settings -> settings.shimGroup("crowd"), "sh", "-c", "echo $0; exit $0", code));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<World.Finished>> ends = threads.invokeAll(tasks);
      for (int i = 0; i < ends.size(); i++) {
        assertThat(ends.get(i).get().exit().code()).isEqualTo(i);
        assertThat(ends.get(i).get().stdout()).isEqualTo(i + "\n");
      }
    }
  }
}
