package dev.hanse.docker.container;

import dev.hanse.agent.network.LocalNetworks;
import dev.hanse.agent.network.LocalNetworks.LocalNetwork;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network that a container is on while it runs, as events name it.
 *
 * @param driver as Docker calls it
 */
public record AttachedNetwork(String id, String name, String driver) {
  private static final String BRIDGE = "bridge";

  /**
   * Those of a task's container.
   *
   * @param own the node's own networks, for which the swarm has stand-ins
   */
  public static List<AttachedNetwork> of(NodeContainer container, LocalNetworks own) {
    if (container.task().isEmpty()) {
      return List.of();
    }
    List<AttachedNetwork> networks = new ArrayList<>();
    for (NetworkAttachment attachment : container.task().map(Task::getNetworksList).get()) {
      Network network = attachment.getNetwork();
      String name = network.getSpec().getAnnotations().getName();
      Optional<LocalNetwork> local = own.find(name).filter(found -> found.name().equals(name));
      networks.add(
          local
              .map(AttachedNetwork::of)
              .orElseGet(() -> new AttachedNetwork(network.getId(), name, driver(network))));
    }
    if (networks.isEmpty()) {
      own.find(BRIDGE).map(AttachedNetwork::of).ifPresent(networks::add);
    }
    return networks;
  }

  private static AttachedNetwork of(LocalNetwork local) {
    return new AttachedNetwork(local.id(), local.name(), local.driver());
  }

  private static String driver(Network network) {
    String driver = network.getDriverState().getName();
    return driver.isEmpty() ? "overlay" : driver;
  }

  /** What an event says of it beside its id. */
  public Map<String, String> eventAttributes(String containerId) {
    return Map.of("container", containerId, "name", name, "type", driver);
  }
}
