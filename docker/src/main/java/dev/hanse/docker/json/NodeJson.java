package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.BYTES;
import static dev.hanse.docker.field.Notations.FLAG;
import static dev.hanse.docker.field.Notations.MAP;
import static dev.hanse.docker.field.Notations.NUMBER;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.TEXT_BYTES;
import static dev.hanse.docker.field.Notations.list;
import static dev.hanse.docker.json.CommonJson.lower;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.docker.field.Words;
import dev.hanse.model.EngineDescription;
import dev.hanse.model.ManagerStatus;
import dev.hanse.model.Node;
import dev.hanse.model.NodeCSIInfo;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeSpec.Availability;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.NodeTLSInfo;
import dev.hanse.model.PluginDescription;
import dev.hanse.model.RaftMemberStatus.Reachability;
import dev.hanse.model.Topology;
import dev.hanse.web.HttpFailure;
import java.util.Optional;

/** Nodes. */
public final class NodeJson {
  private static final Words<Availability> AVAILABILITY =
      Words.required(Availability.ACTIVE, text -> "invalid Availability: \"" + text + "\"");

  private static final FieldTable<NodeSpec, NodeSpec.Builder> SPEC =
      FieldTable.of(NodeSpec::newBuilder, NodeSpec.Builder::build)
          .inline(
              CommonJson.ANNOTATIONS,
              NodeSpec::getAnnotations,
              NodeSpec.Builder::getAnnotationsBuilder)
          .always(
              "Role",
              Words.required(NodeRole.WORKER, text -> "invalid Role: \"" + text + "\""),
              NodeSpec::getDesiredRole,
              NodeSpec.Builder::setDesiredRole)
          .always(
              "Availability",
              AVAILABILITY,
              NodeSpec::getAvailability,
              NodeSpec.Builder::setAvailability)
          .without("membership", "a node that has joined is accepted")
          .build();

  private static final ShownTable<PluginDescription> PLUGIN =
      ShownTable.of(PluginDescription.class)
          .line("Type", TEXT, PluginDescription::getType)
          .line("Name", TEXT, PluginDescription::getName)
          .build();

  private static final ShownTable<EngineDescription> ENGINE =
      ShownTable.of(EngineDescription.class)
          .line("EngineVersion", TEXT, EngineDescription::getEngineVersion)
          .line("Labels", MAP, EngineDescription::getLabelsMap)
          .line("Plugins", list(PLUGIN), EngineDescription::getPluginsList)
          .build();

  /** The root that is trusted, and who signs. */
  static final ShownTable<NodeTLSInfo> TLS =
      ShownTable.of(NodeTLSInfo.class)
          .line("TrustRoot", TEXT_BYTES, NodeTLSInfo::getTrustRoot)
          .line("CertIssuerSubject", BYTES, NodeTLSInfo::getCertIssuerSubject)
          .line("CertIssuerPublicKey", BYTES, NodeTLSInfo::getCertIssuerPublicKey)
          .build();

  private static final ShownTable<Topology> TOPOLOGY =
      ShownTable.of(Topology.class).line("Segments", MAP, Topology::getSegmentsMap).build();

  private static final ShownTable<NodeCSIInfo> STORAGE =
      ShownTable.of(NodeCSIInfo.class)
          .line("PluginName", TEXT, NodeCSIInfo::getPluginName)
          .line("NodeID", TEXT, NodeCSIInfo::getNodeId)
          .line("MaxVolumesPerNode", NUMBER, NodeCSIInfo::getMaxVolumesPerNode)
          .optional(
              "AccessibleTopology",
              TOPOLOGY,
              NodeCSIInfo::hasAccessibleTopology,
              NodeCSIInfo::getAccessibleTopology)
          .build();

