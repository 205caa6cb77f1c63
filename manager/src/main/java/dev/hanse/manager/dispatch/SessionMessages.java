package dev.hanse.manager.dispatch;

import dev.hanse.model.Cluster;
import dev.hanse.model.Node;
import dev.hanse.model.Peer;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.WeightedPeer;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.Optional;

/**
 * What a session tells its node: the node object, the managers, keys and root.
 *
 * @param managerId this manager
 * @param advertised its address, "HOST:PORT"
 */
public record SessionMessages(String managerId, String advertised) {
  /** What swarmkit gives managers that nothing bad is known of. */
  private static final long WEIGHT = 10;

  SessionMessage of(Snapshot snapshot, String nodeId, String sessionId) {
    SessionMessage.Builder message = SessionMessage.newBuilder().setSessionId(sessionId);
    snapshot.find(Kind.NODE, nodeId).ifPresent(node -> message.setNode(steady(node)));
    for (Node node : snapshot.all(Kind.NODE)) {
      boolean self = node.getId().equals(managerId);
      Optional<String> place = self ? Optional.of(advertised) : place(node);
      place.ifPresent(
          address ->
              message.addManagers(
                  WeightedPeer.newBuilder()
                      .setPeer(Peer.newBuilder().setNodeId(node.getId()).setAddr(address))
                      .setWeight(WEIGHT)));
    }
    snapshot
        .cluster()
        .ifPresent(
            (Cluster cluster) ->
                message
                    .addAllNetworkBootstrapKeys(cluster.getNetworkBootstrapKeysList())
                    .setRootCA(cluster.getRootCa().getCaCert()));
    return message.build();
  }

  /** Where nodes find a manager, as sessions tell it; empty for a node that is none. */
  static Optional<String> place(Node node) {
    return node.hasManagerStatus()
        ? Optional.of(node.getManagerStatus().getAddr())
        : Optional.empty();
  }

  /** Without what the node has said itself, so that its reports do not come back as news. */
  private static Node steady(Node node) {
    return node.toBuilder().clearMeta().clearStatus().clearDescription().build();
  }
}
