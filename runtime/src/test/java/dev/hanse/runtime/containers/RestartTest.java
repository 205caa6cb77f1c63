package dev.hanse.runtime.containers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.runtime.Output;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.World;
import dev.hanse.runtime.process.ProcessInput;
import dev.hanse.runtime.process.Signals;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The daemon restarts, containerd is killed: containers live on and nothing of them is lost. */
class RestartTest {
  private World world;

  @BeforeEach
  void open() {
    world = World.withBusybox();
  }

  @AfterEach
  void close() {
    world.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void whatIsWrittenWhileTheDaemonIsAwayIsReadLater() throws Exception {
    var before = new Output();
    String id =
        world.start(
            settings ->
                settings
                    .stdinOpen(true)
                    .labels(Map.of("kind", "patient"))
                    .attachments(Map.of("note", bytes("kept"))),
            before,
            "sh",
            "-c",
            "echo first; read x; echo second; sleep 0.5; echo third; read y; echo $y; exit 6");
    World.eventually("it speaks", () -> before.stdout().equals("first\n"));
    ProcessInput input = world.containers().input(id);
    input.write(ByteBuffer.wrap(bytes("go\n")));
    input.detach();
    world.restartDaemon();

    List<ContainerState> found = world.containers().list(Map.of("kind", "patient"));
    assertThat(found).extracting(ContainerState::id).containsExactly(id);
    assertThat(found.getFirst().phase()).isEqualTo(ContainerState.Phase.RUNNING);
    assertThat(found.getFirst().attachments().get("note")).isEqualTo(bytes("kept"));
    var after = new Output();
    world.containers().adopt(id, after);
    World.eventually("the rest is read", () -> after.stdout().contains("third\n"));
    try (ProcessInput again = world.containers().input(id)) {
      again.write(ByteBuffer.wrap(bytes("last\n")));
    }
    assertThat(world.containers().exit(id).get(20, TimeUnit.SECONDS).code()).isEqualTo(6);
    after.awaitEnd();
    assertThat(before.stdout() + after.stdout()).isEqualTo("first\nsecond\nthird\nlast\n");
  }

  @Test
  void anExitWhileTheDaemonIsAwayIsReportedAtAdoption() throws Exception {
    var output = new Output();
    String id = world.start(settings -> settings, output, "sh", "-c", "sleep 0.3; exit 8");
    world.restartDaemon();
    World.eventually(
        "it has ended",
        () -> world.containers().find(id).orElseThrow().phase() == ContainerState.Phase.EXITED);
    var events = new ConcurrentLinkedQueue<ContainerEvent>();
    try (AutoCloseable unused = world.containers().subscribe(events::add)) {
      ContainerState state = world.containers().adopt(id, new Output());
      assertThat(state.exit().orElseThrow().code()).isEqualTo(8);
      World.eventually(
          "its start is known",
          () ->
              world
                  .containers()
                  .find(id)
                  .orElseThrow()
                  .startedAt()
                  .filter(start -> start.isBefore(state.exit().orElseThrow().exitedAt()))
                  .isPresent());
      World.eventually(
          "its exit is told",
          () ->
              events.stream()
                  .anyMatch(
                      event ->
                          event instanceof ContainerEvent.Exited exited
                              && exited.status().code() == 8));
    }
  }

  @Test
  void aKilledContainerdIsBroughtBackAndExitsAreSeen() throws Exception {
    var events = new ConcurrentLinkedQueue<ContainerEvent>();
    AutoCloseable subscription = world.containers().subscribe(events::add);
    var output = new Output();
    String lives =
        world.start(
            settings -> settings.stdinOpen(true), output, "sh", "-c", "echo up; read x; exit 11");
    String group = "shared";
    String dies =
        world.start(
            settings -> settings.shimGroup(group), new Output(), "sh", "-c", "sleep 0.3; exit 12");
    String stays =
        world.start(settings -> settings.shimGroup(group), new Output(), "sleep", "1000");
    World.eventually("it is up", () -> output.stdout().equals("up\n"));
    ProcessHandle old = world.runtime().containerd().process().orElseThrow();
    old.destroyForcibly();
    old.onExit().get(20, TimeUnit.SECONDS);

    assertThat(world.containers().exit(dies).get(20, TimeUnit.SECONDS).code()).isEqualTo(12);
    World.eventually("it answers again", () -> runs(lives));
    assertThat(world.runtime().containerd().process().orElseThrow().pid()).isNotEqualTo(old.pid());
    try (ProcessInput input = world.containers().input(lives)) {
      input.write(ByteBuffer.wrap(bytes("end\n")));
    }
    assertThat(world.containers().exit(lives).get(20, TimeUnit.SECONDS).code()).isEqualTo(11);
    assertThat(world.containers().find(stays).orElseThrow().phase())
        .isEqualTo(ContainerState.Phase.RUNNING);
    World.eventually(
        "both exits are told once",
        () -> events.stream().filter(event -> event instanceof ContainerEvent.Exited).count() == 2);
    subscription.close();
  }

  private boolean runs(String id) {
    try {
      return world.containers().find(id).orElseThrow().phase() == ContainerState.Phase.RUNNING;
    } catch (RuntimeFault notYet) {
      return false;
    }
  }

  @Test
  void aKilledShimEndsItsContainer() throws Exception {
    String id = world.start(settings -> settings, new Output(), "sleep", "1000");
    int processId = world.containers().find(id).orElseThrow().processId().orElseThrow();
    ProcessHandle shim = ProcessHandle.of(processId).orElseThrow().parent().orElseThrow();
    shim.destroyForcibly();
    assertThat(world.containers().exit(id).get(20, TimeUnit.SECONDS).code()).isNotZero();
    world.containers().delete(id);
    assertThat(world.containers().find(id)).isEmpty();
    World.eventually(
        "its process is gone",
        () -> ProcessHandle.of(processId).filter(ProcessHandle::isAlive).isEmpty());
  }

  @Test
  void aShimThatStandsStillHidesNothingThatIsKnown() throws Exception {
    String id = world.start(settings -> settings, new Output(), "sleep", "1000");
    ContainerState before = world.containers().find(id).orElseThrow();
    int processId = before.processId().orElseThrow();
    long shim = ProcessHandle.of(processId).orElseThrow().parent().orElseThrow().pid();
    signal("STOP", shim);
    try {
      ContainerState meanwhile = world.containers().find(id).orElseThrow();
      assertThat(meanwhile.processId()).hasValue(processId);
      assertThat(meanwhile.startedAt()).isEqualTo(before.startedAt());
      List<ContainerState> listed = world.containers().list(Map.of());
      assertThat(listed).extracting(ContainerState::id).containsExactly(id);
      assertThat(listed.getFirst().startedAt()).isEqualTo(before.startedAt());
      world.restartDaemon();
      world.containers().adopt(id, new Output());
    } finally {
      signal("CONT", shim);
    }
    signal("KILL", processId);
    assertThat(world.containers().exit(id).get(20, TimeUnit.SECONDS).code()).isEqualTo(137);
  }

  private static void signal(String name, long processId) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(processId)).start();
    assertThat(kill.waitFor()).isZero();
  }

  /** As one that a killed shim leaves, if what was to clear up after it was killed as well. */
  @Test
  void whatOutlivesItsContainerIsKilledAndItsGroupGoes() throws Exception {
    String id = world.start(settings -> settings, new Output(), "sleep", "1000");
    Process left = new ProcessBuilder("busybox", "sleep", "1000").start();
    List<Path> groups = new ArrayList<>();
    try (Stream<Path> entries = Files.list(Path.of("/sys/fs/cgroup"))) {
      Stream.concat(Stream.of(Path.of("/sys/fs/cgroup")), entries)
          .map(root -> root.resolve("hanse/" + id))
          .filter(Files::isDirectory)
          .forEach(groups::add);
    }
    assertThat(groups).isNotEmpty();
    for (Path group : groups) {
      Files.writeString(group.resolve("cgroup.procs"), Long.toString(left.pid()));
    }
    world.containers().kill(id, Signals.KILL);
    assertThat(world.containers().exit(id).get(20, TimeUnit.SECONDS).code()).isEqualTo(137);
    assertThat(left.waitFor()).isEqualTo(137);
    world.containers().delete(id);
    World.eventually("its groups are gone", () -> groups.stream().noneMatch(Files::exists));
  }
}
