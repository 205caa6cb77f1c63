package dev.hanse.control.command;

import dev.hanse.model.Certificate;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.EncryptionKey;
import dev.hanse.model.JoinTokens;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeTLSInfo;
import dev.hanse.model.RootCA;
import dev.hanse.model.RootRotation;
import java.util.List;
import java.util.Optional;

/** Writes on the cluster object. */
public sealed interface ClusterCommand extends Command {
  /**
   * Makes the cluster object, its first manager and the predefined networks; the result is the
   * {@code Cluster}.
   *
   * @param clusterId also the organisation in the certificates
   * @param spec may be empty; missing fields get Docker's defaults
   * @param rootCa key, certificate, digest and join tokens
   * @param addressPool default address pools in CIDR form; empty for 10.0.0.0/8
   * @param subnetSize prefix length of networks cut from the pools; 0 for 24
   * @param dataPathPort UDP port of VXLAN; 0 for 4789
   * @param manager the node that initialises
   */
  record InitializeCluster(
      String clusterId,
      ClusterSpec spec,
      RootCA rootCa,
      List<String> addressPool,
      int subnetSize,
      int dataPathPort,
      FirstManager manager)
      implements ClusterCommand {}

  /**
   * The node that initialises a cluster.
   *
   * @param nodeId its id
   * @param certificate as issued by itself
   * @param availability whether it takes tasks
   * @param description what it says of itself: the first networks are made before its first session
   */
  record FirstManager(
      String nodeId,
      Certificate certificate,
      NodeSpec.Availability availability,
      NodeDescription description) {
    /** One that has said nothing of itself yet. */
    public FirstManager(
        String nodeId, Certificate certificate, NodeSpec.Availability availability) {
      this(nodeId, certificate, availability, NodeDescription.getDefaultInstance());
    }
  }

  /**
   * Replaces the specification; the result is the {@code Cluster}. Keys are made by the driver.
   *
   * @param id the cluster's id
   * @param version the version that the caller has seen
   * @param spec the new specification
   * @param rootCa replaces the stored one, for example with rotated join tokens
   * @param unlockKeys replaces the stored ones
   */
  record UpdateCluster(
      String id,
      long version,
      ClusterSpec spec,
      Optional<RootCA> rootCa,
      Optional<List<EncryptionKey>> unlockKeys)
      implements ClusterCommand {}

  /**
   * Puts the new root in the old one's place when all nodes use certificates of the new one; the
   * result is the {@code Cluster}.
   *
   * @param id the cluster's id
   * @param rotation as it was when the digest and tokens were made; if it is another by now the
   *     command is refused
   * @param signer name and key of the new root, as nodes report them
   * @param digest of the new root's certificate
   * @param tokens that name the new root
   */
  record FinishRootRotation(
      String id, RootRotation rotation, NodeTLSInfo signer, String digest, JoinTokens tokens)
      implements ClusterCommand {}
}
