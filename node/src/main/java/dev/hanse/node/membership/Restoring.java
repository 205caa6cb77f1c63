package dev.hanse.node.membership;

import dev.hanse.docker.RestoreRequest;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.manager.ManagerStartException;
import dev.hanse.manager.RestoredCluster;
import java.io.IOException;

/** Reads what a node is to bring back, before it begins to. */
final class Restoring {
  private Restoring() {}

  /**
   * The cluster that the request holds.
   *
   * @throws SwarmRefusal {@code INVALID} if it is none, or another than the request says
   */
  static RestoredCluster read(RestoreRequest request) throws SwarmRefusal {
    try {
      RestoredCluster cluster = RestoredCluster.read(request.state(), request.index());
      if (!cluster.clusterId().equals(request.clusterId())) {
        throw new SwarmRefusal(
            SwarmRefusal.Kind.INVALID,
            "the state is of the cluster %s, not of %s"
                .formatted(cluster.clusterId(), request.clusterId()));
      }
      return cluster;
    } catch (ManagerStartException refused) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.INVALID, String.valueOf(refused.getMessage()), refused);
    } catch (IOException broken) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.INTERNAL, "read the saved state: " + broken.getMessage(), broken);
    }
  }
}
