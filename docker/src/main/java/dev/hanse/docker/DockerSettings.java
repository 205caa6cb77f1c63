package dev.hanse.docker;

import dev.hanse.health.Health;
import dev.hanse.web.HttpListener;
import java.nio.file.Path;
import java.util.List;

/**
 * What the Docker API is told at its start.
 *
 * @param endpoints where to listen
 * @param version of this product, such as "0.1.0"
 * @param engineId identifies this daemon over its restarts ({@code ID} of {@code docker info})
 * @param hostname this node's name
 * @param rootDirectory where the daemon keeps its data, to be shown
 * @param callsDirectory that is closed to other users, for the socket of what other nodes ask
 * @param labels of the engine, KEY=VALUE, to be shown
 * @param insecureRegistries registries spoken to without TLS, to be shown
 * @param health of this node, which its threads report to
 */
public record DockerSettings(
    List<HttpListener.Endpoint> endpoints,
    String version,
    String engineId,
    String hostname,
    Path rootDirectory,
    Path callsDirectory,
    List<String> labels,
    List<String> insecureRegistries,
    Health health) {
  /** Copies the lists. */
  public DockerSettings {
    endpoints = List.copyOf(endpoints);
    labels = List.copyOf(labels);
    insecureRegistries = List.copyOf(insecureRegistries);
  }
}
