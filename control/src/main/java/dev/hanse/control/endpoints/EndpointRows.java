package dev.hanse.control.endpoints;

import dev.hanse.control.Tasks;
import dev.hanse.control.allocator.NetworkNumbers;
import dev.hanse.control.allocator.NodeOrdinals;
import dev.hanse.model.Cidr;
import dev.hanse.model.Endpoint;
import dev.hanse.model.EndpointRow;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.EndpointsChange;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.NetworkRow;
import dev.hanse.model.Node;
import dev.hanse.model.PeerRow;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceRow;
import dev.hanse.model.Task;
import dev.hanse.model.TaskName;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Builds the rows of one network. */
final class EndpointRows {
  private static final int SHORT_ID_LENGTH = 12;

  private EndpointRows() {}

  /** Whether a network spans nodes, and has been given its number. */
  static boolean isOverlay(Network network) {
    return NetworkNumbers.of(network).isPresent();
  }

  static List<EndpointsChange> of(Snapshot snapshot, Network network) {
    List<EndpointsChange> rows = new ArrayList<>();
    rows.add(put().setNetwork(row(network)).build());
    Set<String> peers = new TreeSet<>();
    List<EndpointsChange> endpoints = new ArrayList<>();
    for (Task task : snapshot.tasksOfNetwork(network.getId())) {
      if (EndpointProjection.isPresent(task)) {
        for (NetworkAttachment attachment : task.getNetworksList()) {
          if (attachment.getNetwork().getId().equals(network.getId())) {
            peers.add(task.getNodeId());
            endpoints.add(put().setEndpoint(row(network, task, attachment)).build());
          }
        }
      }
    }
    if (network.getSpec().getIngress()) {
      snapshot.all(Kind.NODE).stream()
          .filter(node -> attachment(node, network).isPresent())
          .forEach(node -> peers.add(node.getId()));
    }
    for (String nodeId : peers) {
      snapshot
          .find(Kind.NODE, nodeId)
          // A node that was never in touch is nowhere yet.
          .filter(node -> !node.getStatus().getAddr().isEmpty())
          .ifPresent(node -> rows.add(put().setPeer(row(network, node)).build()));
    }
    for (Service service : snapshot.servicesOfNetwork(network.getId())) {
      rows.add(put().setService(row(network, service)).build());
    }
    rows.addAll(endpoints);
    return rows;
  }

  private static EndpointsChange.Builder put() {
    return EndpointsChange.newBuilder().setAction(EndpointsChange.Action.PUT);
  }

  private static NetworkRow row(Network network) {
    return NetworkRow.newBuilder()
        .setNetwork(network.toBuilder().clearMeta().clearAddressCursor())
        .setVni(NetworkNumbers.of(network).orElseThrow())
        .build();
  }

  private static PeerRow row(Network network, Node node) {
    PeerRow.Builder row =
        PeerRow.newBuilder()
            .setNetworkId(network.getId())
            .setNodeId(node.getId())
            .setDataPathAddr(withoutPort(node.getStatus().getAddr()));
    attachment(node, network)
        .ifPresent(
            attachment -> {
              attachment.getAddressesList().stream().findFirst().ifPresent(row::setAddress);
              row.setMacAddress(attachment.getMacAddress());
              NodeOrdinals.of(attachment).ifPresent(row::setOrdinal);
            });
    return row.build();
  }

  private static Optional<NetworkAttachment> attachment(Node node, Network network) {
    return node.getAttachmentsList().stream()
        .filter(attachment -> attachment.getNetwork().getId().equals(network.getId()))
        .findFirst();
  }

  private static ServiceRow row(Network network, Service service) {
    EndpointSpec spec = service.getSpec().getEndpoint();
    ServiceRow.Builder row =
        ServiceRow.newBuilder()
            .setNetworkId(network.getId())
            .setServiceId(service.getId())
            .setName(service.getSpec().getAnnotations().getName())
            .setMode(spec.getMode());
    for (NetworkAttachmentConfig config : service.getSpec().getTask().getNetworksList()) {
      if (config.getTarget().equals(network.getId())) {
        row.addAllAliases(config.getAliasesList());
      }
    }
    for (Endpoint.VirtualIP address : service.getEndpoint().getVirtualIpsList()) {
      if (address.getNetworkId().equals(network.getId())) {
        row.setVirtualIp(Cidr.address(address.getAddr()));
      }
    }
    if (network.getSpec().getIngress()) {
      service.getEndpoint().getPortsList().stream()
          .filter(port -> port.getPublishMode() == PortConfig.PublishMode.INGRESS)
          .forEach(row::addPorts);
    }
    return row.build();
  }

  private static EndpointRow row(Network network, Task task, NetworkAttachment attachment) {
    EndpointRow.Builder row =
        EndpointRow.newBuilder()
            .setNetworkId(network.getId())
            .setTaskId(task.getId())
            .setServiceId(task.getServiceId())
            .setNodeId(task.getNodeId())
            .setTaskName(TaskName.of(task))
            .setMacAddress(attachment.getMacAddress())
            .addAllAliases(attachment.getAliasesList())
            .setReady(
                task.getStatus().getState() == TaskState.RUNNING
                    && task.getDesiredState() == Tasks.goal(task));
    attachment.getAddressesList().stream().findFirst().ifPresent(row::setAddress);
    // Docker answers for a container's short id too, which is also its default host name.
    String container = task.getStatus().getContainer().getContainerId();
    if (container.length() >= SHORT_ID_LENGTH) {
      row.addAliases(container.substring(0, SHORT_ID_LENGTH));
    }
    return row.build();
  }

  /** "10.1.0.2:2377" and "[fe80::1]:2377" lose their ports, bare addresses stay as they are. */
  private static String withoutPort(String address) {
    int colon = address.lastIndexOf(':');
    boolean hasPort = colon > 0 && (address.indexOf(':') == colon || address.charAt(0) == '[');
    String host = hasPort ? address.substring(0, colon) : address;
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
