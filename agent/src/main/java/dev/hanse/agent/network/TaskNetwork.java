package dev.hanse.agent.network;

import dev.hanse.model.Cidr;
import dev.hanse.model.PortConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a container needs to know about the network made for it.
 *
 * @param namespace file that names the network namespace (to be given to the container runtime);
 *     empty for a task on the host's own network
 * @param resolvConf the file to mount at {@code /etc/resolv.conf}
 * @param attachments the task's networks in the order of the task's attachments, without egress
 * @param egressAddress the task's address on the node's egress bridge, without prefix length; empty
 *     on the host's network
 * @param hostPorts ports published on this node alone, each with the port that was chosen for it;
 *     for the task's status
 */
public record TaskNetwork(
    Optional<Path> namespace,
    Path resolvConf,
    List<Attached> attachments,
    Optional<String> egressAddress,
    List<PortConfig> hostPorts) {

  /** Copies the lists. */
  public TaskNetwork {
    attachments = List.copyOf(attachments);
    hostPorts = List.copyOf(hostPorts);
  }

  /**
   * The task's addresses without prefix length, the first one fit for the line of its own host name
   * in {@code /etc/hosts}; the egress address comes last.
   */
  public List<String> addresses() {
    return Stream.concat(
            attachments.stream().map(Attached::addressWithoutPrefix), egressAddress.stream())
        .toList();
  }

  /**
   * One network of the task.
   *
   * @param networkId the network's id
   * @param networkName the network's name
   * @param linkName the link's name inside the namespace, such as {@code eth0}
   * @param address in CIDR form
   * @param macAddress lower case with colons
   * @param gateway the network's gateway address; empty when it has none
   * @param aliases the task's names in this network
   */
  public record Attached(
      String networkId,
      String networkName,
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