  private static final ShownTable<NodeDescription> DESCRIPTION =
      ShownTable.of(NodeDescription.class)
          .line("Hostname", TEXT, NodeDescription::getHostname)
          .always("Platform", TaskSpecJson.PLATFORM, NodeDescription::getPlatform)
          .always("Resources", ResourcesJson.RESOURCES, NodeDescription::getResources)
          .always("Engine", ENGINE, NodeDescription::getEngine)
          .always("TLSInfo", TLS, NodeDescription::getTlsInfo)
          .line("CSIInfo", list(STORAGE), NodeDescription::getCsiInfoList)
          .without("fips", "swarmkit's own, which no API shows")
          .without("foreign_subnets", "ours, for the allocator")
          .build();

  private static final ShownTable<NodeStatus> STATUS =
      ShownTable.of(NodeStatus.class)
          .always("State", TEXT, NodeJson::state)
          .line("Message", TEXT, NodeJson::message)
          .line("Addr", TEXT, NodeStatus::getAddr)
          .without("down_since", "ours, for the orchestrator")
          .build();

  private static final ShownTable<ManagerStatus> MANAGER =
      ShownTable.of(ManagerStatus.class)
          .line("Leader", FLAG, ManagerStatus::getLeader)
          .always(
              "Reachability",
              Words.lenient(Reachability.UNKNOWN, CommonJson::lower),
              ManagerStatus::getReachability)
          .line("Addr", TEXT, ManagerStatus::getAddr)
          .without("raft_id", "swarmkit's own, which no API shows")
          .build();

  private static final ShownTable<Node> TABLE =
      ShownTable.of(Node.class)
          .always("ID", TEXT, Node::getId)
          .inline(CommonJson.META, Node::getMeta)
          .always("Spec", SPEC, Node::getSpec)
          .always("Description", DESCRIPTION, Node::getDescription)
          .always("Status", STATUS, Node::getStatus)
          .optional("ManagerStatus", MANAGER, Node::hasManagerStatus, Node::getManagerStatus)
          .without("attachment", "swarmkit's own: the node's address in a network")
          .without("attachments", "swarmkit's own: the node's addresses in networks")
          .without("certificate", "its issuer is shown, as the node tells it")
          .without("role", "the role that is wanted is shown")
          .without("VXLANUDPPort", "shown with the cluster")
          .build();

  private NodeJson() {}

  /**
   * A node as {@code GET /nodes} shows it.
   *
   * @param leader the node id of the managers' leader, if there is one now: what is written in the
   *     node may be from a moment before
   */
  public static ObjectNode node(Node node, Optional<String> leader) {
    boolean leads = leader.equals(Optional.of(node.getId()));
    if (!node.hasManagerStatus() || node.getManagerStatus().getLeader() == leads) {
      return TABLE.show(node);
    }
    Node.Builder now = node.toBuilder();
    now.getManagerStatusBuilder().setLeader(leads);
    return TABLE.show(now.build());
  }

  /**
   * The state in Docker's words. It has none for a node that is there, keeps its tasks and gets no
   * others; of its four, "disconnected" is the one that means so to its scheduler.
   */
  public static String state(NodeStatus status) {
    return lower(isIll(status) ? NodeStatus.State.DISCONNECTED : status.getState());
  }

  private static String message(NodeStatus status) {
    return isIll(status) ? "unhealthy: " + status.getIllness() : status.getMessage();
  }

  private static boolean isIll(NodeStatus status) {
    return status.getState() == NodeStatus.State.READY && !status.getIllness().isEmpty();
  }

  /**
   * Reads what a client wants a node to be.
   *
   * @throws HttpFailure 400 for an unknown role or availability
   */
  public static NodeSpec spec(Fields fields) {
    return SPEC.read(fields);
  }

  /** The availability if given; throws {@link HttpFailure} 400 for an unknown one. */
  public static Optional<Availability> availability(Fields fields) {
    String word = fields.text("Availability");
    return word.isEmpty() ? Optional.empty() : Optional.of(AVAILABILITY.value(word));
  }
}
