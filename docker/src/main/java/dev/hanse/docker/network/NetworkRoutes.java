package dev.hanse.docker.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.network.LocalNetworks;
import dev.hanse.cluster.ClusterAccess;
import dev.hanse.control.command.NetworkCommand.CreateNetwork;
import dev.hanse.control.command.NetworkCommand.RemoveNetwork;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.json.NetworkJson;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.docker.swarm.Listing;
import dev.hanse.docker.swarm.ManagerGate;
import dev.hanse.model.Network;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** {@code /networks}. */
public final class NetworkRoutes {
  /** Label of the swarm's stand-ins for the nodes' own networks, which Docker does not show. */
  private static final String PREDEFINED = "com.docker.swarm.predefined";

  /** Drivers that Docker has and this daemon has not. */
  private static final Set<String> NODE_DRIVERS =
      Set.of("", "bridge", "macvlan", "ipvlan", "host", "null");

  private final ManagerGate gate;
  private final NodeNetworks nodeNetworks;

  /**
   * Routes over the swarm's networks and this node's.
   *
   * @param own the node's own networks
   * @param started shown as their time of creation
   * @param tasks the tasks that are on this node
   */
  public NetworkRoutes(
      ManagerGate gate, LocalNetworks own, Instant started, Supplier<Collection<Task>> tasks) {
    this.gate = gate;
    this.nodeNetworks = new NodeNetworks(own, started, tasks);
  }

  /** Adds the routes. */
  public void addTo(Router router) {
    router
        .get("/networks", this::list)
        .post("/networks/create", this::create)
        .post("/networks/prune", this::prune)
        .get("/networks/{id}", this::inspect)
        .delete("/networks/{id}", this::remove)
        .post("/networks/{id}/connect", NetworkRoutes::attach)
        .post("/networks/{id}/disconnect", NetworkRoutes::attach);
  }

  /** All networks: the manager's view if there is one, else what the tasks here tell. */
  private List<ObjectNode> all() {
    Collection<Network> ofSwarm =
        gate.find()
            .map(cluster -> cluster.snapshot().all(Kind.NETWORK))
            .orElseGet(nodeNetworks::attached);
    List<ObjectNode> all = new ArrayList<>();
    for (Network network : ofSwarm) {
      if (!isPredefined(network)) {
        all.add(NetworkJson.network(network));
      }
    }
    all.addAll(nodeNetworks.predefined());
    return all;
  }

  /** Asked for by who makes a service on the host's network. */
  private Stream<ObjectNode> standIns() {
    return gate.find().stream()
        .flatMap(cluster -> cluster.snapshot().all(Kind.NETWORK).stream())
        .filter(NetworkRoutes::isPredefined)
        .map(NetworkJson::network);
  }

  private static boolean isPredefined(Network network) {
    return network.getSpec().getAnnotations().getLabelsOrDefault(PREDEFINED, "").equals("true");
  }

  private void list(Exchange exchange) throws IOException {
    Predicate<JsonNode> filter = NetworkFilter.of(Filters.of(exchange), this::isUsed);
    if (gate.find().isEmpty()) {
      exchange.jsonArray(200, all().stream().filter(filter));
      return;
    }
    Listing<Network> ofSwarm =
        new Listing<>(
            Kind.NETWORK,
            gate::snapshot,
            (_, network) -> !isPredefined(network),
            (_, network) -> NetworkJson.network(network));
    exchange.jsonArray(
        200, Stream.concat(ofSwarm.elements(), nodeNetworks.predefined().stream()).filter(filter));
  }

  private boolean isUsed(String id) {
    return gate.find()
        .map(ClusterAccess::snapshot)
        .map(
            snapshot ->
                !snapshot.servicesOfNetwork(id).isEmpty() || !snapshot.tasksOfNetwork(id).isEmpty())
        .orElseGet(() -> !nodeNetworks.containers(id).isEmpty());
  }

  private void inspect(Exchange exchange) throws IOException {
    boolean verbose = exchange.query().strictFlag("verbose");
    ObjectNode network = find(exchange.variable("id"), exchange.query().text("scope"));
    network.set("Containers", nodeNetworks.containers(id(network)));
    Optional<Snapshot> snapshot = gate.find().map(ClusterAccess::snapshot);
    if (snapshot.isPresent() && isOfSwarm(network)) {
      NetworkDetails.addPeers(network, snapshot.get(), id(network));
      if (verbose) {
        NetworkDetails.addServices(network, snapshot.get(), id(network));
      }
    }
    exchange.json(200, network);
  }

