package dev.hanse.docker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.network.LocalNetworks;
import dev.hanse.web.Router;
import java.util.Map;
import java.util.function.Supplier;

/** What the API says of this node's own containers, images and volumes. */
public interface LocalEngine {
  /**
   * Adds the routes of containers, exec, images, volumes and the rest of the node.
   *
   * @param own the node's own networks, on which containers may be
   * @param nodeId of this node, "" outside of a swarm
   */
  void addTo(Router router, LocalNetworks own, Supplier<String> nodeId);

  /**
   * Fills the fields of {@code GET /info} that are the engine's: {@code Containers}, {@code
   * ContainersRunning}, {@code ContainersPaused}, {@code ContainersStopped}, {@code Images}, {@code
   * Driver}, {@code DriverStatus}, {@code ContainerdCommit}, {@code RuncCommit} and the like.
   * Others are there already and may be replaced.
   */
  void describe(ObjectNode info);

  /** Versions of the programs that the engine works with, by Docker's names for them. */
  Map<String, String> programs();

  /** An engine without containers, for a daemon without a runtime and for tests. */
  static LocalEngine none() {
    return new LocalEngine() {
      @Override
      public void addTo(Router router, LocalNetworks own, Supplier<String> nodeId) {}

      @Override
      public void describe(ObjectNode info) {}

      @Override
      public Map<String, String> programs() {
        return Map.of();
      }
    };
  }
}
