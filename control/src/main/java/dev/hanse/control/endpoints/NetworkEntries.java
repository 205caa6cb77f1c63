package dev.hanse.control.endpoints;

import dev.hanse.control.Tasks;
import dev.hanse.control.allocator.NetworkNumbers;
import dev.hanse.control.allocator.NodeOrdinals;
import dev.hanse.endpoints.EndpointEntry;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.endpoints.MacAddress;
import dev.hanse.endpoints.NetworkEntry;
import dev.hanse.endpoints.PeerEntry;
import dev.hanse.endpoints.ServiceEntry;
import dev.hanse.model.Cidr;
import dev.hanse.model.Endpoint;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.Node;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskName;
import dev.hanse.model.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** From the cluster's objects to the entries of a network's table, each from one object. */
final class NetworkEntries {
  private static final int SHORT_ID_LENGTH = 12;

  private NetworkEntries() {}

  /** Empty for a network that does not span nodes, or was not given its number yet. */
  static Optional<NetworkEntry> network(Network network) {
    return NetworkNumbers.of(network).flatMap(vni -> NetworkEntry.of(network, vni));
  }

  /** Empty for a node that was never in touch: it is nowhere yet. */
  static Optional<PeerEntry> peer(String networkId, Node node) {
    return Ipv4Address.parse(withoutPort(node.getStatus().getAddr()))
        .map(
            address ->
                new PeerEntry(
                    node.getId(),
                    address,
                    attachment(node.getAttachmentsList(), networkId).flatMap(NetworkEntries::own)));
  }

  private static Optional<PeerEntry.Own> own(NetworkAttachment attachment) {
    return attachment.getAddressesList().stream()
        .findFirst()
        .flatMap(
            address ->
                PeerEntry.Own.parse(
                    address, attachment.getMacAddress(), NodeOrdinals.of(attachment).orElse(0)));
  }

  /** A service as clients in that network see it. */
  static ServiceEntry service(NetworkEntry network, Service service) {
    List<String> aliases = new ArrayList<>();
    for (NetworkAttachmentConfig config : service.getSpec().getTask().getNetworksList()) {
      if (config.getTarget().equals(network.id())) {
        aliases.addAll(config.getAliasesList());
      }
    }
    Optional<Ipv4Address> virtual =
        service.getEndpoint().getVirtualIpsList().stream()
            .filter(address -> address.getNetworkId().equals(network.id()))
            .map(Endpoint.VirtualIP::getAddr)
            .reduce((_, last) -> last)
            .map(Cidr::address)
            .flatMap(Ipv4Address::parse);
    List<PortConfig> ports =
        network.ingress()
            ? service.getEndpoint().getPortsList().stream()
                .filter(port -> port.getPublishMode() == PortConfig.PublishMode.INGRESS)
                .toList()
            : List.of();
    return new ServiceEntry(
        service.getId(), service.getSpec().getAnnotations().getName(), virtual, aliases, ports);
  }

  /** Empty for a task that is not there, is not attached to it or has no address in it. */
  static Optional<EndpointEntry> endpoint(String networkId, Task task) {
    if (!isPresent(task)) {
      return Optional.empty();
    }
    return attachment(task.getNetworksList(), networkId)
        .flatMap(attachment -> endpoint(task, attachment));
  }

  private static Optional<EndpointEntry> endpoint(Task task, NetworkAttachment attachment) {
    Optional<Ipv4Subnet> address =
        attachment.getAddressesList().stream().findFirst().flatMap(Ipv4Subnet::parse);
    Optional<MacAddress> mac = MacAddress.parse(attachment.getMacAddress());
    if (address.isEmpty() || mac.isEmpty()) {
      return Optional.empty();
    }
    List<String> aliases = new ArrayList<>(attachment.getAliasesList());
    // Docker answers for a container's short id too, which is also its default host name.
    String container = task.getStatus().getContainer().getContainerId();
    if (container.length() >= SHORT_ID_LENGTH) {
      aliases.add(container.substring(0, SHORT_ID_LENGTH));
    }
    return Optional.of(
        new EndpointEntry(
            task.getId(),
            task.getServiceId(),
            task.getNodeId(),
            TaskName.of(task),
            address.get(),
            mac.get(),
            aliases,
            task.getStatus().getState() == TaskState.RUNNING
                && task.getDesiredState() == Tasks.goal(task)));
  }

  /** Whether a task stands in the tables: from its assignment until it has ended. */
  static boolean isPresent(Task task) {
    int state = task.getStatus().getStateValue();
    return state >= TaskState.ASSIGNED_VALUE
        && state <= TaskState.RUNNING_VALUE
        && !task.getNodeId().isEmpty();
  }

  /** The networks that an object is attached to. */
  static Set<String> networksOf(List<NetworkAttachment> attachments) {
    Set<String> ids = new TreeSet<>();
    attachments.forEach(attachment -> ids.add(attachment.getNetwork().getId()));
    return ids;
  }

  /** The networks in which a service has an address, or asks for one. */
  static Set<String> networksOf(Service service) {
    Set<String> ids = new TreeSet<>();
    service.getSpec().getTask().getNetworksList().forEach(config -> ids.add(config.getTarget()));
    deprecatedNetworks(service).forEach(config -> ids.add(config.getTarget()));
    service.getEndpoint().getVirtualIpsList().forEach(each -> ids.add(each.getNetworkId()));
    return ids;
  }

  /** The field that API clients before 1.25 used. */
  @SuppressWarnings("deprecation")
  private static List<NetworkAttachmentConfig> deprecatedNetworks(Service service) {
    return service.getSpec().getNetworksList();
  }

  private static Optional<NetworkAttachment> attachment(
      List<NetworkAttachment> attachments, String networkId) {
    for (NetworkAttachment attachment : attachments) {
      if (attachment.getNetwork().getId().equals(networkId)) {
        return Optional.of(attachment);
      }
    }
    return Optional.empty();
  }

  /** "10.1.0.2:2377" and "[fe80::1]:2377" lose their ports, bare addresses stay as they are. */
  private static String withoutPort(String address) {
    int colon = address.lastIndexOf(':');
    boolean hasPort = colon > 0 && (address.indexOf(':') == colon || address.charAt(0) == '[');
    String host = hasPort ? address.substring(0, colon) : address;
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