  /** By full id, else full name, else prefix of the id; ambiguous ones are an error. */
  private ObjectNode find(String term, String scope) {
    Stream<ObjectNode> networks =
        scope.equals("swarm") ? Stream.concat(all().stream(), standIns()) : all().stream();
    List<ObjectNode> candidates =
        networks
            .filter(network -> scope.isEmpty() || network.path("Scope").textValue().equals(scope))
            .toList();
    Optional<ObjectNode> byId =
        candidates.stream().filter(network -> id(network).equals(term)).findFirst();
    return byId.or(() -> one(candidates, term, "name", network -> name(network).equals(term)))
        .or(() -> one(candidates, term, "ID prefix", network -> id(network).startsWith(term)))
        .orElseThrow(() -> HttpFailure.notFound("network " + term + " not found"));
  }

  private static Optional<ObjectNode> one(
      List<ObjectNode> candidates, String term, String basis, Predicate<ObjectNode> fits) {
    List<ObjectNode> found = candidates.stream().filter(fits).toList();
    if (found.size() > 1) {
      throw HttpFailure.invalid(
          "network %s is ambiguous (%d matches found based on %s)"
              .formatted(term, found.size(), basis));
    }
    return found.stream().findFirst();
  }

  private static String id(JsonNode network) {
    return network.path("Id").textValue();
  }

  private static String name(JsonNode network) {
    return network.path("Name").textValue();
  }

  private static boolean isOfSwarm(JsonNode network) {
    return network.path("Scope").textValue().equals("swarm");
  }

  private void create(Exchange exchange) throws IOException, InterruptedException {
    Fields fields = Fields.of(exchange.json());
    String name = fields.text("Name");
    if (all().stream().anyMatch(network -> name(network).equals(name))) {
      throw HttpFailure.conflict("network with name " + name + " already exists");
    }
    checkSupported(fields);
    String id =
        gate.create(new CreateNetwork(NetworkJson.spec(fields)), Kind.NETWORK, Network.class);
    exchange.json(201, Json.object().put("Id", id).put("Warning", ""));
  }

  private static void checkSupported(Fields fields) {
    String driver = fields.text("Driver");
    if (NODE_DRIVERS.contains(driver)) {
      throw HttpFailure.notImplemented(
          "networks of this node alone (driver \"%s\") cannot be created; use the driver \"overlay\""
              .formatted(driver.isEmpty() ? "bridge" : driver));
    }
    if (!driver.equals("overlay")) {
      throw HttpFailure.notFound("plugin \"" + driver + "\" not found");
    }
    boolean from = !fields.objectOrEmpty("ConfigFrom").text("Network").isEmpty();
    if (fields.flag("ConfigOnly") || from) {
      throw HttpFailure.notImplemented("config-only networks are not supported");
    }
    if (fields.has("EnableIPv4") && !fields.flag("EnableIPv4")) {
      throw fields.flag("EnableIPv6")
          ? HttpFailure.notImplemented("networks without IPv4 (EnableIPv4) are not supported")
          : HttpFailure.invalid("IPv4 or IPv6 must be enabled");
    }
    if (fields.text("Scope").equals("local")) {
      throw HttpFailure.invalid("cannot create an overlay network with local scope");
    }
  }

  private void remove(Exchange exchange) throws IOException, InterruptedException {
    ObjectNode network = find(exchange.variable("id"), "");
    if (!isOfSwarm(network)) {
      throw HttpFailure.forbidden(
          name(network) + " is a pre-defined network and cannot be removed");
    }
    gate.write(new RemoveNetwork(id(network)));
    exchange.empty(204);
  }

  /** Removes the swarm's networks that nothing uses. */
  private void prune(Exchange exchange) throws IOException, InterruptedException {
    Predicate<JsonNode> filter = NetworkFilter.forPrune(Filters.of(exchange));
    ArrayNode removed = Json.array();
    if (gate.find().isPresent()) {
      for (ObjectNode network : all()) {
        boolean removable =
            isOfSwarm(network) && !network.path("Ingress").booleanValue() && !isUsed(id(network));
        if (removable && filter.test(network)) {
          gate.write(new RemoveNetwork(id(network)));
          removed.add(name(network));
        }
      }
    }
    ObjectNode answer = Json.object();
    answer.putNull("NetworksDeleted");
    if (!removed.isEmpty()) {
      answer.set("NetworksDeleted", removed);
    }
    exchange.json(200, answer);
  }

  private static void attach(Exchange exchange) {
    throw HttpFailure.notImplemented(
        exchange.method()
            + " "
            + exchange.variable("id")
            + ": containers cannot be put on or taken off a network by hand; update the service");
  }
}
