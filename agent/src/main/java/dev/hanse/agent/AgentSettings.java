package dev.hanse.agent;

import dev.hanse.health.Health;
import dev.hanse.model.GenericResource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What an agent is told at its start.
 *
 * @param dataDirectory kept over restarts of the machine: volumes, logs, assigned tasks, managers
 * @param runDirectory kept over restarts of the daemon: sockets and the files of secrets, which are
 *     put into a file system in memory below it
 * @param hostname this node's name
 * @param engineVersion shown by {@code docker node ls}
 * @param labels the engine's labels
 * @param genericResources what the operator says this node has
 * @param health of this node, which its threads report to
 */
public record AgentSettings(
    Path dataDirectory,
    Path runDirectory,
    String hostname,
    String engineVersion,
    Map<String, String> labels,
    List<GenericResource> genericResources,
    Health health) {

  /** Copies the collections. */
  public AgentSettings {
    labels = Map.copyOf(labels);
    genericResources = List.copyOf(genericResources);
  }
}
