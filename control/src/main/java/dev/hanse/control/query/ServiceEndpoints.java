package dev.hanse.control.query;

import dev.hanse.model.Cidr;
import dev.hanse.model.Endpoint;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Snapshot;
import java.util.Comparator;
import java.util.List;

/**
 * Where a service is reached on one network.
 *
 * @param virtualAddress that stands for all its tasks, without a prefix length; "" if it has none
 * @param ports that it publishes
 * @param members its running tasks on the network, by id
 */
public record ServiceEndpoints(
    String virtualAddress, List<PortConfig> ports, List<Member> members) {
  /** Copies the lists. */
  public ServiceEndpoints {
    ports = List.copyOf(ports);
    members = List.copyOf(members);
  }

  /**
   * A task on the network.
   *
   * @param attachment of the task to the network
   * @param address of the task there, without a prefix length; "" if it has none
   * @param nodeAddress of the node that it runs on; "" if that is not known
   */
  public record Member(
      Task task, NetworkAttachment attachment, String address, String nodeAddress) {}

  /** The end points of a service on a network. */
  public static ServiceEndpoints of(Snapshot snapshot, Service service, String networkId) {
    return new ServiceEndpoints(
        virtualAddress(service, networkId),
        service.getEndpoint().getPortsList(),
        snapshot.tasksOfService(service.getId()).stream()
            .filter(task -> task.getStatus().getState() == TaskState.RUNNING)
            .sorted(Comparator.comparing(Task::getId))
            .flatMap(
                task ->
                    task.getNetworksList().stream()
                        .filter(attachment -> attachment.getNetwork().getId().equals(networkId))
                        .map(attachment -> member(snapshot, task, attachment)))
            .toList());
  }

  private static Member member(Snapshot snapshot, Task task, NetworkAttachment attachment) {
    String address = attachment.getAddressesList().stream().findFirst().orElse("");
    return new Member(
        task, attachment, Cidr.address(address), NetworkPeer.address(snapshot, task.getNodeId()));
  }

  private static String virtualAddress(Service service, String networkId) {
    return service.getEndpoint().getVirtualIpsList().stream()
        .filter(address -> address.getNetworkId().equals(networkId))
        .map(Endpoint.VirtualIP::getAddr)
        .map(Cidr::address)
        .findFirst()
        .orElse("");
  }
}
