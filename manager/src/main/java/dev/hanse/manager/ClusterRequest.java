package dev.hanse.manager;

import dev.hanse.model.ClusterSpec;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeSpec;
import java.util.List;

/**
 * What {@code docker swarm init} may ask for.
 *
 * @param spec missing fields get Docker's defaults
 * @param addressPool default address pools, CIDR; empty for 10.0.0.0/8
 * @param subnetSize prefix length of networks cut from the pools; 0 for 24
 * @param dataPathPort UDP port of VXLAN; 0 for 4789
 * @param availability of this first node
 * @param description what this first node says of itself
 */
public record ClusterRequest(
    ClusterSpec spec,
    List<String> addressPool,
    int subnetSize,
    int dataPathPort,
    NodeSpec.Availability availability,
    NodeDescription description) {

  /** By a node that says nothing of itself before its first session. */
  public ClusterRequest(
      ClusterSpec spec,
      List<String> addressPool,
      int subnetSize,
      int dataPathPort,
      NodeSpec.Availability availability) {
    this(
        spec,
        addressPool,
        subnetSize,
        dataPathPort,
        availability,
        NodeDescription.getDefaultInstance());
  }

  /** A request for a cluster with all defaults. */
  public static ClusterRequest defaults() {
    return new ClusterRequest(
        ClusterSpec.getDefaultInstance(), List.of(), 0, 0, NodeSpec.Availability.ACTIVE);
  }
}
