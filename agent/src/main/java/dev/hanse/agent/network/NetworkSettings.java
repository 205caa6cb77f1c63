package dev.hanse.agent.network;

import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.health.Health;
import dev.hanse.kernel.namespace.NetworkNamespace;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the networks of a node are told at their start.
 *
 * @param host the host's network namespace
 * @param runDirectory as long-lived as the kernel's state, below {@code /run}: namespaces, what is
 *     known of tasks and endpoints
 * @param egress the egress bridge's subnet; empty to take the first free of 172.18.0.0/16 and on
 * @param repairInterval how often the kernel is read again and repaired
 * @param hostResolvConf the host's resolver configuration, read again when it changes
 * @param nameServers to forward to instead of the host's; empty for the host's
 * @param apiPorts TCP ports of the API on this node, which are not for containers
 * @param health of this node, which its threads report to
 */
public record NetworkSettings(
    NetworkNamespace host,
    Path runDirectory,
    Optional<Ipv4Subnet> egress,
    Duration repairInterval,
    Path hostResolvConf,
    List<InetAddress> nameServers,
    Set<Integer> apiPorts,
    Health health) {

  /** Five seconds. */
  public static final Duration DEFAULT_REPAIR_INTERVAL = Duration.ofSeconds(5);

  /** Copies the list. */
  public NetworkSettings {
    nameServers = List.copyOf(nameServers);
    apiPorts = Set.copyOf(apiPorts);
  }
}
