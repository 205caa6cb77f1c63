package dev.hanse.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.docker.Cli;
import dev.hanse.model.Mount;
import dev.hanse.model.Task;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Images, volumes and what they take on the disk, under the real docker CLI. */
@Timeout(120)
final class ImageCliTest {
  private static EngineWorld world;
  private static Cli docker;

  @BeforeAll
  static void open() throws Exception {
    world = new EngineWorld();
    docker = world.cli();
  }

  @AfterAll
  static void close() throws Exception {
    world.close();
  }

  @Test
  void listsTagsAndRemoves() throws Exception {
    docker.ok("tag", "busybox", "reg.example/shop/web:1");
    assertThat(docker.ok("images", "--format", "{{.Repository}}:{{.Tag}}"))
        .contains("busybox:latest", "reg.example/shop/web:1");
    assertThat(docker.ok("images", "-q", "--filter", "reference=reg.example/*/web"))
        .isEqualTo(docker.ok("images", "-q", "busybox"));
    assertThat(docker.ok("image", "inspect", "-f", "{{.Config.Cmd}} {{.Os}}", "busybox"))
        .isEqualTo("[sh] linux");
    assertThat(docker.ok("history", "--format", "{{.Comment}}", "busybox"))
        .isEqualTo("made by the test");
    String id = docker.ok("images", "-q", "--no-trunc", "busybox");
    assertThat(docker.fails("rmi", id)).contains("image is referenced in multiple repositories");
    assertThat(docker.ok("rmi", "reg.example/shop/web:1"))
        .isEqualTo("Untagged: reg.example/shop/web:1");
    assertThat(docker.fails("rmi", "nothing:1")).contains("No such image: nothing:1");
    assertThat(docker.fails("tag", "busybox", "Upper:1")).contains("lowercase");
  }

  @Test
  void keepsImagesInUse() throws Exception {
    docker.ok("tag", "busybox", "used-elsewhere:1");
    docker.ok("rmi", "used-elsewhere:1");
    Task task = world.start("exec sleep 1000");
    String container = EngineWorld.id(task).substring(0, 12);
    assertThat(docker.fails("rmi", "busybox"))
        .contains("conflict: unable to remove repository reference \"busybox\" (must force)")
        .contains("container " + container + " is using its referenced image");
    String id = docker.ok("images", "-q", "busybox");
    assertThat(docker.fails("rmi", "-f", id))
        .contains("unable to delete " + id + " (cannot be forced)")
        .contains("image is being used by running container " + container);
    docker.ok("rm", "-f", EngineWorld.name(task));
  }

