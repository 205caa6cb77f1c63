package dev.hanse.agent.network;

import dev.hanse.agent.workload.Workload;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.PortConfig;
import dev.hanse.network.LocalTask;
import dev.hanse.network.LocalTask.Networking;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This node's tasks with networks of their own, and what was chosen for them and is kept. */
final class TaskRoster {
  private static final Logger log = LoggerFactory.getLogger(TaskRoster.class);

  private final NetworkRecords records;
  private final EgressPool egress;
  private final HostPorts ports;
  private final Map<String, NetworkRecords.Entry> entries = new TreeMap<>();
  private final Map<String, LocalTask> tasks = new TreeMap<>();

  TaskRoster(NetworkRecords records, EgressPool egress, HostPorts ports) {
    this.records = records;
    this.egress = egress;
    this.ports = ports;
  }

  /** Takes over the tasks of an earlier run; may be called again if it has failed. */
  void adopt() throws IOException {
    for (NetworkRecords.Entry entry : records.read()) {
      if (!entries.containsKey(entry.workload().id())) {
        adopt(entry);
      }
    }
  }

  /** One whose record nobody can make sense of is attached anew if it is still assigned. */
  private void adopt(NetworkRecords.Entry entry) {
    try {
      if (asked(entry.workload()) instanceof LocalTask.Asked.Own own) {
        entry.egress().ifPresent(egress::adopt);
        ports.adopt(entry.hostPorts());
        remember(entry, own);
      }
    } catch (RuntimeException | Error fault) {
      log.error("the network of task {} cannot be taken over", entry.workload().id(), fault);
    }
  }

  private void remember(NetworkRecords.Entry entry, LocalTask.Asked.Own own) {
    String taskId = entry.workload().id();
    entries.put(taskId, entry);
    tasks.put(
        taskId,
        new LocalTask(
            taskId, new Networking.Own(own.attachments(), entry.egress(), entry.hostPorts())));
  }

  Set<String> taskIds() {
    return entries.keySet();
  }

  Collection<LocalTask> tasks() {
    return tasks.values();
  }

  private static LocalTask.Asked asked(Workload workload) {
    return LocalTask.asked(workload.attachments(), workload.ports());
  }

  /** As its maker wanted it, at least what its networks need of that. */
  Workload workload(String taskId) {
    return entry(taskId).workload();
  }

  private NetworkRecords.Entry entry(String taskId) {
    return Objects.requireNonNull(entries.get(taskId));
  }

  Networking.Own networking(String taskId) {
    return switch (Objects.requireNonNull(tasks.get(taskId)).networking()) {
      case Networking.Own own -> own;
      case Networking.Host() -> throw new IllegalStateException(taskId + " has no own network");
    };
  }

  /** Chooses the egress address and ports that the workload leaves open, and keeps them. */
  void choose(Workload workload, LocalTask.Asked.Own own) throws TaskNetworkException, IOException {
    NetworkRecords.Entry known = entries.get(workload.id());
    if (known != null && samePorts(known, own)) {
      keep(new NetworkRecords.Entry(workload, known.egress(), known.hostPorts()), own);
      return;
    }
    List<PortConfig> chosen =
        ports.exchange(known == null ? List.of() : known.hostPorts(), own.hostPorts());
    Optional<Ipv4Address> address =
        known != null ? known.egress() : own.egress() ? egress.take() : Optional.empty();
    if (own.egress() && address.isEmpty()) {
      ports.release(chosen);
      ports.adopt(known == null ? List.of() : known.hostPorts());
      throw new TaskNetworkException("no free address on the egress bridge");
    }
    keep(new NetworkRecords.Entry(workload, address, chosen), own);
  }

  private void keep(NetworkRecords.Entry entry, LocalTask.Asked.Own own) throws IOException {
    remember(entry, own);
    records.write(entry);
  }

  private static boolean samePorts(NetworkRecords.Entry known, LocalTask.Asked.Own own) {
    return known.workload().ports().stream()
        .filter(own.hostPorts()::contains)
        .toList()
        .equals(own.hostPorts());
  }

  void forget(String taskId) {
    tasks.remove(taskId);
    NetworkRecords.Entry entry = entries.remove(taskId);
    if (entry != null) {
      entry.egress().ifPresent(egress::release);
      ports.release(entry.hostPorts());
    }
    records.remove(taskId);
  }

  /** What the task's container needs to know. */
  TaskNetwork describe(String taskId) {
    NetworkRecords.Entry entry = entry(taskId);
    List<TaskNetwork.Attached> attached = new ArrayList<>();
    for (LocalTask.Attachment attachment : networking(taskId).attachments()) {
      attached.add(
          new TaskNetwork.Attached(
              attachment.network().id(),
              attachment.network().name(),
              isIngress(entry.workload(), attachment.network().id()),
              attachment.linkName(),
              attachment.address().toString(),
              attachment.mac().toString(),
              gateway(entry.workload(), attachment.network().id()),
              attachment.aliases()));
    }
    return new TaskNetwork(
        Optional.of(records.namespace(taskId)),
        records.resolvConf(taskId),
        attached,
        entry.egress().map(Object::toString),
        egress.bridge().address().toString(),
        entry.hostPorts());
  }

  private static Stream<Network> network(Workload workload, String networkId) {
    return workload.attachments().stream()
        .map(NetworkAttachment::getNetwork)
        .filter(network -> network.getId().equals(networkId));
  }

  private static boolean isIngress(Workload workload, String networkId) {
    return network(workload, networkId).anyMatch(network -> network.getSpec().getIngress());
  }

  private static Optional<String> gateway(Workload workload, String networkId) {
    return network(workload, networkId)
        .flatMap(network -> network.getIpam().getConfigsList().stream())
        .map(config -> config.getGateway())
        .filter(gateway -> !gateway.isEmpty())
        .findFirst();
  }
}
