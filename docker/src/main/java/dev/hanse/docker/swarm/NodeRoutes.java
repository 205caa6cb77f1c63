package dev.hanse.docker.swarm;

import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.json.NodeJson;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.store.Kind;
import dev.hanse.text.Letters;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Router;
import java.io.IOException;
import java.util.Optional;

/** {@code /nodes}. */
public final class NodeRoutes {
  private final ManagerGate gate;

  public NodeRoutes(ManagerGate gate) {
    this.gate = gate;
  }

  /** Adds the routes. */
  public void addTo(Router router) {
    router
        .get("/nodes", this::list)
        .get("/nodes/{id}", this::inspect)
        .post("/nodes/{id}/update", this::update)
        .delete("/nodes/{id}", this::remove);
  }

  private Node find(Exchange exchange) {
    return Named.find(gate.snapshot(), Kind.NODE, exchange.variable("id"));
  }

  private void inspect(Exchange exchange) throws IOException {
    exchange.json(200, NodeJson.node(find(exchange), gate.cluster().leader()));
  }

  private void list(Exchange exchange) throws IOException {
    Filters filters =
        Filters.of(exchange).allowOnly("name", "id", "label", "role", "membership", "node.label");
    filters.values("role").forEach(NodeRoutes::role);
    filters.values("membership").forEach(NodeRoutes::membership);
    Optional<String> leader = gate.cluster().leader();
    new Listing<>(
            Kind.NODE,
            gate::snapshot,
            (_, node) -> fits(node, filters),
            (_, node) -> NodeJson.node(node, leader))
        .send(exchange);
  }

  private static boolean fits(Node node, Filters filters) {
    return filters.any("name", node.getDescription().getHostname()::startsWith)
        && filters.any("id", node.getId()::startsWith)
        && filters.labels("label", node.getDescription().getEngine().getLabelsMap())
        && filters.labels("node.label", node.getSpec().getAnnotations().getLabelsMap())
        && filters.any("role", role -> role(role) == node.getRole())
        && filters.any(
            "membership", membership -> membership(membership) == node.getSpec().getMembership());
  }

  private static NodeRole role(String text) {
    return switch (Letters.small(text)) {
      case "worker" -> NodeRole.WORKER;
      case "manager" -> NodeRole.MANAGER;
      default -> throw HttpFailure.invalid("Invalid role filter: '" + text + "'");
    };
  }

  private static NodeSpec.Membership membership(String text) {
    return switch (Letters.small(text)) {
      case "accepted" -> NodeSpec.Membership.ACCEPTED;
      case "pending" -> NodeSpec.Membership.PENDING;
      default -> throw HttpFailure.invalid("Invalid membership filter: '" + text + "'");
    };
  }

  private void update(Exchange exchange) throws IOException, InterruptedException {
    Fields fields = Fields.of(exchange.json());
    long version = Versions.of(exchange, "node");
    gate.cluster();
    NodeSpec spec = NodeJson.spec(fields);
    Node node = find(exchange);
    NodeSpec kept = spec.toBuilder().setMembership(node.getSpec().getMembership()).build();
    gate.write(new UpdateNode(node.getId(), version, kept));
    exchange.empty(200);
  }

  private void remove(Exchange exchange) throws IOException, InterruptedException {
    gate.write(new RemoveNode(find(exchange).getId(), exchange.query().flag("force")));
    exchange.empty(200);
  }
}
