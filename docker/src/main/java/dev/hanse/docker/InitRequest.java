package dev.hanse.docker;

import dev.hanse.model.ClusterSpec;
import dev.hanse.model.NodeSpec;
import java.util.List;

/**
 * {@code POST /swarm/init}; the addresses as the user gave them, "" where not given.
 *
 * @param listenAddress HOST:PORT of the manager's port; default 0.0.0.0:2377
 * @param advertiseAddress address or interface, with or without port, that others reach it at
 * @param dataPathAddress address or interface for VXLAN
 * @param dataPathPort UDP port for VXLAN; 0 is 4789
 * @param defaultAddressPools subnets in CIDR form to draw networks from; empty for 10.0.0.0/8
 * @param subnetSize prefix length of the networks drawn; 0 is 24
 * @param forceNewCluster keep the state of this node, drop all other managers
 * @param availability of this node
 * @param spec the swarm's settings, complete: what the user did not say has Docker's default
 */
public record InitRequest(
    String listenAddress,
    String advertiseAddress,
    String dataPathAddress,
    int dataPathPort,
    List<String> defaultAddressPools,
    int subnetSize,
    boolean forceNewCluster,
    NodeSpec.Availability availability,
    ClusterSpec spec) {
  /** Copies the list. */
  public InitRequest {
    defaultAddressPools = List.copyOf(defaultAddressPools);
  }
}
