package dev.hanse.docker;

import dev.hanse.model.NodeSpec;
import java.util.List;

/**
 * {@code POST /swarm/join}; the addresses as the user gave them, "" where not given.
 *
 * @param listenAddress HOST:PORT of the manager's port, used if this node is or becomes a manager
 * @param advertiseAddress address or interface, with or without port, that others reach it at
 * @param dataPathAddress address or interface for VXLAN
 * @param remoteAddresses HOST or HOST:PORT of managers, at least one
 * @param joinToken {@code SWMTKN-1-…}
 * @param availability of this node
 */
public record JoinRequest(
    String listenAddress,
    String advertiseAddress,
    String dataPathAddress,
    List<String> remoteAddresses,
    String joinToken,
    NodeSpec.Availability availability) {
  /** Copies the list. */
  public JoinRequest {
    remoteAddresses = List.copyOf(remoteAddresses);
  }
}
