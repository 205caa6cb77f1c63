package dev.hanse.control.command;

import com.google.protobuf.ByteString;
import dev.hanse.model.ManagerStatus;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import java.util.List;
import java.util.Optional;

/** Writes on nodes: by users, by the certificate authority and by the dispatcher. */
public sealed interface NodeCommand extends Command {
  /** Changes availability, desired role, labels; the result is the {@code Node}. */
  record UpdateNode(String id, long version, NodeSpec spec) implements NodeCommand {}

  /**
   * Removes a node; one that is up only with {@code force}. Its tasks are orphaned and replaced.
   */
  record RemoveNode(String id, boolean force) implements NodeCommand {}

  /**
   * Admits a node whose join token was checked; the result is the {@code Node} with a new id and a
   * pending certificate request.
   */
  record EnrollNode(NodeRole role, ByteString csr, NodeSpec.Availability availability)
      implements NodeCommand {}

  /** Stores the request of a known node for another certificate; the result is the {@code Node}. */
  record RenewCertificate(String nodeId, ByteString csr) implements NodeCommand {}

  /**
   * Stores a signed certificate.
   *
   * @param nodeId the node
   * @param csr the request that was signed; if it is no longer the stored one, the certificate is
   *     refused
   * @param role the role that was signed
   * @param certificate PEM
   */
  record IssueCertificate(String nodeId, ByteString csr, NodeRole role, ByteString certificate)
      implements NodeCommand {}

  /**
   * Asks nodes for new certificate requests: the root is being replaced. Those that have a request
   * under way, and those that are unknown, are left out.
   */
  record RotateCertificates(List<String> nodeIds) implements NodeCommand {
    /** Copies the list. */
    public RotateCertificates {
      nodeIds = List.copyOf(nodeIds);
    }
  }

  /** Stores why a request cannot be signed. */
  record RefuseCertificate(String nodeId, ByteString csr, String reason) implements NodeCommand {}

  /**
   * Makes the observed role equal to the desired one, after the consensus group has followed;
   * changes nothing if another role is desired by now.
   */
  record SetNodeRole(String nodeId, NodeRole role) implements NodeCommand {}

  /**
   * A manager wants to be none any more, since its node leaves the swarm: a demotion by itself.
   * Changes nothing if the node is no manager.
   */
  record ReleaseManager(String nodeId) implements NodeCommand {}

  /**
   * After the loss of a majority this node has begun a group of one with the state that it had: all
   * other managers become workers, so that those which come back serve this group.
   */
  record RemainAlone(String nodeId) implements NodeCommand {}

  /**
   * What the dispatcher has seen: up or down, address; and what the node said of itself, if new.
   */
  record UpdateNodeStatus(String nodeId, NodeStatus status, Optional<NodeDescription> description)
      implements NodeCommand {}

  /**
   * What a node says of its health: why it can run no tasks now, empty if it can. Changes nothing
   * if the node is not up: what it says then comes with its next session.
   */
  record ReportIllness(String nodeId, String illness) implements NodeCommand {}

  /** The manager's part of a node: address, leader or not, reachable or not; empty for workers. */
  record UpdateManagerStatus(String nodeId, Optional<ManagerStatus> status)
      implements NodeCommand {}
}
