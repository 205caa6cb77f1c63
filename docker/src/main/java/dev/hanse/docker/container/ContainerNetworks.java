package dev.hanse.docker.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.json.EndpointId;
import dev.hanse.model.Cidr;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PublishedPort;
import dev.hanse.model.Task;
import dev.hanse.text.Form;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Networks and ports of containers, as lists and inspect show them and filters ask for them. */
final class ContainerNetworks {
  private static final Form PORTS =
      Form.of("([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(tcp|udp|sctp))?", 32);

  private ContainerNetworks() {}

  private static List<NetworkAttachment> attachments(NodeContainer container) {
    return container.task().map(Task::getNetworksList).orElse(List.of());
  }

  private static String name(NetworkAttachment attachment) {
    return attachment.getNetwork().getSpec().getAnnotations().getName();
  }

  /** Whether the container's task is attached to the network of this name or start of an id. */
  static boolean isAttached(NodeContainer container, String network) {
    return attachments(container).stream()
        .anyMatch(
            attachment ->
                attachment.getNetwork().getId().startsWith(network)
                    || name(attachment).equals(network));
  }

  /** Whether one of the ports {@code FROM[-TO][/PROTOCOL]} is published on this node alone. */
  static boolean publishes(NodeContainer container, String ports) {
    return publishedHere(container).stream()
        .anyMatch(port -> contains("publish", ports, port.getPublishedPort(), protocol(port)));
  }

  /** Whether one of the ports {@code FROM[-TO][/PROTOCOL]} of the container is published. */
  static boolean exposes(NodeContainer container, String ports) {
    return publishedHere(container).stream()
        .anyMatch(port -> contains("expose", ports, port.getTargetPort(), protocol(port)));
  }

  private static boolean contains(String field, String ports, int port, String protocol) {
    Form.Parts range =
        PORTS
            .read(ports)
            .orElseThrow(
                () -> HttpFailure.invalid("error while looking up for " + field + " " + ports));
    int from = Integer.parseInt(range.part(1));
    int to = range.optional(2).map(Integer::parseInt).orElse(from);
    String wanted = range.optional(3).orElse("tcp");
    return from <= port && port <= to && wanted.equals(protocol);
  }

  /** Ports published on this node alone; those of the mesh belong to the service. */
  private static List<PortConfig> publishedHere(NodeContainer container) {
    return container
        .task()
        .map(task -> task.getStatus().getPortStatus().getPortsList())
        .orElse(List.of())
        .stream()
        .filter(port -> port.getPublishMode() == PortConfig.PublishMode.HOST)
        .toList();
  }

  private static String protocol(PortConfig port) {
    return port.getProtocol().name().toLowerCase(Locale.ROOT);
  }

  /**
   * The {@code Ports} of a list.
   *
   * @param exposed by the image, {@code 80/tcp}
   */
  static ArrayNode ports(NodeContainer container, Collection<String> exposed) {
    ArrayNode ports = Json.array();
    for (PortConfig port : publishedHere(container)) {
      ports
          .addObject()
          .put("IP", "0.0.0.0")
          .put("PrivatePort", port.getTargetPort())
          .put("PublicPort", port.getPublishedPort())
          .put("Type", protocol(port));
    }
    for (String port : exposed) {
      Optional<Form.Parts> one =
          PORTS
              .read(port)
              .filter(parts -> PublishedPort.isNumber(Integer.parseInt(parts.part(1))))
              .filter(parts -> parts.optional(2).isEmpty() && !exposes(container, port));
      one.ifPresent(
          parts ->
              ports
                  .addObject()
                  .put("PrivatePort", Integer.parseInt(parts.part(1)))
                  .put("Type", parts.optional(3).orElse("tcp")));
    }
    return ports;
  }

  /** The {@code NetworkSettings.Ports} of inspect. */
  static ObjectNode portMap(NodeContainer container, Collection<String> exposed) {
    ObjectNode ports = Json.object();
    exposed.forEach(ports::putNull);
    for (PortConfig port : publishedHere(container)) {
      ports
          .putArray(port.getTargetPort() + "/" + protocol(port))
          .addObject()
          .put("HostIp", "0.0.0.0")
          .put("HostPort", Integer.toString(port.getPublishedPort()));
    }
    return ports;
  }

  /** The first network's name. */
  static String mode(NodeContainer container) {
    return attachments(container).stream()
        .map(ContainerNetworks::name)
        .findFirst()
        .orElse("default");
  }

  /** The {@code Networks} of lists and inspect. */
  static ObjectNode networks(NodeContainer container) {
    ObjectNode networks = Json.object();
    for (NetworkAttachment attachment : attachments(container)) {
      networks.set(name(attachment), network(container, attachment));
    }
    return networks;
  }

  private static ObjectNode network(NodeContainer container, NetworkAttachment attachment) {
    String assigned = attachment.getAddressesCount() > 0 ? attachment.getAddresses(0) : "";
    // What has ended is on no network any more.
    String address = container.isRunning() ? assigned : "";
    int slash = address.indexOf('/');
    String ip = slash < 0 ? address : address.substring(0, slash);
    ObjectNode json = Json.object();
    json.putObject("IPAMConfig").put("IPv4Address", Cidr.address(assigned));
    json.putNull("Links");
    attachment.getAliasesList().forEach(json.putArray("Aliases")::add);
    json.put("MacAddress", container.isRunning() ? attachment.getMacAddress() : "");
    json.putNull("DriverOpts");
    json.put("GwPriority", 0);
    json.put("NetworkID", attachment.getNetwork().getId());
    json.put("EndpointID", endpointId(container, attachment));
    json.put("Gateway", container.isRunning() ? gateway(attachment) : "");
    json.put("IPAddress", ip);
    json.put("IPPrefixLen", slash < 0 ? 0 : Integer.parseInt(address.substring(slash + 1)));
    json.put("IPv6Gateway", "").put("GlobalIPv6Address", "").put("GlobalIPv6PrefixLen", 0);
    names(container, attachment).forEach(json.putArray("DNSNames")::add);
    return json;
  }

  private static String endpointId(NodeContainer container, NetworkAttachment attachment) {
    return container.isRunning()
        ? container
            .task()
            .map(task -> EndpointId.of(task, attachment.getNetwork().getId()))
            .orElse("")
        : "";
  }

  private static String gateway(NetworkAttachment attachment) {
    return attachment.getNetwork().getIpam().getConfigsList().stream()
        .map(config -> config.getGateway())
        .findFirst()
        .orElse("");
  }

  /** What the container itself is called there; its service's names are not its own. */
  private static Set<String> names(NodeContainer container, NetworkAttachment attachment) {
    Set<String> names = new LinkedHashSet<>();
    names.add(container.name());
    names.addAll(attachment.getAliasesList());
    names.add(container.shortId());
    container
        .spec()
        .map(ContainerSpec::getHostname)
        .filter(hostname -> !hostname.isEmpty())
        .ifPresent(names::add);
    return names;
  }
}
