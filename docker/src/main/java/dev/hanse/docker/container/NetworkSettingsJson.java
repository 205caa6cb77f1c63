package dev.hanse.docker.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.hanse.agent.network.LocalNetworks;
import dev.hanse.agent.network.LocalNetworks.LocalNetwork;
import dev.hanse.agent.task.ContainerPlace;
import dev.hanse.docker.json.EndpointId;
import dev.hanse.model.Task;
import dev.hanse.web.Json;
import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The {@code NetworkSettings} part of a container's inspect. */
final class NetworkSettingsJson {
  private static final String BRIDGE = "bridge";

  private final LocalNetworks own;

  /** With this node's own networks, of which a task may be on one. */
  NetworkSettingsJson(LocalNetworks own) {
    this.own = own;
  }

  ObjectNode of(Inspected container) {
    ObjectNode networks = ContainerNetworks.networks(container.container());
    own.all().forEach(local -> useOwnId(networks, container, local));
    if (networks.isEmpty() && container.container().isTask()) {
      own.find(BRIDGE).ifPresent(bridge -> networks.set(BRIDGE, onBridge(container, bridge)));
    }
    ObjectNode json = Json.object();
    json.put("Bridge", "");
    json.put("SandboxID", sandboxId(container));
    json.put("SandboxKey", sandboxKey(container));
    json.set("Ports", ContainerNetworks.portMap(container.container(), container.exposedPorts()));
    json.put("HairpinMode", false);
    json.put("LinkLocalIPv6Address", "").put("LinkLocalIPv6PrefixLen", 0);
    json.putNull("SecondaryIPAddresses").putNull("SecondaryIPv6Addresses");
    // What follows is of the default network alone, as in Docker.
    JsonNode bridge = networks.path(BRIDGE);
    for (String text : List.of("EndpointID", "Gateway", "IPAddress", "MacAddress")) {
      json.set(text, bridge.has(text) ? bridge.path(text) : TextNode.valueOf(""));
    }
    json.set(
        "IPPrefixLen", bridge.has("IPPrefixLen") ? bridge.path("IPPrefixLen") : IntNode.valueOf(0));
    json.put("GlobalIPv6Address", "").put("GlobalIPv6PrefixLen", 0).put("IPv6Gateway", "");
    json.set("Networks", networks);
    return json;
  }

  private static String sandboxId(Inspected container) {
    return container.container().isRunning()
        ? EndpointId.ofSandbox(container.container().id())
        : "";
  }

  private static String sandboxKey(Inspected container) {
    return container.place().flatMap(ContainerPlace::namespace).map(Path::toString).orElse("");
  }

  /** The swarm has stand-ins for the nodes' networks; on the node they go by the node's id. */
  private static void useOwnId(ObjectNode networks, Inspected container, LocalNetwork local) {
    if (networks.get(local.name()) instanceof ObjectNode network) {
      network.put("NetworkID", local.id());
      network.put("EndpointID", endpointId(container, local));
    }
  }

  private static String endpointId(Inspected container, LocalNetwork local) {
    return container.container().isRunning()
        ? container.container().task().map(task -> id(task, local)).orElse("")
        : "";
  }

  private static String id(Task task, LocalNetwork local) {
    return EndpointId.of(task, local.id());
  }

  /** A task without a network is on the bridge that leads out of the node. */
  private static ObjectNode onBridge(Inspected container, LocalNetwork bridge) {
    Optional<String> address = container.place().flatMap(ContainerPlace::address);
    Optional<InterfaceAddress> gateway = address.isPresent() ? address(bridge) : Optional.empty();
    ObjectNode json = Json.object();
    json.putNull("IPAMConfig").putNull("Links").putNull("Aliases");
    json.put("MacAddress", "");
    json.putNull("DriverOpts");
    json.put("GwPriority", 0);
    json.put("NetworkID", bridge.id());
    json.put("EndpointID", endpointId(container, bridge));
    json.put("Gateway", gateway.map(found -> found.getAddress().getHostAddress()).orElse(""));
    json.put("IPAddress", address.orElse(""));
    json.put(
        "IPPrefixLen", gateway.map(InterfaceAddress::getNetworkPrefixLength).orElse((short) 0));
    json.put("IPv6Gateway", "").put("GlobalIPv6Address", "").put("GlobalIPv6PrefixLen", 0);
    json.putNull("DNSNames");
    return json;
  }

  /** The bridge's own address; empty when it is not there. */
  private static Optional<InterfaceAddress> address(LocalNetwork bridge) {
    try {
      Optional<NetworkInterface> link = Optional.empty();
      if (bridge.linkName().isPresent()) {
        link = Optional.ofNullable(NetworkInterface.getByName(bridge.linkName().get()));
      }
      return link.flatMap(
          found ->
              found.getInterfaceAddresses().stream()
                  .filter(address -> address.getAddress() instanceof Inet4Address)
                  .findFirst());
    } catch (SocketException unreadable) {
      return Optional.empty();
    }
  }
}
