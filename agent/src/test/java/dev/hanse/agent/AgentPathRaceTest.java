package dev.hanse.agent;

import static dev.hanse.agent.AgentWorld.eventually;
import static dev.hanse.agent.AgentWorld.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.agent.task.TaskContainer;
import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.kernel.file.Mounts;
import dev.hanse.kernel.file.Racer;
import dev.hanse.model.Config;
import dev.hanse.model.ConfigReference;
import dev.hanse.model.FileTarget;
import dev.hanse.model.Mount;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What another container of a volume does to it while containers are made and started. */
@Tag("attack")
class AgentPathRaceTest {
  private static AgentWorld world;

  @BeforeAll
  static void start() throws Exception {
    world = new AgentWorld();
  }

  @AfterAll
  static void stop() throws Exception {
    world.close();
  }

  /** A volume with {@code sub}, and {@code link}, which points to a directory of the host. */
  private record Prey(LocalVolume volume, Path host) {
    static Prey named(String name) throws Exception {
      LocalVolume volume = world.agent().volumes().create(Volumes.Wanted.named(name));
      Path host = Files.createDirectories(world.directory().resolve("host-" + name));
      Files.createDirectories(volume.mountpoint().resolve("sub"));
      Files.writeString(volume.mountpoint().resolve("sub/mine"), "mine");
      Files.createSymbolicLink(volume.mountpoint().resolve("link"), host);
      return new Prey(volume, host);
    }

    Path inside(String name) {
      return volume.mountpoint().resolve(name);
    }
  }

  private static Task withPart(String volume) {
    Mount.Builder mount =
        Mount.newBuilder().setType(Mount.Type.VOLUME).setSource(volume).setTarget("/mnt");
    mount.getVolumeOptionsBuilder().setSubpath("sub");
    return task(
        spec ->
            spec.addArgs("sh")
                .addArgs("-c")
                .addArgs("cat /mnt/mine; echo x > /mnt/written")
                .addMounts(mount));
  }

  private static long places() {
    return Mounts.list().stream()
        .filter(mount -> mount.target().startsWith(world.directory().resolve("run/volume-parts")))
        .count();
  }

  @Test
  void a_part_exchanged_between_preparation_and_start_stays_the_one_that_was_checked()
      throws Exception {
    Prey prey = Prey.named("exchanged");
    Task task = withPart("exchanged").toBuilder().setDesiredState(TaskState.READY).build();
    world.assign(task);
    world.await(task, TaskState.READY);
    assertThat(places()).isEqualTo(1);
    Files.move(prey.inside("sub"), prey.inside("away"));
    Files.move(prey.inside("link"), prey.inside("sub"));

    world.desire(task, TaskState.RUNNING);
    world.await(task, TaskState.COMPLETE);

    assertThat(world.output(task)).isEqualTo("mine");
    assertThat(prey.host()).isEmptyDirectory();
    assertThat(prey.inside("away/written")).exists();
    eventually("place given back", () -> places() == 0);
  }

  @Test
  void tasks_that_never_start_and_daemons_that_restart_give_places_back() throws Exception {
    Prey.named("unstarted");
    Task kept = withPart("unstarted").toBuilder().setDesiredState(TaskState.READY).build();
    Task dropped = withPart("unstarted").toBuilder().setDesiredState(TaskState.READY).build();
    world.assign(kept, dropped);
    world.await(kept, TaskState.READY);
    world.await(dropped, TaskState.READY);
    assertThat(places()).isEqualTo(2);
    world.withdraw(dropped);
    eventually("place given back", () -> places() == 1);

    world.restartAlone();
    assertThat(places()).isEqualTo(1);
    world.rejoin();
    world.assignOnly(kept.toBuilder().setDesiredState(TaskState.RUNNING).build());
    world.await(kept, TaskState.COMPLETE);
    assertThat(world.output(kept)).isEqualTo("mine");
    eventually("place given back", () -> places() == 0);
    assertThat(
            Files.exists(
                world
                    .directory()
                    .resolve("run/volume-parts")
                    .resolve(TaskContainer.id(dropped.getId()))))
        .isFalse();
  }

  @Test
  void parts_of_a_volume_that_is_raced_with_show_nothing_of_the_host() throws Exception {
    Prey prey = Prey.named("raced");
    try (Racer racer = Racer.between(prey.inside("sub"), prey.inside("link"))) {
      List<Task> tasks = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        tasks.add(withPart("raced"));
      }
      world.assign(tasks.toArray(Task[]::new));
      for (Task task : tasks) {
        world.awaitEnd(task);
      }
      assertThat(racer.exchanges()).isPositive();
    }
    assertThat(prey.host()).isEmptyDirectory();
  }

  @Test
  void the_content_of_a_config_in_a_volume_that_is_raced_with_does_not_get_to_the_host()
      throws Exception {
    Prey prey = Prey.named("target");
    Config.Builder config = Config.newBuilder().setId("raced-config");
    config.getSpecBuilder().setData(ByteString.copyFromUtf8("content"));
    try (Racer racer = Racer.between(prey.inside("sub"), prey.inside("link"))) {
      List<Task> tasks = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        String name = "/data/sub/made/config" + i;
        tasks.add(
            task(
                spec ->
                    spec.addArgs("sh")
                        .addArgs("-c")
                        .addArgs("cat " + name)
                        .addMounts(
                            Mount.newBuilder()
                                .setType(Mount.Type.VOLUME)
                                .setSource("target")
                                .setTarget("/data"))
                        .addConfigs(
                            ConfigReference.newBuilder()
                                .setConfigId("raced-config")
                                .setConfigName("config")
                                .setFile(FileTarget.newBuilder().setName(name).setMode(0444)))));
      }
      for (Task task : tasks) {
        world.assign(task, dev.hanse.model.Secret.getDefaultInstance(), config.build());
      }
      for (Task task : tasks) {
        world.awaitEnd(task);
      }
      assertThat(racer.exchanges()).isPositive();
    }
    assertThat(prey.host()).isEmptyDirectory();
    assertThat(Mounts.list()).noneMatch(mount -> mount.target().startsWith(prey.host()));
  }
}
