package dev.hanse.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hanse.agent.dispatch.KnownManagers;
import dev.hanse.agent.network.LocalNetworks;
import dev.hanse.agent.volume.LocalVolume;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.agent.workload.OldRecords;
import dev.hanse.agent.workload.Original;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.agent.workload.Workload;
import dev.hanse.agent.workload.WorkloadForm;
import dev.hanse.model.Annotations;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import java.io.IOException;
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

  private static Workload workload() {
    return SwarmWorkloads.workload(task());
  }

  private static Task task() {
    return Task.newBuilder()
        .setId("task1")
        .setStatus(TaskStatus.newBuilder().setState(TaskState.RUNNING).setMessage("started"))
        .setDesiredState(TaskState.RUNNING)
        .addNetworks(NetworkAttachment.newBuilder().addAddresses("10.0.0.2/24"))
        .build();
  }

  @Test
  void a_part_of_a_workloads_record_is_no_workload() throws Exception {
    TaskRecords records = TaskRecords.in(directory);
    records.save(workload());
    Path file = directory.resolve("task1.workload");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(records.load()).as("%d of %d bytes", length, whole.length).isEmpty();
    }
    assertThat(directory.resolve("task1.workload.broken")).exists();
    records.save(workload());
    assertThat(records.load()).containsExactly(workload());

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
    assertThat(records.load()).containsExactly(workload());
    assertThat(directory.resolve("task5.task.tmp")).doesNotExist();
    assertThat(directory.resolve("task2.task.broken")).exists();
  }

  @Test
  void a_file_of_the_version_before_is_the_same_workload_until_the_next_takes_its_place()
      throws Exception {
    TaskRecords records = TaskRecords.in(directory);
    Files.write(directory.resolve("task1.task"), OldRecords.taskFile());
    Workload old = SwarmWorkloads.workload(OldRecords.task());
    assertThat(records.load()).containsExactly(old);
    assertThat(SwarmWorkloads.task(old)).contains(OldRecords.task());

    Workload newer = old.withDesired(TaskState.SHUTDOWN);
    records.save(newer);
    assertThat(directory.resolve("task1.task")).doesNotExist();
    assertThat(records.load()).containsExactly(newer);

    Files.write(directory.resolve("task1.task"), OldRecords.taskFile());
    assertThat(records.load()).as("the version before ran once more").containsExactly(old);
    Files.write(directory.resolve("task1.task"), new byte[0]);
    assertThat(records.load()).as("and was cut off").containsExactly(newer);
    records.delete("task1");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void the_largest_task_that_a_log_can_hold_fits_whatever_makes_it_large() throws Exception {
    String large = "x".repeat(2 << 20);
    Task plain = OldRecords.task();
    List<Task> largest =
        List.of(
            plain.toBuilder().clearSlot().setNodeId(large).build(),
            plain.toBuilder().setServiceId(large).build(),
            plain.toBuilder()
                .setServiceAnnotations(Annotations.newBuilder().setName(large))
                .build(),
            plain.toBuilder()
                .setServiceAnnotations(Annotations.newBuilder().putLabels("large", large))
                .build(),
            plain.toBuilder()
                .setAnnotations(Annotations.newBuilder().setName(large).putLabels("a", "b"))
                .build(),
            plain.toBuilder()
                .setSpec(
                    TaskSpec.newBuilder()
                        .setContainer(ContainerSpec.newBuilder().putLabels("large", large)))
                .build(),
            plain.toBuilder()
                .addNetworks(NetworkAttachment.newBuilder().addAliases(large))
                .setStatus(TaskStatus.newBuilder().setMessage(large))
                .build());
    TaskRecords records = TaskRecords.in(directory);
    for (Task task : largest) {
      records.save(SwarmWorkloads.workload(task));
      assertThat(records.load()).containsExactly(SwarmWorkloads.workload(task));
    }
  }

  @Test
  void a_record_is_as_long_as_can_be_read_and_not_a_byte_longer() throws Exception {
    TaskRecords records = TaskRecords.in(directory);
    int rest = TaskRecords.BYTES_MAX - WorkloadForm.write(withOriginal(1 << 23)).length;
    Workload longest = withOriginal((1 << 23) + rest);
    records.save(longest);
    assertThat(records.load()).containsExactly(longest);
    assertThatThrownBy(() -> records.save(withOriginal((1 << 23) + rest + 1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("16777217");
    assertThat(records.load()).as("the one before stays").containsExactly(longest);
  }

  private static Workload withOriginal(int bytes) {
    Workload plain = workload();
    return new Workload(
        plain.id(),
        plain.name(),
        plain.labels(),
        plain.container(),
        plain.attachments(),
        plain.ports(),
        plain.restart(),
        plain.resources(),
        plain.genericResources(),
        plain.logDriver(),
        plain.placeholders(),
        plain.family(),
        plain.desired(),
        plain.status(),
        new Original("other", ByteString.copyFrom(new byte[bytes])));
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
      Files.write(tasks.resolve(lost.getId() + ".workload"), new byte[0]);
      Files.write(tasks.resolve("garbage.workload"), new byte[] {1, 2, 3});
      Files.write(tasks.resolve("garbage.task"), new byte[] {1, 2, 3});
      Files.write(world.directory().resolve("data/managers"), new byte[0]);

      world.restartAlone();
      assertThat(world.agent().workloads())
          .extracting(each -> each.workload().id())
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
