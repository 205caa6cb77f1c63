package dev.hanse.agent.network;

import com.google.protobuf.ByteString;
import dev.hanse.agent.workload.Original;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.agent.workload.Workload;
import dev.hanse.agent.workload.WorkloadForm;
import dev.hanse.agent.workload.WorkloadStatus;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.kernel.file.DurableRecord;
import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Driver;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.PortConfig;
import dev.hanse.model.ResourceRequirements;
import dev.hanse.model.RestartPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a restarted daemon must know to go on with the namespaces it finds, in files that live as
 * long as the kernel's state: {@code tasks/ID/} with the workload's networks, chosen ports and
 * egress address, {@code endpoints} with the table that was applied last.
 */
final class NetworkRecords {
  private static final Logger log = LoggerFactory.getLogger(NetworkRecords.class);

  /** A file with a workload. */
  private static final String WORKLOAD = "workload";

  /** In its place: one with a task, of an earlier version. */
  private static final String TASK = "task";

  private static final int TASK_BYTES_MAX = 16 << 20;
  private static final int ENDPOINTS_BYTES_MAX = 64 << 20;
  private static final int EGRESS_BYTES_MAX = 64;
  private static final int PLACE_BYTES_MAX = 1 << 20;

  /**
   * A workload of this node.
   *
   * @param workload maybe without what its networks do not need
   * @param egress its egress address
   * @param hostPorts with published ports chosen
   */
  record Entry(Workload workload, Optional<Ipv4Address> egress, List<PortConfig> hostPorts) {}

  private final Path directory;

  NetworkRecords(Path directory) {
    this.directory = directory;
  }

  /** The file that names a task's namespace. */
  Path namespace(String taskId) {
    return directory.resolve("namespaces").resolve(taskId);
  }

  /** The file for a container's resolver configuration. */
  Path resolvConf(String taskId) {
    return directory.resolve("tasks").resolve(taskId).resolve("resolv.conf");
  }

  void write(Entry entry) throws IOException {
    Path home = directory.resolve("tasks").resolve(entry.workload.id());
    OwnFiles.directory(home);
    DurableRecord.writeUntilBoot(
        home.resolve("egress"),
        entry.egress.map(Object::toString).orElse("").getBytes(StandardCharsets.US_ASCII));
    // Written last: an entry without it is not finished.
    DurableRecord.writeUntilBoot(home.resolve(WORKLOAD), WorkloadForm.write(stripped(entry)));
    Files.deleteIfExists(home.resolve(TASK));
  }

  /** No more than networks need: it is here a second time. */
  private static Workload stripped(Entry entry) {
    Workload whole = entry.workload;
    WorkloadStatus status = whole.status();
    return new Workload(
        whole.id(),
        whole.name(),
        Map.of(),
        Optional.of(
            ContainerSpec.newBuilder().setDnsConfig(whole.settings().getDnsConfig()).build()),
        whole.attachments(),
        whole.ports(),
        RestartPolicy.getDefaultInstance(),
        ResourceRequirements.getDefaultInstance(),
        List.of(),
        Driver.getDefaultInstance(),
        Optional.empty(),
        whole.family(),
        whole.desired(),
        new WorkloadStatus(
            status.state(), "", "", status.reachedAt(), Optional.empty(), entry.hostPorts),
        new Original(whole.original().maker(), ByteString.EMPTY));
  }

  void writeResolvConf(String taskId, ResolvConf configuration) throws IOException {
    Path file = resolvConf(taskId);
    OwnFiles.directoryOf(file, OwnFiles.OWNER);
    // In place: containers of earlier versions have this very file mounted, not for root only.
    OwnFiles.write(file, configuration.text().getBytes(StandardCharsets.UTF_8), 0644);
  }

  /** All entries; one that cannot be read is reported, and goes with its task. */
  List<Entry> read() throws IOException {
    OwnFiles.directory(directory);
    OwnFiles.directory(directory.resolve("tasks"));
    OwnFiles.directory(directory.resolve("namespaces"));
    List<Entry> entries = new ArrayList<>();
    try (Stream<Path> homes = Files.list(directory.resolve("tasks"))) {
      for (Path home : homes.sorted().toList()) {
        try {
          read(home).ifPresent(entries::add);
        } catch (IOException fault) {
          log.warn("cannot read {}: {}", home, fault.toString());
        }
      }
    }
    return entries;
  }

  private static Optional<Entry> read(Path home) throws IOException {
    String taskId = home.getFileName().toString();
    // Both: the version before ran again after this one.
    Optional<Workload> workload = read(home.resolve(TASK), taskId, SwarmWorkloads::ofTaskRecord);
    if (workload.isEmpty()) {
      workload = read(home.resolve(WORKLOAD), taskId, WorkloadForm::read);
    }
    if (workload.isEmpty()) {
      return Optional.empty();
    }
    Workload known = workload.get();
    Optional<Optional<Ipv4Address>> egress =
        DurableRecord.read(home.resolve("egress"), EGRESS_BYTES_MAX, NetworkRecords::egress);
    return egress.map(address -> new Entry(known, address, known.status().ports()));
  }

