package dev.hanse.docker.network;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.control.allocator.TaskNames;
import dev.hanse.model.Endpoint;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.web.Json;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What {@code docker network inspect --verbose} adds: who is on the network, on all nodes. */
final class NetworkDetails {
  private NetworkDetails() {}

  /** Adds {@code Peers} and {@code Services}. */
  static void add(ObjectNode object, Snapshot snapshot, String networkId) {
    List<Task> tasks =
        snapshot.tasksOfNetwork(networkId).stream()
            .filter(task -> task.getStatus().getState() == TaskState.RUNNING)
            .sorted(Comparator.comparing(Task::getId))
            .toList();
    ArrayNode peers = object.putArray("Peers");
    tasks.stream()
        .map(Task::getNodeId)
        .distinct()
        .forEach(
            nodeId ->
                peers.addObject().put("Name", nodeId).put("IP", nodeAddress(snapshot, nodeId)));
    ObjectNode services = object.putObject("Services");
    for (Service service : snapshot.servicesOfNetwork(networkId)) {
      services.set(
          service.getSpec().getAnnotations().getName(),
          service(snapshot, service, networkId, tasks));
    }
  }

  private static String nodeAddress(Snapshot snapshot, String nodeId) {
    return snapshot.find(Kind.NODE, nodeId).map(node -> node.getStatus().getAddr()).orElse("");
  }

  private static ObjectNode service(
      Snapshot snapshot, Service service, String networkId, List<Task> tasks) {
    ObjectNode object = Json.object();
    object.put("VIP", virtualAddress(service, networkId));
    ArrayNode ports = object.putArray("Ports");
    service.getEndpoint().getPortsList().stream().map(NetworkDetails::port).forEach(ports::add);
    object.put("LocalLBIndex", 0);
    ArrayNode members = object.putArray("Tasks");
    for (Task task : tasks) {
      if (task.getServiceId().equals(service.getId())) {
        task.getNetworksList().stream()
            .filter(attachment -> attachment.getNetwork().getId().equals(networkId))
            .forEach(attachment -> members.add(member(snapshot, task, attachment)));
      }
    }
    return object;
  }

  private static String virtualAddress(Service service, String networkId) {
    return service.getEndpoint().getVirtualIpsList().stream()
        .filter(address -> address.getNetworkId().equals(networkId))
        .map(Endpoint.VirtualIP::getAddr)
        .map(NetworkDetails::withoutPrefixLength)
        .findFirst()
        .orElse("");
  }

  private static ObjectNode member(Snapshot snapshot, Task task, NetworkAttachment attachment) {
    ObjectNode object = Json.object();
    object.put("Name", TaskNames.of(task));
    object.put("EndpointID", NodeNetworks.endpointId(task, attachment));
    object.put(
        "EndpointIP",
        attachment.getAddressesList().stream()
            .map(NetworkDetails::withoutPrefixLength)
            .findFirst()
            .orElse(""));
    object.putObject("Info").put("Host IP", nodeAddress(snapshot, task.getNodeId()));
    return object;
  }

  private static String withoutPrefixLength(String address) {
    int slash = address.indexOf('/');
    return slash < 0 ? address : address.substring(0, slash);
  }

  private static String port(PortConfig port) {
    return "Target: %d, Publish: %d, Protocol: %s"
        .formatted(
            Integer.toUnsignedLong(port.getTargetPort()),
            Integer.toUnsignedLong(port.getPublishedPort()),
            port.getProtocol().name().toLowerCase(Locale.ROOT));
  }
}