  @Test
  void savesLoadsAndImports() throws Exception {
    Path archive = world.directory().resolve("saved.tar");
    docker.ok("tag", "busybox", "travelling:1");
    docker.ok("save", "-o", archive.toString(), "travelling:1");
    docker.ok("rmi", "travelling:1");
    assertThat(docker.ok("load", "-i", archive.toString())).contains("Loaded image: travelling:1");
    docker.ok("rmi", "travelling:1");
    assertThat(docker.fails("save", "-o", archive.toString(), "nowhere:1"))
        .contains("No such image");

    Path rootfs = Files.write(world.directory().resolve("rootfs.tar"), world.rootfs());
    String id =
        docker.ok("import", "-c", "CMD [\"true\"]", "-m", "by hand", rootfs.toString(), "mine:2");
    assertThat(id).startsWith("sha256:");
    assertThat(
            docker.ok("image", "inspect", "-f", "{{.Id}} {{.Config.Cmd}} {{.Comment}}", "mine:2"))
        .isEqualTo(id + " [true] by hand");
    docker.ok("rmi", "mine:2");
    Path garbage = Files.writeString(world.directory().resolve("garbage"), "no archive at all");
    assertThat(docker.run("", "load", "-i", garbage.toString()).exit()).isNotZero();
    // A status of success, and the fault as the last line of the stream: so do Docker's own.
    EngineWorld.Answer answer = world.ask("POST", "/images/load", "\"garbage\"");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).contains("\"errorDetail\":{\"message\":");
  }

  @Test
  void importsWithAHealthcheckAndTriggers() throws Exception {
    Path rootfs = Files.write(world.directory().resolve("checked.tar"), world.rootfs());
    docker.ok(
        "import",
        "-c",
        "HEALTHCHECK --interval=5s --retries=3 CMD [\"true\"]",
        "-c",
        "ONBUILD RUN make",
        rootfs.toString(),
        "checked:1");
    assertThat(docker.ok("image", "inspect", "-f", "{{json .Config.Healthcheck}}", "checked:1"))
        .isEqualTo("{\"Test\":[\"CMD\",\"true\"],\"Interval\":5000000000,\"Retries\":3}");
    assertThat(docker.ok("image", "inspect", "-f", "{{json .Config.OnBuild}}", "checked:1"))
        .isEqualTo("[\"RUN make\"]");
    for (String[] bad :
        new String[][] {
          {"HEALTHCHECK --interval=1us CMD true", "invalid duration"},
          {"HEALTHCHECK --interval=999999999h CMD true", "invalid duration"},
          {"HEALTHCHECK --pace=1s CMD true", "Unknown flag: pace"},
          {"HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD"},
          {"HEALTHCHECK RUN true", "Unknown type \"RUN\" in HEALTHCHECK (try CMD)"},
          {"HEALTHCHECK NONE true", "HEALTHCHECK NONE takes no arguments"},
          {"ONBUILD ONBUILD RUN x", "Chaining ONBUILD"},
          {"ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger"},
        }) {
      assertThat(docker.fails("import", "-c", bad[0], rootfs.toString(), "bad:1")).contains(bad[1]);
    }
    docker.ok("rmi", "checked:1");
  }

  @Test
  void prunesByAgeAndLabel() throws Exception {
    Path rootfs = Files.write(world.directory().resolve("small.tar"), world.rootfs());
    docker.ok("import", "-c", "LABEL keep=yes", rootfs.toString(), "kept:1");
    docker.ok("import", "-c", "LABEL keep=no", rootfs.toString(), "pruned:1");
    assertThat(
            docker.ok("image", "prune", "-af", "--filter", "label=keep", "--filter", "until=10m"))
        .contains("Total reclaimed space: 0B");
    assertThat(
            docker.ok(
                "image", "prune", "-af", "--filter", "label=keep", "--filter", "label!=keep=yes"))
        .contains("untagged: pruned:1")
        .doesNotContain("kept:1");
    docker.ok("rmi", "kept:1");
  }

  @Test
  void managesVolumes() throws Exception {
    assertThat(docker.ok("volume", "create", "--label", "a=b", "data")).isEqualTo("data");
    assertThat(docker.ok("volume", "ls", "-q", "--filter", "label=a=b")).isEqualTo("data");
    Path mountpoint = Path.of(docker.ok("volume", "inspect", "-f", "{{.Mountpoint}}", "data"));
    assertThat(mountpoint).isDirectory();
    Task task =
        world.start(
            spec ->
                spec.addArgs("sh")
                    .addArgs("-c")
                    .addArgs("echo kept > /data/file; exec sleep 1000")
                    .addMounts(
                        Mount.newBuilder()
                            .setType(Mount.Type.VOLUME)
                            .setSource("data")
                            .setTarget("/data")));
    EngineWorld.eventually(() -> "written", () -> Files.exists(mountpoint.resolve("file")));
    assertThat(docker.fails("volume", "rm", "data"))
        .contains("remove data: volume is in use - [" + EngineWorld.id(task) + "]");
    assertThat(docker.ok("ps", "-q", "--filter", "volume=data")).isNotEmpty();
    assertThat(docker.ok("inspect", "-f", "{{(index .Mounts 0).Source}}", EngineWorld.name(task)))
        .isEqualTo(mountpoint.toString());
    assertThat(docker.ok("system", "df", "-v")).contains("data").contains("busybox");
    assertThat(docker.ok("system", "df", "--format", "{{.Type}} {{.TotalCount}}"))
        .contains("Local Volumes 1");
    docker.ok("rm", "-f", EngineWorld.name(task));
    assertThat(docker.ok("volume", "rm", "data")).isEqualTo("data");
    assertThat(docker.fails("volume", "inspect", "data"))
        .containsAnyOf("get data: no such volume", "No such volume: data");
    assertThat(docker.fails("volume", "create", "-d", "nfsplugin", "x1")).contains("nfsplugin");
  }
}