  private static Optional<Workload> read(
      Path file, String taskId, DurableRecord.Reader<Workload> reader) throws IOException {
    return DurableRecord.read(
        file,
        TASK_BYTES_MAX,
        content -> {
          Workload read = reader.read(content);
          if (!read.id().equals(taskId)) {
            throw new IOException("it is of the task \"" + read.id() + "\"");
          }
          return read;
        });
  }

  private static Optional<Ipv4Address> egress(byte[] content) {
    String text = new String(content, StandardCharsets.US_ASCII).strip();
    return text.isEmpty() ? Optional.empty() : Optional.of(Ipv4Address.of(text));
  }

  /** The tasks of all namespaces, also of those without an entry. */
  List<String> namespaces() throws IOException {
    OwnFiles.directory(directory.resolve("namespaces"));
    try (Stream<Path> files = Files.list(directory.resolve("namespaces"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** The tasks of all namespaces and of all entries, finished or not; any thread. */
  Set<String> holders() throws IOException {
    Set<String> holders = new TreeSet<>(namespaces());
    holders.addAll(homes());
    return holders;
  }

  private List<String> homes() throws IOException {
    Path homes = directory.resolve("tasks");
    OwnFiles.directory(homes);
    try (Stream<Path> files = Files.list(homes)) {
      return files.map(home -> home.getFileName().toString()).toList();
    }
  }

  void remove(String taskId) {
    Path home = directory.resolve("tasks").resolve(taskId);
    try (Stream<Path> files = Files.list(home)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(home);
    } catch (NoSuchFileException _) {
      return;
    } catch (DirectoryNotEmptyException fault) {
      log.warn("keeping {}: it has files that the daemon did not make", home);
    } catch (IOException fault) {
      throw new UncheckedIOException("remove " + home, fault);
    }
  }

  /** Removes what is kept for other tasks, those on the host's own network included. */
  void keepOnly(Set<String> taskIds) throws IOException {
    homes().stream().filter(taskId -> !taskIds.contains(taskId)).forEach(this::remove);
  }

  void writeEndpoints(EndpointsMessage complete) throws IOException {
    OwnFiles.directory(directory);
    DurableRecord.writeUntilBoot(directory.resolve("endpoints"), complete.toByteArray());
  }

  /**
   * The table that was applied when the daemon last ran; empty when there is none that can be read.
   */
  Optional<EndpointsMessage> readEndpoints() {
    return read("endpoints", ENDPOINTS_BYTES_MAX, EndpointsMessage::parseFrom);
  }

  private <T> Optional<T> read(String name, int bytesMax, DurableRecord.Reader<T> reader) {
    try {
      return DurableRecord.read(directory.resolve(name), bytesMax, reader);
    } catch (IOException fault) {
      log.warn("cannot read {}: {}", directory.resolve(name), fault.toString());
      return Optional.empty();
    }
  }

  void writePlace(NodePlace place) throws IOException {
    OwnFiles.directory(directory);
    DurableRecord.writeUntilBoot(
        directory.resolve("place"),
        "%s %s %d %s"
            .formatted(
                place.nodeId(),
                place.dataPathAddress(),
                place.vxlanPort(),
                place.controlPorts().stream()
                    .sorted()
                    .map(Object::toString)
                    .collect(Collectors.joining(",")))
            .getBytes(StandardCharsets.US_ASCII));
  }

  Optional<NodePlace> readPlace() {
    return read("place", PLACE_BYTES_MAX, NetworkRecords::place);
  }

  private static NodePlace place(byte[] content) throws IOException {
    String[] words = new String(content, StandardCharsets.US_ASCII).split(" ", -1);
    if (words.length < 3 || words[0].isEmpty()) {
      throw new IOException("no node, address and port");
    }
    Ipv4Address dataPath = Ipv4Address.of(words[1]);
    int vxlanPort = Integer.parseInt(words[2]);
    return words.length == 3
        ? new NodePlace(words[0], dataPath, vxlanPort)
        : new NodePlace(words[0], dataPath, vxlanPort, ports(words[3]));
  }

  private static Set<Integer> ports(String text) {
    return Arrays.stream(text.split(",", -1))
        .filter(word -> !word.isEmpty())
        .map(Integer::valueOf)
        .collect(Collectors.toSet());
  }

  void removePlace() throws IOException {
    Files.deleteIfExists(directory.resolve("place"));
    Files.deleteIfExists(directory.resolve("endpoints"));
  }
}
