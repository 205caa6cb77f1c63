package dev.hanse.runtime;

import dev.hanse.health.Health;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How this node reaches containerd and registries.
 *
 * @param hostSocket socket of a containerd that may already run on the host; used if it answers;
 *     empty for a private one in any case
 * @param dataDirectory where a private containerd keeps images and snapshots; survives reboots
 * @param execDirectory where sockets, FIFOs and the state of running containers are; may be a tmpfs
 * @param namespace containerd namespace that holds everything of this daemon
 * @param insecureRegistries {@code host[:port]} or CIDR of registries spoken to without verified
 *     TLS; loopback addresses are always included
 * @param mirrors base URLs asked before docker.io, in order
 * @param health what the runtime's threads report to
 */
public record RuntimeSettings(
    Optional<Path> hostSocket,
    Path dataDirectory,
    Path execDirectory,
    String namespace,
    List<String> insecureRegistries,
    List<String> mirrors,
    Health health) {

  /** The socket of a containerd installed by the distribution. */
  public static final Path HOST_SOCKET = Path.of("/run/containerd/containerd.sock");

  public RuntimeSettings {
    insecureRegistries = List.copyOf(insecureRegistries);
    mirrors = List.copyOf(mirrors);
  }

  /**
   * Settings with the host's socket, no registries of special kind, and a health that nobody else
   * asks.
   */
  public static RuntimeSettings of(Path dataDirectory, Path execDirectory, String namespace) {
    return new RuntimeSettings(
        Optional.of(HOST_SOCKET),
        dataDirectory,
        execDirectory,
        namespace,
        List.of(),
        List.of(),
        new Health());
  }

  /** The same settings; the runtime's threads report to this one. */
  public RuntimeSettings withHealth(Health other) {
    return new RuntimeSettings(
        hostSocket, dataDirectory, execDirectory, namespace, insecureRegistries, mirrors, other);
  }

  /** The same settings with another socket of the host's containerd. */
  public RuntimeSettings withHostSocket(Path socket) {
    return withHostSocket(Optional.of(socket));
  }

  /** The same settings, without a look at the host's containerd. */
  public RuntimeSettings withPrivateContainerd() {
    return withHostSocket(Optional.empty());
  }

  private RuntimeSettings withHostSocket(Optional<Path> socket) {
    return new RuntimeSettings(
        socket, dataDirectory, execDirectory, namespace, insecureRegistries, mirrors, health);
  }

  /** The same settings with these registries. */
  public RuntimeSettings withRegistries(List<String> insecure, List<String> mirrorUrls) {
    return new RuntimeSettings(
        hostSocket, dataDirectory, execDirectory, namespace, insecure, mirrorUrls, health);
  }
}
