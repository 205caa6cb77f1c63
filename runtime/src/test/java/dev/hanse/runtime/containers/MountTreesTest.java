package dev.hanse.runtime.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.file.Mounts;
import dev.hanse.kernel.file.Racer;
import dev.hanse.runtime.Output;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.World;
import dev.hanse.runtime.spec.ContainerMount;
import dev.hanse.runtime.spec.ContainerMount.Bind;
import dev.hanse.runtime.spec.ContainerMount.Propagation;
import dev.hanse.runtime.spec.ContainerMount.Submounts;
import dev.hanse.runtime.spec.ContainerSettings;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Mounts in mounts, as containers see them and as others disturb them. */
class MountTreesTest {
  private static World world;

  private Path directory;
  private Path data;
  private Path inner;
  private Path config;
  private Path host;

  @BeforeAll
  static void open() {
    world = World.withBusybox();
  }

  @AfterAll
  static void close() {
    world.close();
  }

  @BeforeEach
  void make(TestInfo test) throws Exception {
    directory = world.directory().resolve(test.getTestMethod().orElseThrow().getName());
    data = Files.createDirectories(directory.resolve("data"));
    inner = Files.createDirectories(directory.resolve("inner"));
    host = Files.createDirectories(directory.resolve("host"));
    config = Files.writeString(directory.resolve("config"), "config");
    Files.writeString(inner.resolve("mine"), "inner");
  }

  @AfterEach
  void nothing_is_left() throws Exception {
    assertThat(left()).isEmpty();
    assertThat(Mounts.list()).noneMatch(mount -> mount.target().startsWith(directory));
  }

