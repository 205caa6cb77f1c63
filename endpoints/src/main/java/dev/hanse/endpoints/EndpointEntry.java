package dev.hanse.endpoints;

import java.util.List;

/**
 * A task's place in a network.
 *
 * @param taskId the task's id
 * @param serviceId its service's id; empty for a container without service
 * @param nodeId where it runs
 * @param taskName the container's name
 * @param address with prefix length
 * @param mac hardware address
 * @param aliases further names
 * @param ready may new connections be sent to it?
 */
public record EndpointEntry(
    String taskId,
    String serviceId,
    String nodeId,
    String taskName,
    Ipv4Subnet address,
    MacAddress mac,
    List<String> aliases,
    boolean ready)
    implements Entry {

  /** Copies the list. */
  public EndpointEntry {
    aliases = List.copyOf(aliases);
  }

  /** The same, but new connections are not sent to it. */
  EndpointEntry withoutConnections() {
    return new EndpointEntry(taskId, serviceId, nodeId, taskName, address, mac, aliases, false);
  }

  @Override
  public Key key() {
    return new Key(Kind.ENDPOINT, taskId);
  }
}
