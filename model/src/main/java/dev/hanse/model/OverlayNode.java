package dev.hanse.model;

import java.util.List;

/**
 * Tells the nodes that take part in the swarm's overlay networks and routing mesh from those that
 * speak swarmkit's protocol alone, as a Docker Engine does that has joined. They name the plugin
 * {@value #PLUGIN}; a node that names no network plugins says nothing of it. Pure.
 */
public final class OverlayNode {
  /** The type of the plugins that are for networks, in Docker's word. */
  public static final String TYPE = "Network";

  /** The name of ours. */
  public static final String PLUGIN = "hanse";

  private static final String OVERLAY = "overlay";

  private OverlayNode() {}

  /** Whether a task is to be in an overlay network, the routing mesh included. */
  public static boolean isNeededBy(Task task) {
    return task.getNetworksList().stream()
        .anyMatch(attached -> attached.getNetwork().getDriverState().getName().equals(OVERLAY));
  }

  /** Whether the node takes part in them. */
  public static boolean is(Node node) {
    List<String> names =
        node.getDescription().getEngine().getPluginsList().stream()
            .filter(plugin -> plugin.getType().equals(TYPE))
            .map(PluginDescription::getName)
            .toList();
    return names.isEmpty() || names.contains(PLUGIN);
  }
}
