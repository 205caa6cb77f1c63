package dev.hanse.agent;

import static dev.hanse.agent.AgentWorld.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.kernel.file.Mounts;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Mount;
import dev.hanse.model.Mount.BindOptions;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A container tries to write to what is mounted below a read-only bind. */
@Tag("attack")
class ReadOnlyBindTest {
  private static AgentWorld world;
  private static Path source;
  private static Path below;

  @BeforeAll
  static void start() throws Exception {
    world = new AgentWorld();
    source = Files.createDirectories(world.directory().resolve("source"));
    below = Files.createDirectories(source.resolve("below"));
    Mounts.tmpfs(below, 1 << 20, 0777, Set.of());
  }

  @AfterAll
  static void stop() throws Exception {
    Mounts.unmount(below);
    world.close();
  }

  private static Mount readOnly(String target, BindOptions options) {
    return Mount.newBuilder()
        .setType(Mount.Type.BIND)
        .setSource(source.toString())
        .setTarget(target)
        .setReadonly(true)
        .setBindOptions(options)
        .build();
  }

  private static BindOptions.Builder options() {
    return BindOptions.newBuilder();
  }

  @Test
  void what_is_mounted_below_is_read_only_unless_it_is_asked_for() throws Exception {
    Task task =
        task(
            spec ->
                attack(spec)
                    .addMounts(readOnly("/usual", options().build()))
                    .addMounts(
                        readOnly("/force", options().setReadonlyforcerecursive(true).build()))
                    .addMounts(readOnly("/only", options().setReadonlynonrecursive(true).build()))
                    .addMounts(readOnly("/none", options().setNonrecursive(true).build())));
    world.assign(task);
    world.await(task, TaskState.COMPLETE);

    assertThat(world.output(task).lines())
        .contains("wrote /only/below/x")
        .noneMatch(line -> line.startsWith("wrote /usual"))
        .noneMatch(line -> line.startsWith("wrote /force"))
        .noneMatch(line -> line.startsWith("wrote /none"))
        .noneMatch(line -> line.startsWith("wrote /only/x"));
    assertThat(below.resolve("x")).hasContent("/only/below/x");
    assertThat(source.resolve("x")).doesNotExist();
  }

  private static ContainerSpec.Builder attack(ContainerSpec.Builder spec) {
    return spec.addArgs("sh")
        .addArgs("-c")
        .addArgs(
            "for f in /usual/x /usual/below/x /force/x /force/below/x /none/x /none/below/x"
                + " /only/x /only/below/x; do (echo $f > $f) 2>/dev/null && echo wrote $f; done;"
                + " true");
  }

  @Test
  void a_read_only_volume_is_so_all_the_way_down() throws Exception {
    Task making =
        task(
            spec ->
                spec.addArgs("sh")
                    .addArgs("-c")
                    .addArgs("echo made > /v/file")
                    .addMounts(volume().setReadonly(false)));
    world.assign(making);
    world.await(making, TaskState.COMPLETE);
    Path mountpoint = world.agent().volumes().find("deep").orElseThrow().mountpoint();
    Path inner = Files.createDirectories(mountpoint.resolve("inner"));
    Mounts.tmpfs(inner, 1 << 20, 0777, Set.of());
    try {
      Task task =
          task(
              spec ->
                  spec.addArgs("sh")
                      .addArgs("-c")
                      .addArgs("(echo x > /v/inner/x) 2>/dev/null && echo wrote; ls /v")
                      .addMounts(volume().setReadonly(true)));
      world.assign(task);
      world.await(task, TaskState.COMPLETE);
      assertThat(world.output(task)).contains("inner").doesNotContain("wrote");
    } finally {
      Mounts.unmount(inner);
    }
  }

  private static Mount.Builder volume() {
    return Mount.newBuilder().setType(Mount.Type.VOLUME).setSource("deep").setTarget("/v");
  }

  @Test
  void options_that_exclude_each_other_are_refused_in_dockers_words() throws Exception {
    refused(
        readOnly(
            "/x", options().setReadonlyforcerecursive(true).setReadonlynonrecursive(true).build()),
        "mount options conflict: ReadOnlyNonRecursive && ReadOnlyForceRecursive");
    refused(
        readOnly("/x", options().setReadonlyforcerecursive(true).build()).toBuilder()
            .setReadonly(false)
            .build(),
        "option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction");
    refused(
        readOnly(
            "/x",
            options()
                .setReadonlyforcerecursive(true)
                .setPropagation(BindOptions.Propagation.RSLAVE)
                .build()),
        "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in"
            + " conjunction");
  }

  private static void refused(Mount mount, String why) throws Exception {
    Task task = task(spec -> spec.addMounts(mount));
    world.assign(task);
    assertThat(world.await(task, TaskState.REJECTED).getErr())
        .isEqualTo("invalid mount config for type \"bind\": " + why);
  }
}
