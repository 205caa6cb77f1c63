package dev.hanse.docker.json;

import static dev.hanse.docker.json.CommonJson.lower;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.hanse.model.EngineDescription;
import dev.hanse.model.ManagerStatus;
import dev.hanse.model.Node;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.util.Optional;

/** Nodes. */
public final class NodeJson {
  private NodeJson() {}

  /**
   * A node as {@code GET /nodes} shows it.
   *
   * @param leader the node id of the managers' leader, if there is one now: what is written in the
   *     node may be from a moment before
   */
  public static ObjectNode node(Node node, Optional<String> leader) {
    ObjectNode object = Json.object();
    object.put("ID", node.getId());
    CommonJson.meta(object, node.getMeta());
    ObjectNode spec = object.putObject("Spec");
    CommonJson.annotations(spec, node.getSpec().getAnnotations());
    spec.put("Role", lower(node.getSpec().getDesiredRole()));
    spec.put("Availability", lower(node.getSpec().getAvailability()));
    object.set("Description", description(node.getDescription()));
    ObjectNode status = object.putObject("Status");
    status.put("State", state(node.getStatus()));
    Out.text(status, "Message", message(node.getStatus()));
    Out.text(status, "Addr", node.getStatus().getAddr());
    if (node.hasManagerStatus()) {
      ManagerStatus manager = node.getManagerStatus();
      ObjectNode part = object.putObject("ManagerStatus");
      Out.flag(part, "Leader", leader.equals(Optional.of(node.getId())));
      part.put("Reachability", lower(manager.getReachability()));
      Out.text(part, "Addr", manager.getAddr());
    }
    return object;
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

  private static ObjectNode description(NodeDescription description) {
    ObjectNode object = Json.object();
    Out.text(object, "Hostname", description.getHostname());
    object.set("Platform", TaskSpecJson.platform(description.getPlatform()));
    object.set("Resources", ResourcesJson.resources(description.getResources()));
    object.set("Engine", engine(description.getEngine()));
    object.set(
        "TLSInfo",
        tls(
            description.getTlsInfo().getTrustRoot(),
            description.getTlsInfo().getCertIssuerSubject(),
            description.getTlsInfo().getCertIssuerPublicKey()));
    Out.objects(
        object,
        "CSIInfo",
        description.getCsiInfoList(),
        plugin -> {
          ObjectNode info = Json.object();
          Out.text(info, "PluginName", plugin.getPluginName());
          Out.text(info, "NodeID", plugin.getNodeId());
          Out.number(info, "MaxVolumesPerNode", plugin.getMaxVolumesPerNode());
          if (plugin.hasAccessibleTopology()) {
            Out.map(
                info.putObject("AccessibleTopology"),
                "Segments",
                plugin.getAccessibleTopology().getSegmentsMap());
          }
          return info;
        });
    return object;
  }

  private static ObjectNode engine(EngineDescription engine) {
    ObjectNode object = Json.object();
    Out.text(object, "EngineVersion", engine.getEngineVersion());
    Out.map(object, "Labels", engine.getLabelsMap());
    Out.objects(
        object,
        "Plugins",
        engine.getPluginsList(),
        plugin -> {
          ObjectNode description = Json.object();
          Out.text(description, "Type", plugin.getType());
          Out.text(description, "Name", plugin.getName());
          return description;
        });
    return object;
  }

  static ObjectNode tls(ByteString root, ByteString issuerSubject, ByteString issuerKey) {
    ObjectNode object = Json.object();
    Out.text(object, "TrustRoot", root.toStringUtf8());
    Out.bytes(object, "CertIssuerSubject", issuerSubject);
    Out.bytes(object, "CertIssuerPublicKey", issuerKey);
    return object;
  }

  /**
   * Reads what a client wants a node to be.
   *
   * @throws HttpFailure 400 for an unknown role or availability
   */
  public static NodeSpec spec(Fields fields) {
    String role = fields.text("Role");
    return NodeSpec.newBuilder()
        .setAnnotations(CommonJson.annotations(fields))
        .setDesiredRole(
            switch (role) {
              case "worker" -> NodeRole.WORKER;
              case "manager" -> NodeRole.MANAGER;
              default -> throw HttpFailure.invalid("invalid Role: \"" + role + "\"");
            })
        .setAvailability(
            availability(fields)
                .orElseThrow(() -> HttpFailure.invalid("invalid Availability: \"\"")))
        .build();
  }

  /** The availability if given; throws {@link HttpFailure} 400 for an unknown one. */
  public static Optional<NodeSpec.Availability> availability(Fields fields) {
    String text = fields.text("Availability");
    return switch (text) {
      case "" -> Optional.empty();
      case "active" -> Optional.of(NodeSpec.Availability.ACTIVE);
      case "pause" -> Optional.of(NodeSpec.Availability.PAUSE);
      case "drain" -> Optional.of(NodeSpec.Availability.DRAIN);
      default -> throw HttpFailure.invalid("invalid Availability: \"" + text + "\"");
    };
  }
}