  private static List<Path> left() throws Exception {
    Path places = world.settings().execDirectory().resolve("mounts");
    if (!Files.exists(places)) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(places)) {
      return found.toList();
    }
  }

  private static World.Finished shell(String line, ContainerMount... mounts) {
    return world.run(settings -> settings.mounts(List.of(mounts)), "sh", "-c", line);
  }

  @Test
  void mounts_in_mounts_are_as_they_were_wanted() throws Exception {
    Files.setAttribute(config, "unix:mode", 0440);
    Files.setAttribute(config, "unix:uid", 7);
    World.Finished run =
        world.run(
            settings ->
                settings
                    .workingDirectory("/data/sub")
                    .mounts(
                        List.of(
                            Bind.of(data, "/data", false),
                            Bind.of(inner, "/data/sub", false),
                            Bind.of(config, "/data/sub/conf/app", true),
                            new ContainerMount.Tmpfs(
                                "/data/memory",
                                OptionalLong.of(65536),
                                OptionalInt.of(0710),
                                false,
                                false))),
            "sh",
            "-c",
            "pwd; cat mine; cat conf/app; ls -ln conf/app; echo x > conf/app || echo refused;"
                + " echo y > /data/memory/y; ls -ldn /data/memory; echo z > /data/z;"
                + " grep ' /data/memory ' /proc/mounts");
    assertThat(run.stdout())
        .startsWith("/data/sub\ninnerconfig")
        .containsPattern("-r--r-----\\s+1 7 ")
        .contains("refused", "drwx--x---", "nosuid,nodev,noexec", "size=64k");
    assertThat(data.resolve("z")).hasContent("z");
    assertThat(data.resolve("memory")).isEmptyDirectory();
    assertThat(inner.resolve("conf/app")).isEmptyFile();
  }

  @Test
  void a_read_only_mount_stays_so_beside_what_may_be_written_in_it() throws Exception {
    Files.createDirectories(data.resolve("sub"));
    World.Finished run =
        shell(
            "echo x > /data/x || echo refused; echo y > /data/sub/y && echo written",
            Bind.of(data, "/data", true),
            Bind.of(inner, "/data/sub", false));
    assertThat(run.stdout()).isEqualTo("refused\nwritten\n");
    assertThat(inner.resolve("y")).exists();
    assertThat(data.resolve("x")).doesNotExist();
  }

  @Test
  void nothing_is_made_in_a_read_only_mount() throws Exception {
    assertThatThrownBy(
            () -> shell("true", Bind.of(data, "/data", true), Bind.of(inner, "/data/sub", false)))
        .isInstanceOfSatisfying(
            RuntimeFault.class,
            fault -> {
              assertThat(fault.kind()).isEqualTo(RuntimeFault.Kind.START_FAILED);
              assertThat(fault)
                  .hasMessageStartingWith(
                      "failed to create task for container: error mounting \"" + inner)
                  .hasMessageContaining("to rootfs at \"/data/sub\"")
                  .hasMessageContaining("Read-only file system");
            });
    assertThat(data).isEmptyDirectory();
  }

  private World.Finished underReadOnly(boolean recursive, Submounts submounts) {
    return shell(
        "echo x > /data/below/x || echo refused; cat /data/conf; ls /data/below",
        new Bind(data, "/data", true, Propagation.RPRIVATE, recursive, submounts),
        Bind.of(config, "/data/conf", true));
  }

  @Test
  void what_is_mounted_below_a_read_only_source_is_as_was_asked() throws Exception {
    Files.createFile(data.resolve("conf"));
    Path below = Files.createDirectories(data.resolve("below"));
    Mounts.tmpfs(below, 65536, 0755, Set.of());
    try {
      Files.writeString(below.resolve("seen"), "x");
      assertThat(underReadOnly(true, Submounts.READ_ONLY_IF_POSSIBLE).stdout())
          .isEqualTo("refused\nconfigseen\n");
      assertThat(underReadOnly(true, Submounts.READ_ONLY_OR_REFUSED).stdout())
          .isEqualTo("refused\nconfigseen\n");
      assertThat(underReadOnly(false, Submounts.UNCHANGED).stdout()).isEqualTo("refused\nconfig");
      assertThat(underReadOnly(true, Submounts.UNCHANGED).stdout()).isEqualTo("configseen\nx\n");
    } finally {
      Mounts.unmount(below);
    }
  }

  @Test
  void what_is_mounted_on_the_host_later_travels_into_a_slave_and_nothing_comes_back()
      throws Exception {
    Mounts.bind(data, data, Set.of());
    try {
      Mounts.propagate(data, true);
      Path later = Files.createDirectories(data.resolve("later"));
      var output = new Output();
      String id =
          world.start(
              settings ->
                  settings.mounts(
                      List.of(
                          new Bind(
                              data, "/data", false, Propagation.RSLAVE, true, Submounts.UNCHANGED),
                          Bind.of(inner, "/data/sub", false))),
              output,
              "sh",
              "-c",
              "cat /data/sub/mine; echo; while [ ! -e /data/later/seen ]; do sleep 0.05; done;"
                  + " cat /data/sub/mine");
      World.eventually("it is there", () -> output.stdout().equals("inner\n"));
      assertThat(data.resolve("sub")).isEmptyDirectory();
      Mounts.tmpfs(later, 65536, 0755, Set.of());
      Files.writeString(later.resolve("seen"), "x");
      assertThat(world.containers().exit(id).get(20, TimeUnit.SECONDS).code()).isZero();
      output.awaitEnd();
      assertThat(output.stdout()).isEqualTo("inner\ninner");
      world.containers().delete(id);
    } finally {
      Mounts.unmountTree(data);
    }
  }

  @Test
  void a_restarted_daemon_starts_what_was_made_and_gives_back_what_was_left() throws Exception {
    String id = World.newId();
    world
        .containers()
        .create(
            ContainerSettings.builder(id, "busybox:latest")
                .arguments(List.of("cat", "/data/conf"))
                .mounts(List.of(Bind.of(data, "/data", false), Bind.of(config, "/data/conf", true)))
                .build());
    assertThat(left()).isEmpty();
    Path place = Files.createDirectories(world.settings().execDirectory().resolve("mounts/left/0"));
    Mounts.bind(data, place, Set.of());
    world.restartDaemon();
    assertThat(left()).isEmpty();
    assertThat(data).exists();

    var output = new Output();
    world.containers().start(id, output);
    assertThat(world.containers().exit(id).get(20, TimeUnit.SECONDS).code()).isZero();
    output.awaitEnd();
    assertThat(output.stdout()).isEqualTo("config");
    world.containers().delete(id);
  }

  @Test
  @Tag("attack")
  void nothing_is_made_or_mounted_on_the_host_while_a_mount_point_is_exchanged() throws Exception {
    Path sub = Files.createDirectories(data.resolve("sub"));
    Path link = Files.createSymbolicLink(data.resolve("link"), host);
    int started = 0;
    try (Racer racer = Racer.between(sub, link)) {
      for (int round = 0; round < 6; round++) {
        try {
          World.Finished run =
              shell(
                  "true",
                  Bind.of(data, "/data", false),
                  Bind.of(config, "/data/sub/made/config" + round, true),
                  Bind.of(inner, "/data/sub/inner" + round, false));
          started += run.exit().code() == 0 ? 1 : 0;
        } catch (RuntimeFault refused) {
          assertThat(refused.kind()).isEqualTo(RuntimeFault.Kind.START_FAILED);
        }
        assertThat(left()).isEmpty();
      }
      assertThat(racer.exchanges()).isPositive();
    }
    assertThat(host).isEmptyDirectory();
    assertThat(inner.toFile().list()).containsExactly("mine");
    assertThat(started).isPositive();
  }

  @Test
  @Tag("attack")
  void a_container_that_exchanges_its_directories_is_measured_without_the_hosts_files()
      throws Exception {
    long hostBytes = 1L << 40;
    try (var file = new RandomAccessFile(host.resolve("large").toFile(), "rw")) {
      file.setLength(hostBytes);
    }
    var output = new Output();
    String id =
        world.start(
            settings -> settings,
            output,
            "sh",
            "-c",
            "mkdir /a; dd if=/dev/zero of=/a/file bs=1000 count=5; ln -s "
                + host
                + " /link; echo up; sleep 1000");
    World.eventually("it is up", () -> output.stdout().equals("up\n"));
    Path root =
        Path.of(
            "/proc",
            Integer.toString(world.containers().find(id).orElseThrow().processId().orElseThrow()),
            "root");
    long largest = 0;
    try (Racer racer = Racer.between(root.resolve("a"), root.resolve("link"))) {
      for (int round = 0; round < 150; round++) {
        long written = world.containers().writtenBytes(id);
        assertThat(written).isLessThan(hostBytes);
        largest = Math.max(largest, written);
      }
      assertThat(racer.exchanges()).isPositive();
    }
    assertThat(largest).isGreaterThanOrEqualTo(5000);
    world.containers().delete(id);
  }
}
