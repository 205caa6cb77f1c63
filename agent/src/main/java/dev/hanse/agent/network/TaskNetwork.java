package dev.hanse.agent.network;

import dev.hanse.model.Cidr;
import dev.hanse.model.PortConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a container needs to know about the network made for it.
 *
 * @param namespace file that names the network namespace (to be given to the container runtime);
 *     empty for a task on the host's own network
 * @param resolvConf the file to mount at {@code /etc/resolv.conf}
 * @param attachments the task's networks in the order of the task's attachments, without egress
 * @param egressAddress the task's address on the node's egress bridge, without prefix length; empty
 *     on the host's network
 * @param hostGateway where the task reaches its host, without prefix length
 * @param hostPorts ports published on this node alone, each with the port that was chosen for it;
 *     for the task's status
 */
public record TaskNetwork(
    Optional<Path> namespace,
    Path resolvConf,
    List<Attached> attachments,
    Optional<String> egressAddress,
    String hostGateway,
    List<PortConfig> hostPorts) {

  /** Copies the lists. */
  public TaskNetwork {
    attachments = List.copyOf(attachments);
    hostPorts = List.copyOf(hostPorts);
  }

  /**
   * The addresses, without prefix length, at which the task is to be found by its own host name:
   * those in the service's networks. Peers reach it neither in the mesh nor on the egress bridge;
   * one of these has the name only where there is no other address.
   */
  public List<String> namedAddresses() {
    List<String> own = addresses(attached -> !attached.ingress());
    if (!own.isEmpty()) {
      return own;
    }
    List<String> mesh = addresses(Attached::ingress);
    return mesh.isEmpty() ? egressAddress.stream().toList() : mesh;
  }

  private List<String> addresses(Predicate<Attached> which) {
    return attachments.stream().filter(which).map(Attached::addressWithoutPrefix).toList();
  }

  /**
   * One network of the task.
   *
   * @param networkId the network's id
   * @param networkName the network's name
   * @param ingress whether it is the routing mesh
   * @param linkName the link's name inside the namespace, such as {@code eth0}
   * @param address in CIDR form
   * @param macAddress lower case with colons
   * @param gateway the network's gateway address; empty when it has none
   * @param aliases the task's names in this network
   */
  public record Attached(
      String networkId,
      String networkName,
      boolean ingress,
      String linkName,
      String address,
      String macAddress,
      Optional<String> gateway,
      List<String> aliases) {

    /** Copies the list. */
    public Attached {
      aliases = List.copyOf(aliases);
    }

    /** The address without its prefix length. */
    public String addressWithoutPrefix() {
      return Cidr.address(address);
    }
  }
}
