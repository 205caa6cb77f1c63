package dev.hanse.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.dispatch.KnownManagers;
import dev.hanse.agent.network.LocalNetworks;
import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of which a power cut, or somebody else, has left an empty file, a part or garbage. */
@Tag("attack")
class TornRecordsTest {
  @TempDir private Path directory;

  private static Task task() {
    return Task.newBuilder()
        .setId("task1")
        .setStatus(TaskStatus.newBuilder().setState(TaskState.RUNNING).setMessage("started"))
        .setDesiredState(TaskState.RUNNING)
        .addNetworks(NetworkAttachment.newBuilder().addAddresses("10.0.0.2/24"))
        .build();
  }

  @Test
  void a_part_of_a_tasks_record_is_no_task() throws Exception {
    TaskRecords records = TaskRecords.in(directory);
    records.save(task());
    Path file = directory.resolve("task1.task");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(records.load()).as("%d of %d bytes", length, whole.length).isEmpty();
    }
    assertThat(directory.resolve("task1.task.broken")).exists();
    records.save(task());
    assertThat(records.load()).containsExactly(task());

    records.delete("task1");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void what_an_earlier_version_wrote_is_a_task_if_it_says_which() throws Exception {
    TaskRecords records = TaskRecords.in(directory);
    Files.write(directory.resolve("task1.task"), task().toByteArray());
    Files.write(directory.resolve("task2.task"), task().toByteArray());
    Files.write(directory.resolve("task3.task"), new byte[0]);
    Files.write(directory.resolve("task4.task"), new byte[] {(byte) 0xff, 0x01, 0x7f});
    Files.write(directory.resolve("task5.task.tmp"), task().toByteArray());
    assertThat(records.load()).containsExactly(task());
    assertThat(directory.resolve("task5.task.tmp")).doesNotExist();
    assertThat(directory.resolve("task2.task.broken")).exists();
  }

  @Test
  void a_node_without_readable_managers_takes_those_that_it_is_told() throws Exception {
    Path file = directory.resolve("managers");
    KnownManagers.in(file, new Random(1)).add(List.of("10.0.0.1:2377", "10.0.0.2:2377"));
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      KnownManagers read = KnownManagers.in(file, new Random(1));
      assertThat(read.all()).as("%d of %d bytes", length, whole.length).isEmpty();
    }
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    KnownManagers read = KnownManagers.in(file, new Random(1));
    read.add(List.of("10.0.0.3:2377"));
    assertThat(KnownManagers.in(file, new Random(1)).all()).containsExactly("10.0.0.3:2377");
  }

  @Test
  void ids_of_networks_that_cannot_be_read_are_drawn_anew() throws Exception {
    List<String> before = ids();
    assertThat(ids()).isEqualTo(before);
    Path file = directory.resolve("local-networks");
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      List<String> anew = ids();
      assertThat(anew).doesNotContainAnyElementsOf(before);
      assertThat(ids()).isEqualTo(anew);
    }
  }

  private List<String> ids() throws Exception {
    return LocalNetworks.in(directory).all().stream().map(LocalNetworks.LocalNetwork::id).toList();
  }

  @Test
  void a_volume_outlives_its_record() throws Exception {
    Volumes volumes = Volumes.in(directory);
    LocalVolume made = volumes.create(Volumes.Wanted.named("data"));
    volumes.create(Volumes.Wanted.named("other"));
    Files.writeString(made.mountpoint().resolve("file"), "content");
    volumes.hold("data", "container1");
    Path file = directory.resolve("data/volume.json");
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      Volumes reopened = Volumes.in(directory);
      assertThat(reopened.list()).extracting(LocalVolume::name).containsExactly("data", "other");
      assertThat(reopened.users("data")).containsExactly("container1");
    }
    Volumes reopened = Volumes.in(directory);
    reopened.release("container1", true);
    assertThat(reopened.find("data").map(LocalVolume::mountpoint)).contains(made.mountpoint());
    assertThat(made.mountpoint().resolve("file")).hasContent("content");
    reopened.remove("data");
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void a_volume_that_was_half_made_or_half_removed_goes() throws Exception {
    Volumes volumes = Volumes.in(directory);
    LocalVolume removed = volumes.create(Volumes.Wanted.named("removed"));
    Files.delete(removed.mountpoint());
    Files.createDirectories(directory.resolve("made/_data"));
    Files.createDirectories(directory.resolve("begun"));
    Files.createDirectories(directory.resolve("strange/_data/content"));
    assertThat(Volumes.in(directory).list()).isEmpty();
    for (String gone : List.of("removed", "made", "begun")) {
      assertThat(directory.resolve(gone)).doesNotExist();
    }
    assertThat(directory.resolve("strange/_data/content")).exists();
  }

  @Test
  void a_daemon_that_starts_with_broken_records_runs_on() throws Exception {
    try (AgentWorld world = new AgentWorld()) {
      Task kept = AgentWorld.shell("sleep 1000");
      Task lost = AgentWorld.shell("sleep 1000");
      world.assign(kept, lost);
      world.await(kept, TaskState.RUNNING);
      world.await(lost, TaskState.RUNNING);
      world.agent().close();
      Path tasks = world.directory().resolve("data/tasks");
      Files.write(tasks.resolve(lost.getId() + ".task"), new byte[0]);
      Files.write(tasks.resolve("garbage.task"), new byte[] {1, 2, 3});
      Files.write(world.directory().resolve("data/managers"), new byte[0]);

      world.restartAlone();
      assertThat(world.agent().tasks())
          .extracting(task -> task.task().getId())
          .containsExactly(kept.getId());
      world.rejoin();
      world.assignOnly(kept);
      AgentWorld.eventually("the other's container", () -> world.container(lost).isEmpty());
      assertThat(world.container(kept)).isPresent();
      assertThat(Optional.of(world.await(kept, TaskState.RUNNING).getState()))
          .contains(TaskState.RUNNING);
    }
  }
}
