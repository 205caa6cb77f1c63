package dev.hanse.docker.system;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.cluster.ClusterAccess;
import dev.hanse.docker.LocalState;
import dev.hanse.docker.SwarmLifecycle;
import dev.hanse.docker.json.ClusterJson;
import dev.hanse.model.Node;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.web.Json;
import java.util.Locale;
import java.util.Optional;

/** The part of {@code docker info} that is about the swarm. */
final class SwarmInfo {
  private static final String TWO_MANAGERS =
      """
      WARNING: Running Swarm in a two-manager configuration. This configuration provides
               no fault tolerance, and poses a high risk to lose control over the cluster.
               Refer to https://docs.docker.com/engine/swarm/admin_guide/ to configure the
               Swarm for fault-tolerance.\
      """;

  private SwarmInfo() {}

  static void add(ObjectNode info, SwarmLifecycle lifecycle) {
    LocalState state = lifecycle.state();
    Optional<Snapshot> snapshot = lifecycle.cluster().map(ClusterAccess::snapshot);
    ObjectNode swarm = Json.object();
    swarm.put("NodeID", state.nodeId());
    swarm.put("NodeAddr", state.nodeAddress());
    swarm.put("LocalNodeState", state.status().name().toLowerCase(Locale.ROOT));
    swarm.put("ControlAvailable", snapshot.isPresent());
    swarm.put("Error", state.error());
    if (state.managers().isEmpty()) {
      swarm.putNull("RemoteManagers");
    } else {
      ArrayNode managers = swarm.putArray("RemoteManagers");
      for (LocalState.Peer peer : state.managers()) {
        managers.addObject().put("NodeID", peer.nodeId()).put("Addr", peer.address());
      }
    }
    snapshot.ifPresent(view -> addCluster(info, swarm, view));
    info.set("Swarm", swarm);
  }

  private static void addCluster(ObjectNode info, ObjectNode swarm, Snapshot view) {
    long managers = view.all(Kind.NODE).stream().filter(Node::hasManagerStatus).count();
    swarm.put("Nodes", view.size(Kind.NODE));
    swarm.put("Managers", managers);
    view.cluster().ifPresent(cluster -> swarm.set("Cluster", ClusterJson.info(cluster)));
    if (managers == 2) {
      swarm.putArray("Warnings").add(TWO_MANAGERS);
      warnings(info).add(TWO_MANAGERS);
    }
  }

  /** The node may have said something already. */
  static ArrayNode warnings(ObjectNode info) {
    return info.get("Warnings") instanceof ArrayNode already ? already : info.putArray("Warnings");
  }
}
