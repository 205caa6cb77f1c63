package dev.hanse.agent.task;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a workload's container lives on this node.
 *
 * @param hostname the container's own
 * @param namespace names its network namespace; empty on the host's network, before and after its
 *     life
 * @param address its own on the node's bridge that leads out, without prefix length; likewise
 * @param hosts its {@code /etc/hosts} on the host, while there is one
 * @param hostnameFile its {@code /etc/hostname} there
 * @param resolvConf its {@code /etc/resolv.conf} there
 * @param log the directory of its log; empty if its output is not kept
 */
public record ContainerPlace(
    String hostname,
    Optional<Path> namespace,
    Optional<String> address,
    Optional<Path> hosts,
    Optional<Path> hostnameFile,
    Optional<Path> resolvConf,
    Optional<Path> log) {}
