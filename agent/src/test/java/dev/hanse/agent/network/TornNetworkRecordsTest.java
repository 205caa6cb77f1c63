package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.workload.OldRecords;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.model.Task;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Broken records of the networks, on the real kernel. */
@Tag("attack")
class TornNetworkRecordsTest {
  private Path directory;
  private NetworkNamespace host;

  @BeforeEach
  void start() throws Exception {
    directory = Files.createTempDirectory(Path.of("/run"), "hanse-torn");
    host = NetworkNamespace.create(directory.resolve("host"));
  }

  @AfterEach
  void stop() throws Exception {
    loop().closeAndRemove();
    host.delete();
    try (var files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  private NetworkLoop loop() {
    return StartedLoop.on(host, directory, Duration.ofHours(1));
  }

  private static Object inode(Path namespace) throws Exception {
    return Files.getAttribute(namespace, "unix:ino");
  }

  @Test
  void a_task_whose_record_is_broken_keeps_its_namespace_until_it_is_let_go() throws Exception {
    Task task = Task.newBuilder().setId("task1").build();
    Path namespace;
    Object inode;
    try (NetworkLoop first = loop()) {
      namespace = first.attach(SwarmWorkloads.workload(task)).namespace().orElseThrow();
      inode = inode(namespace);
    }
    Files.write(directory.resolve("networks/tasks/task1/workload"), new byte[0]);
    try (NetworkLoop second = loop()) {
      second.repair();
      assertThat(inode(namespace)).as("before it is known which tasks there are").isEqualTo(inode);
      second.keepOnly(Set.of("task1"));
      second.repair();
      assertThat(inode(namespace)).as("the container may run in it").isEqualTo(inode);
      assertThat(second.attach(SwarmWorkloads.workload(task)).namespace()).contains(namespace);
      assertThat(inode(namespace)).isEqualTo(inode);
    }
    Files.write(directory.resolve("networks/tasks/task1/egress"), new byte[0]);
    try (NetworkLoop third = loop()) {
      third.keepOnly(Set.of("task1"));
      third.detach("task1");
      third.repair();
      assertThat(namespace).doesNotExist();
      assertThat(directory.resolve("networks/tasks/task1")).doesNotExist();
    }
  }

  @Test
  void a_task_of_the_version_before_keeps_its_addresses_and_ports() throws Exception {
    Task task = OldRecords.task();
    Path record = directory.resolve("networks/tasks/task1");
    Path namespace;
    Object inode;
    try (NetworkLoop first = loop()) {
      namespace = first.attach(SwarmWorkloads.workload(task)).namespace().orElseThrow();
      inode = inode(namespace);
    }
    // The workload's record stays: as if the version before ran once more.
    Files.write(record.resolve("task"), OldRecords.networkFile());
    Files.write(record.resolve("egress"), OldRecords.egressFile());
    try (NetworkLoop second = loop()) {
      second.keepOnly(Set.of("task1"));
      TaskNetwork network = second.attach(SwarmWorkloads.workload(task));
      assertThat(inode(namespace)).isEqualTo(inode);
      assertThat(network.egressAddress()).hasValue("172.18.0.9");
      assertThat(network.hostPorts()).containsExactly(OldRecords.CHOSEN);
      assertThat(record.resolve("workload")).exists();
      assertThat(record.resolve("task")).doesNotExist();
    }
  }

  @Test
  void a_part_of_the_nodes_place_or_of_the_endpoints_is_none() throws Exception {
    NetworkRecords records = new NetworkRecords(directory.resolve("records"));
    NodePlace place = new NodePlace("n1", Ipv4Address.of("10.0.0.1"), 4789, Set.of(2377, 7946));
    records.writePlace(place);
    Path file = directory.resolve("records/place");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(records.readPlace()).as("%d of %d bytes", length, whole.length).isEmpty();
    }
    Files.write(file, whole);
    assertThat(records.readPlace()).contains(place);
    Files.writeString(directory.resolve("records/endpoints"), "garbage");
    assertThat(records.readEndpoints()).isEmpty();
    assertThat(directory.resolve("records/endpoints.broken")).exists();
  }
}
