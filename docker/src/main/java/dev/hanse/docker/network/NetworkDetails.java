package dev.hanse.docker.network;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.control.query.NetworkPeer;
import dev.hanse.control.query.ServiceEndpoints;
import dev.hanse.docker.json.EndpointId;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Service;
import dev.hanse.model.TaskName;
import dev.hanse.store.Snapshot;
import dev.hanse.web.Json;
import java.util.List;
import java.util.Locale;

/** Who is on a network, on all nodes: the services for {@code docker network inspect --verbose}. */
final class NetworkDetails {
  private NetworkDetails() {}

  /** Adds {@code Peers}, if there are any. */
  static void addPeers(ObjectNode object, Snapshot snapshot, String networkId) {
    List<NetworkPeer> peers = NetworkPeer.of(snapshot, networkId);
    if (!peers.isEmpty()) {
      ArrayNode shown = object.putArray("Peers");
      peers.forEach(peer -> shown.addObject().put("Name", peer.nodeId()).put("IP", peer.address()));
    }
  }

  /** Adds {@code Services}. */
  static void addServices(ObjectNode object, Snapshot snapshot, String networkId) {
    ObjectNode services = object.putObject("Services");
    for (Service service : snapshot.servicesOfNetwork(networkId)) {
      services.set(
          service.getSpec().getAnnotations().getName(),
          service(ServiceEndpoints.of(snapshot, service, networkId)));
    }
  }

  private static ObjectNode service(ServiceEndpoints endpoints) {
    ObjectNode object = Json.object();
    object.put("VIP", endpoints.virtualAddress());
    ArrayNode ports = object.putArray("Ports");
    endpoints.ports().stream().map(NetworkDetails::port).forEach(ports::add);
    object.put("LocalLBIndex", 0);
    ArrayNode members = object.putArray("Tasks");
    endpoints.members().stream().map(NetworkDetails::member).forEach(members::add);
    return object;
  }

  private static ObjectNode member(ServiceEndpoints.Member member) {
    ObjectNode object = Json.object();
    object.put("Name", TaskName.of(member.task()));
    object.put(
        "EndpointID", EndpointId.of(member.task(), member.attachment().getNetwork().getId()));
    object.put("EndpointIP", member.address());
    object.putObject("Info").put("Host IP", member.nodeAddress());
    return object;
  }

  private static String port(PortConfig port) {
    return "Target: %d, Publish: %d, Protocol: %s"
        .formatted(
            Integer.toUnsignedLong(port.getTargetPort()),
            Integer.toUnsignedLong(port.getPublishedPort()),
            port.getProtocol().name().toLowerCase(Locale.ROOT));
  }
}
