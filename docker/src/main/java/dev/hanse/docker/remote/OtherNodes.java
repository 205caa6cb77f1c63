package dev.hanse.docker.remote;

import com.google.protobuf.ByteString;
import dev.hanse.cluster.ClusterAccess;
import dev.hanse.cluster.EngineAnswer;
import dev.hanse.cluster.EngineCallException;
import dev.hanse.control.query.Lookup;
import dev.hanse.control.query.TaskContainers;
import dev.hanse.docker.protocol.ApiVersion;
import dev.hanse.docker.stream.ExecIds;
import dev.hanse.docker.swarm.ManagerGate;
import dev.hanse.model.EngineCall;
import dev.hanse.model.Node;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.web.Duplex;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Route;
import dev.hanse.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a manager answer for the tasks' containers of other nodes: what is not here is looked for in
 * the cluster's state, and asked of the node that has it. Docker answers with 404.
 */
public final class OtherNodes {
  private static final Logger LOG = LoggerFactory.getLogger(OtherNodes.class);
  private static final int NOT_FOUND = 404;
  private static final int UPGRADED = 101;

  private final ManagerGate gate;
  private final Supplier<String> ownNodeId;

  /**
   * Asks nobody while this node is no manager.
   *
   * @param ownNodeId "" outside of a swarm
   */
  public OtherNodes(ManagerGate gate, Supplier<String> ownNodeId) {
    this.gate = gate;
    this.ownNodeId = ownNodeId;
  }

  /** Puts itself behind the routes of containers that are there. */
  public void addTo(Router router) {
    for (RemoteRoute each : RemoteRoute.ALL) {
      router.around(each.method(), each.template(), local -> behind(local, each));
    }
  }

  private Route behind(Route local, RemoteRoute route) {
    return exchange -> {
      try {
        local.handle(exchange);
      } catch (HttpFailure failure) {
        Optional<ClusterAccess> cluster = gate.find();
        if (failure.status() != NOT_FOUND || exchange.answered() || cluster.isEmpty()) {
          throw failure;
        }
        Place place = find(cluster.get().snapshot(), route, exchange).orElseThrow(() -> failure);
        ask(cluster.get(), place, route, exchange);
      }
    };
  }

  /**
   * Where a container or exec is.
   *
   * @param id whole
   */
  private record Place(String nodeId, String id) {}

  private Optional<Place> find(Snapshot snapshot, RemoteRoute route, Exchange exchange) {
    String text = exchange.variable("id");
    Optional<Place> found = route.isOfExec() ? ofExec(snapshot, text) : ofContainer(snapshot, text);
    return found.filter(place -> !place.nodeId().equals(ownNodeId.get()));
  }

  private static Optional<Place> ofExec(Snapshot snapshot, String id) {
    return snapshot.all(Kind.NODE).stream()
        .map(Node::getId)
        .filter(nodeId -> ExecIds.isOf(id, nodeId))
        .map(nodeId -> new Place(nodeId, id))
        .findFirst();
  }

  private static Optional<Place> ofContainer(Snapshot snapshot, String text) {
    return switch (TaskContainers.find(snapshot, text)) {
      case Lookup.Found<Task>(Task task) ->
          TaskContainers.containerOf(task).map(id -> new Place(task.getNodeId(), id));
      case Lookup.Missing<Task> _ -> Optional.empty();
      case Lookup.Ambiguous<Task> _ ->
          throw HttpFailure.invalid("multiple IDs found with provided prefix: " + text);
    };
  }

  private static void ask(ClusterAccess cluster, Place place, RemoteRoute route, Exchange exchange)
      throws IOException, InterruptedException {
    EngineCall call = call(place, route, exchange);
    EngineAnswer answer;
    try {
      answer = cluster.askEngine(place.nodeId(), call);
    } catch (EngineCallException failure) {
      throw told(failure, name(cluster.snapshot(), place.nodeId()));
    }
    boolean handedOver = false;
    try {
      int status = answer.head().getStatus();
      String type = answer.head().getContentType();
      if (status == UPGRADED) {
        exchange.hijack(type, duplex -> carry(answer, duplex));
        handedOver = true;
      } else if (type.isEmpty()) {
        exchange.empty(status);
      } else {
        copy(answer, exchange, exchange.stream(status, type));
      }
    } finally {
      if (!handedOver) {
        answer.close();
      }
    }
  }

