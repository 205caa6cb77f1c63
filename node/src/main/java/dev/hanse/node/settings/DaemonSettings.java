package dev.hanse.node.settings;

import dev.hanse.model.GenericResource;
import dev.hanse.web.HttpListener;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Everything that a daemon is told when it starts.
 *
 * @param dataRoot where state is kept that must survive a reboot
 * @param execRoot where sockets, namespaces and pipes are kept that need not
 * @param endpoints where the Docker Engine API listens
 * @param containerd which containerd to use
 * @param pidFile where to write the process id
 * @param hostname name of this node
 * @param nodeAddress address to advertise when none is given with {@code swarm init} or {@code
 *     join}
 * @param resolvers DNS servers for names that are not of the cluster; empty for those of the host
 * @param insecureRegistries registries to which plain HTTP is spoken
 * @param genericResources what the operator says this node has besides processors and memory
 * @param precedence how it stands among the processes of its host
 */
public record DaemonSettings(
    Path dataRoot,
    Path execRoot,
    List<HttpListener.Endpoint> endpoints,
    ContainerdChoice containerd,
    Optional<Path> pidFile,
    String hostname,
    Optional<String> nodeAddress,
    List<String> resolvers,
    List<String> insecureRegistries,
    List<GenericResource> genericResources,
    Precedence precedence) {}
