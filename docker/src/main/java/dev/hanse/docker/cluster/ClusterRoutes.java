package dev.hanse.docker.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.RestoreRequest;
import dev.hanse.docker.SwarmLifecycle;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.json.NodeJson;
import dev.hanse.docker.swarm.ManagerGate;
import dev.hanse.model.NodeSpec;
import dev.hanse.store.Snapshot;
import dev.hanse.store.StoredSnapshot;
import dev.hanse.text.Form;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Query;
import dev.hanse.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;

/**
 * {@code /hanse/v1/cluster}: the whole state of the cluster out of a manager, or into a node that
 * is in no swarm; and where a worker finds its managers. {@code /hanse/v1/node}: its machine.
 *
 * <p>The state holds every secret and the authority's key, and goes over the socket as it is: whom
 * the socket admits is root here anyway. Over TCP it is not given.
 */
public final class ClusterRoutes {
  /** Of an answer and a restoration: the id of the cluster. */
  public static final String CLUSTER_ID = "Hanse-Cluster-Id";

  /** Of an answer: the log index of the state. */
  public static final String LOG_INDEX = "Hanse-Log-Index";

  private static final String STATE = "application/x-hanse-state";
  private static final int ADDRESSES_MAX = 64;
  private static final long SHUTDOWN_SECONDS_MAX = 86_400;
  private static final Form ADDRESS = Form.of("[^\\s/]+:[0-9]{1,5}", 259);

  private final SwarmLifecycle lifecycle;
  private final ManagerGate gate;

  public ClusterRoutes(SwarmLifecycle lifecycle, ManagerGate gate) {
    this.lifecycle = lifecycle;
    this.gate = gate;
  }

  /** Adds the routes. */
  public void addTo(Router router) {
    router
        .get("/hanse/v1/cluster/snapshot", this::save)
        .post("/hanse/v1/cluster/restore", this::restore)
        .post("/hanse/v1/cluster/managers", this::managers)
        .post("/hanse/v1/node/shutdown", this::shutDown);
  }

  /** What this manager has applied; on a follower that may be a moment behind the leader. */
  private void save(Exchange exchange) throws IOException {
    requireLocal(exchange);
    Snapshot snapshot = gate.snapshot();
    String cluster =
        snapshot
            .cluster()
            .orElseThrow(() -> HttpFailure.unavailable("this manager has no state yet"))
            .getId();
    exchange
        .header(CLUSTER_ID, cluster)
        .header(LOG_INDEX, Long.toString(snapshot.index()))
        // So that a client can tell an answer that breaks off.
        .header("Content-Length", Long.toString(StoredSnapshot.bytes(snapshot)));
    try (OutputStream out = exchange.stream(200, STATE)) {
      StoredSnapshot.save(snapshot, out);
    }
  }

  private void restore(Exchange exchange) throws IOException, SwarmRefusal {
    requireLocal(exchange);
    Query query = exchange.query();
    String nodeId;
    List<String> former;
    try (InputStream state = exchange.body()) {
      SwarmLifecycle.Restored restored =
          lifecycle.restore(
              new RestoreRequest(
                  query.text("clusterId"),
                  number("index: not a log index", query.text("index"), Long.MAX_VALUE),
                  query.find("listenAddr").orElse("0.0.0.0:2377"),
                  query.text("advertiseAddr"),
                  query.text("dataPathAddr"),
                  availability(query),
                  state));
      nodeId = restored.nodeId();
      former = restored.formerManagers();
    }
    ObjectNode answer = Json.object().put("NodeID", nodeId);
    ArrayNode removed = answer.putArray("RemovedManagers");
    former.forEach(removed::add);
    exchange.json(200, answer);
  }

  private static long number(String otherwise, String text, long max) {
    try {
      long number = Long.parseLong(text);
      if (number >= 0 && number <= max) {
        return number;
      }
    } catch (NumberFormatException malformed) {
      // Answered below.
    }
    throw HttpFailure.invalid(otherwise + ": " + text);
  }

  private static NodeSpec.Availability availability(Query query) {
    ObjectNode fields = Json.object();
    query.find("availability").ifPresent(text -> fields.put("Availability", text));
    return NodeJson.availability(Fields.of(fields)).orElse(NodeSpec.Availability.ACTIVE);
  }

  private void managers(Exchange exchange) throws IOException, SwarmRefusal {
    List<String> addresses = Fields.of(exchange.json()).texts("Addresses");
    if (addresses.isEmpty() || addresses.size() > ADDRESSES_MAX) {
      throw HttpFailure.invalid("name 1 to " + ADDRESSES_MAX + " addresses of managers");
    }
    for (String address : addresses) {
      if (!ADDRESS.fits(address)) {
        throw HttpFailure.invalid("not an address HOST:PORT: " + address);
      }
    }
    lifecycle.seekManagers(addresses);
    exchange.empty(200);
  }

  /** Answers when the tasks have ended, or the time is over. */
  private void shutDown(Exchange exchange) throws IOException, InterruptedException {
    requireLocal(exchange);
    long seconds =
        number(
            "timeout: not a number of seconds up to " + SHUTDOWN_SECONDS_MAX,
            exchange.query().text("timeout"),
            SHUTDOWN_SECONDS_MAX);
    int left = lifecycle.shutDown(Duration.ofSeconds(seconds));
    exchange.json(200, Json.object().put("Running", left));
  }

  private static void requireLocal(Exchange exchange) {
    if (!exchange.isLocal()) {
      throw HttpFailure.forbidden(
          "the state of a cluster goes over the daemon's unix socket only, not over TCP");
    }
  }
}