  private static EngineCall call(Place place, RemoteRoute route, Exchange exchange)
      throws IOException {
    String query = exchange.rawQuery();
    if (!query.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw HttpFailure.invalid("malformed query: what is no ASCII has to be escaped");
    }
    String target = "/v" + ApiVersion.of(exchange) + route.path(place.id());
    EngineCall.Builder call =
        EngineCall.newBuilder()
            .setMethod(route.method())
            .setTarget(query.isEmpty() ? target : target + "?" + query)
            .setUpgrade(route.upgrade());
    if (route.body()) {
      call.setBody(ByteString.copyFrom(Json.bytes(exchange.json())));
    }
    EngineCall made = call.build();
    if (made.getSerializedSize() > ClusterAccess.ENGINE_CALL_BYTES_MAX) {
      throw new HttpFailure(
          413,
          "request too long: at most %d bytes for a container of another node"
              .formatted(ClusterAccess.ENGINE_CALL_BYTES_MAX));
    }
    return made;
  }

  private static String name(Snapshot snapshot, String nodeId) {
    return snapshot
        .find(Kind.NODE, nodeId)
        .map(node -> node.getDescription().getHostname())
        .filter(hostname -> !hostname.isEmpty())
        .orElse(nodeId);
  }

  private static HttpFailure told(EngineCallException failure, String node) {
    String why = String.valueOf(failure.getMessage());
    return switch (failure.reason()) {
      case AWAY ->
          HttpFailure.unavailable(
              "the container is on node %s, which cannot be reached: %s".formatted(node, why));
      case UNKNOWN ->
          HttpFailure.notFound(
              "the container was on node %s, which has been removed".formatted(node));
      case UNABLE ->
          HttpFailure.notImplemented(
              "the container is on node %s, which other nodes cannot ask: run the command there"
                  .formatted(node));
      case BUSY ->
          HttpFailure.unavailable(
              "the container is on node %s, which answers too many calls: try again later"
                  .formatted(node));
      case FAILED -> HttpFailure.internal("the container is on node %s: %s".formatted(node, why));
    };
  }

  private static void copy(EngineAnswer answer, Exchange exchange, OutputStream client)
      throws IOException, InterruptedException {
    exchange.onClientGone(answer::close);
    try (client) {
      for (Optional<ByteString> bytes = answer.next(); bytes.isPresent(); bytes = answer.next()) {
        bytes.get().writeTo(client);
        client.flush();
      }
    }
  }

  private static void carry(EngineAnswer answer, Duplex duplex)
      throws IOException, InterruptedException {
    Thread.ofVirtual().name("remote-input").start(() -> input(answer, duplex));
    try (answer) {
      OutputStream client = duplex.output();
      for (Optional<ByteString> bytes = answer.next(); bytes.isPresent(); bytes = answer.next()) {
        bytes.get().writeTo(client);
      }
    }
  }

  /** Ends at the latest when the connection is closed, which it is when the output has ended. */
  private static void input(EngineAnswer answer, Duplex duplex) {
    byte[] buffer = new byte[EngineAnswer.SENT_BYTES_MAX];
    try {
      InputStream client = duplex.input();
      for (int count = client.read(buffer); count >= 0; count = client.read(buffer)) {
        answer.send(ByteString.copyFrom(buffer, 0, count));
      }
      answer.endSending();
    } catch (IOException gone) {
      LOG.debug("input for a container of another node: {}", gone.getMessage());
      answer.close();
    } catch (InterruptedException never) {
      Thread.currentThread().interrupt();
    }
  }
}
