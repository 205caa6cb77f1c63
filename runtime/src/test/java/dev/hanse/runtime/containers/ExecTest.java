package dev.hanse.runtime.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.runtime.Output;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.World;
import dev.hanse.runtime.process.ExecProcess;
import dev.hanse.runtime.process.ExecSettings;
import dev.hanse.runtime.process.OutputListener;
import dev.hanse.runtime.process.ProcessInput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More processes in a running container, and talking to processes. */
class ExecTest {
  private static World world;
  private static String id;

  @BeforeAll
  static void open() {
    world = World.withBusybox();
    id =
        world.start(
            settings -> settings.environment(List.of("OUTER=1")).user("web"),
            new Output(),
            "sleep",
            "1000");
  }

  @AfterAll
  static void close() {
    world.close();
  }

  private static ExecSettings settings(
      List<String> environment,
      Optional<String> user,
      boolean terminal,
      boolean stdin,
      String line) {
    return new ExecSettings(
        List.of("sh", "-c", line), environment, user, Optional.of("/var"), terminal, stdin, false);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** More than containerd's shim can start at once. */
  @Test
  @Tag("attack")
  @Timeout(60)
  void sixtyExecsAtOnceAllEnd() throws Exception {
    List<Future<Integer>> codes = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int number = 0; number < 60; number++) {
        codes.add(
            threads.submit(
                () ->
                    world
                        .containers()
                        .exec(
                            id,
                            settings(List.of(), Optional.empty(), false, false, "exit 3"),
                            OutputListener.NONE)
                        .exit()
                        .get(30, TimeUnit.SECONDS)
                        .code()));
      }
    }
    for (Future<Integer> code : codes) {
      assertThat(code.get()).isEqualTo(3);
    }
  }

  @Test
  void anExecHasItsOwnOutputAndExitCode() throws Exception {
    var output = new Output();
    ExecProcess exec =
        world
            .containers()
            .exec(
                id,
                settings(
                    List.of("INNER=2"),
                    Optional.empty(),
                    false,
                    false,
                    "echo $OUTER $INNER $(id -un) $PWD; echo bad >&2; exit 42"),
                output);
    assertThat(exec.exit().get(20, TimeUnit.SECONDS).code()).isEqualTo(42);
    assertThat(output.stdout()).isEqualTo("1 2 web /var\n");
    assertThat(output.stderr()).isEqualTo("bad\n");
  }

  @Test
  void anExecMayBeAnotherUser() throws Exception {
    var output = new Output();
    ExecProcess exec =
        world
            .containers()
            .exec(id, settings(List.of(), Optional.of("0:10"), false, false, "id"), output);
    assertThat(exec.exit().get(20, TimeUnit.SECONDS).code()).isZero();
    assertThat(output.stdout()).startsWith("uid=0(root) gid=10(wheel)");
    assertThatThrownBy(
            () ->
                world
                    .containers()
                    .exec(
                        id,
                        settings(List.of(), Optional.of("nemo"), false, false, "id"),
                        OutputListener.NONE))
        .hasMessageContaining("unable to find user nemo");
  }

  @Test
  void inputReachesItAndEnds() throws Exception {
    var output = new Output();
    ExecProcess exec =
        world
            .containers()
            .exec(id, settings(List.of(), Optional.empty(), false, true, "cat; echo end"), output);
    ProcessInput input = exec.input().orElseThrow();
    input.write(ByteBuffer.wrap(bytes("one\n")));
    World.eventually("it is echoed", () -> output.stdout().equals("one\n"));
    input.close();
    assertThat(exec.exit().get(20, TimeUnit.SECONDS).code()).isZero();
    assertThat(output.stdout()).isEqualTo("one\nend\n");
  }

  @Test
  void aTerminalHasASize() throws Exception {
    var output = new Output();
    ExecProcess exec =
        world
            .containers()
            .exec(
                id,
                settings(
                    List.of(),
                    Optional.of("root"),
                    true,
                    true,
                    "read x; stty size; echo $TERM; [ -t 0 ] && echo terminal"),
                output);
    exec.resize(101, 31);
    exec.input().orElseThrow().write(ByteBuffer.wrap(bytes("go\n")));
    assertThat(exec.exit().get(20, TimeUnit.SECONDS).code()).isZero();
    assertThat(output.stdout()).contains("31 101", "xterm", "terminal");
  }

  @Test
  void anExecCanBeKilledAndAWrongCommandIsTold() throws Exception {
    ExecProcess exec =
        world.containers().exec(id, ExecSettings.of(List.of("sleep", "1000")), OutputListener.NONE);
    exec.kill(9);
    assertThat(exec.exit().get(20, TimeUnit.SECONDS).code()).isEqualTo(137);
    assertThatThrownBy(
            () ->
                world
                    .containers()
                    .exec(id, ExecSettings.of(List.of("nonsense")), OutputListener.NONE))
        .isInstanceOf(RuntimeFault.class)
        .extracting(fault -> ((RuntimeFault) fault).kind())
        .isEqualTo(RuntimeFault.Kind.COMMAND_NOT_FOUND);
  }

  @Test
  void muchOutputIsHeldBackAndNotLost() throws Exception {
    var output = new Output();
    ExecProcess exec =
        world
            .containers()
            .exec(
                id,
                ExecSettings.of(List.of("sh", "-c", "yes 0123456789abcde | head -c 4000000")),
                output);
    exec.pauseOutput();
    exec.resumeOutput();
    assertThat(exec.exit().get(20, TimeUnit.SECONDS).code()).isZero();
    assertThat(output.stdout()).hasSize(4_000_000);
  }

  @Test
  void aContainerWithTerminalAndInputIsTalkedTo() throws Exception {
    var output = new Output();
    String interactive =
        world.start(settings -> settings.terminal(true).stdinOpen(true), output, "sh");
    var second = new Output();
    AutoCloseable attached = world.containers().attach(interactive, second);
    world.containers().resize(interactive, 90, 20);
    try (ProcessInput input = world.containers().input(interactive)) {
      input.write(ByteBuffer.wrap(bytes("stty size; exit 5\n")));
      assertThat(world.containers().exit(interactive).get(20, TimeUnit.SECONDS).code())
          .isEqualTo(5);
    }
    output.awaitEnd();
    assertThat(output.stdout()).contains("20 90");
    assertThat(second.stdout()).contains("20 90");
    attached.close();
    world.containers().delete(interactive);
  }
}
