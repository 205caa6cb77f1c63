package dev.hanse.docker.swarm;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.hanse.cluster.ClusterAccess;
import dev.hanse.cluster.Rotation;
import dev.hanse.docker.InitRequest;
import dev.hanse.docker.JoinRequest;
import dev.hanse.docker.SwarmLifecycle;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.json.ClusterJson;
import dev.hanse.docker.json.NodeJson;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.EncryptionKey;
import dev.hanse.model.NodeSpec;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Query;
import dev.hanse.web.Router;
import java.io.IOException;
import java.util.Base64;
import java.util.List;

/** {@code /swarm}: begin, join, leave, lock, settings and tokens. */
public final class SwarmRoutes {
  /** How swarmkit writes an unlock key for people. */
  private static final String UNLOCK_KEY_PREFIX = "SWMKEY-1-";

  private final SwarmLifecycle lifecycle;
  private final ManagerGate gate;

  public SwarmRoutes(SwarmLifecycle lifecycle, ManagerGate gate) {
    this.lifecycle = lifecycle;
    this.gate = gate;
  }

  /** Adds the routes. */
  public void addTo(Router router) {
    router
        .get("/swarm", exchange -> exchange.json(200, ClusterJson.swarm(cluster())))
        .post("/swarm/init", this::init)
        .post("/swarm/join", this::join)
        .post("/swarm/leave", this::leave)
        .post("/swarm/update", this::update)
        .get("/swarm/unlockkey", this::unlockKey)
        .post("/swarm/unlock", this::unlock);
  }

  private Cluster cluster() {
    return gate.snapshot()
        .cluster()
        .orElseThrow(() -> HttpFailure.unavailable("This node is not part of a swarm"));
  }

  private void init(Exchange exchange) throws IOException, SwarmRefusal {
    Fields fields = Fields.of(exchange.json());
    ClusterSpec.Builder spec = ClusterJson.initial(fields.objectOrEmpty("Spec")).toBuilder();
    if (fields.flag("AutoLockManagers")) {
      spec.getEncryptionConfigBuilder().setAutoLockManagers(true);
    }
    String nodeId =
        lifecycle.init(
            new InitRequest(
                listenAddress(fields),
                fields.text("AdvertiseAddr"),
                fields.text("DataPathAddr"),
                fields.unsigned32("DataPathPort"),
                fields.texts("DefaultAddrPool"),
                fields.unsigned32("SubnetSize"),
                fields.flag("ForceNewCluster"),
                availability(fields),
                spec.build()));
    exchange.json(200, TextNode.valueOf(nodeId));
  }

  private void join(Exchange exchange) throws IOException, SwarmRefusal {
    Fields fields = Fields.of(exchange.json());
    List<String> remotes = fields.texts("RemoteAddrs");
    JoinRequest request =
        new JoinRequest(
            listenAddress(fields),
            fields.text("AdvertiseAddr"),
            fields.text("DataPathAddr"),
            remotes,
            fields.text("JoinToken"),
            availability(fields));
    lifecycle.join(request);
    exchange.empty(200);
  }

  /** Docker demands one, but every client sends its default; so absent is the default here. */
  private static String listenAddress(Fields fields) {
    String address = fields.text("ListenAddr");
    return address.isEmpty() ? "0.0.0.0:2377" : address;
  }

  private static NodeSpec.Availability availability(Fields fields) {
    return NodeJson.availability(fields).orElse(NodeSpec.Availability.ACTIVE);
  }

  private void leave(Exchange exchange) throws IOException, SwarmRefusal {
    lifecycle.leave(exchange.query().flag("force"));
    exchange.empty(200);
  }

  private void update(Exchange exchange) throws IOException, InterruptedException {
    Fields fields = Fields.of(exchange.json());
    long version = Versions.of(exchange, "swarm");
    Query query = exchange.query();
    Rotation rotation =
        new Rotation(
            query.strictFlag("rotateWorkerToken"),
            query.strictFlag("rotateManagerToken"),
            query.strictFlag("rotateManagerUnlockKey"));
    ClusterAccess access = gate.cluster();
    ClusterSpec spec = ClusterJson.over(cluster().getSpec(), fields);
    ManagerGate.await(access.updateCluster(version, spec, rotation));
    exchange.empty(200);
  }

  private void unlockKey(Exchange exchange) throws IOException {
    String key =
        cluster().getUnlockKeysList().stream()
            .map(SwarmRoutes::humanReadable)
            .findFirst()
            .orElse("");
    exchange.json(200, Json.object().put("UnlockKey", key));
  }

  private static String humanReadable(EncryptionKey key) {
    return UNLOCK_KEY_PREFIX
        + Base64.getEncoder().withoutPadding().encodeToString(key.getKey().toByteArray());
  }

  private void unlock(Exchange exchange) throws IOException, SwarmRefusal {
    String key = Fields.of(exchange.json()).text("UnlockKey");
    lifecycle.unlock(key);
    exchange.empty(200);
  }
}
