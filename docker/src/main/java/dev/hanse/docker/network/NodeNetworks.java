package dev.hanse.docker.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.network.LocalNetworks;
import dev.hanse.agent.network.LocalNetworks.LocalNetwork;
import dev.hanse.docker.field.Times;
import dev.hanse.docker.json.EndpointId;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Task;
import dev.hanse.model.TaskName;
import dev.hanse.web.Json;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The networks that this node knows without a manager: its own, and those of its tasks. */
final class NodeNetworks {
  private final LocalNetworks own;
  private final Instant created;
  private final Supplier<Collection<Task>> tasks;

  NodeNetworks(LocalNetworks own, Instant created, Supplier<Collection<Task>> tasks) {
    this.own = own;
    this.created = created;
    this.tasks = tasks;
  }

  /** bridge, host, none and the like. */
  List<ObjectNode> predefined() {
    return own.all().stream().map(this::predefined).toList();
  }

  private ObjectNode predefined(LocalNetwork network) {
    ObjectNode object = Json.object();
    object.put("Name", network.name());
    object.put("Id", network.id());
    object.put("Created", Times.text(created));
    object.put("Scope", "local");
    object.put("Driver", network.driver());
    object.put("EnableIPv4", true);
    object.put("EnableIPv6", false);
    ObjectNode management = object.putObject("IPAM");
    management.put("Driver", "default");
    management.putNull("Options");
    management.putNull("Config");
    object.put("Internal", false);
    object.put("Attachable", false);
    object.put("Ingress", false);
    object.putObject("ConfigFrom").put("Network", "");
    object.put("ConfigOnly", false);
    object.putObject("Containers");
    object.putObject("Options");
    object.putObject("Labels");
    return object;
  }

  /** The swarm's networks that tasks here are attached to, as the tasks know them. */
  Collection<Network> attached() {
    Map<String, Network> networks = new LinkedHashMap<>();
    for (Task task : tasks.get()) {
      for (NetworkAttachment attachment : task.getNetworksList()) {
        Network network = attachment.getNetwork();
        if (network.getDriverState().getName().equals("overlay")) {
          networks.put(network.getId(), network);
        }
      }
    }
    return networks.values();
  }

  /** The containers here that are on a network, as {@code docker network inspect} shows them. */
  ObjectNode containers(String networkId) {
    ObjectNode containers = Json.object();
    for (Task task : tasks.get()) {
      for (NetworkAttachment attachment : task.getNetworksList()) {
        String container = task.getStatus().getContainer().getContainerId();
        if (attachment.getNetwork().getId().equals(networkId) && !container.isEmpty()) {
          containers.set(container, endpoint(task, attachment));
        }
      }
    }
    return containers;
  }

  private static ObjectNode endpoint(Task task, NetworkAttachment attachment) {
    return Json.object()
        .put("Name", TaskName.of(task))
        .put("EndpointID", EndpointId.of(task, attachment.getNetwork().getId()))
        .put("MacAddress", attachment.getMacAddress())
        .put("IPv4Address", address(attachment, false))
        .put("IPv6Address", address(attachment, true));
  }

  private static String address(NetworkAttachment attachment, boolean version6) {
    return attachment.getAddressesList().stream()
        .filter(text -> text.contains(":") == version6)
        .findFirst()
        .orElse("");
  }
}
