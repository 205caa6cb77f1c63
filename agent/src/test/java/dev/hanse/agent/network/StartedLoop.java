package dev.hanse.agent.network;

import dev.hanse.health.Health;
import dev.hanse.kernel.namespace.NetworkNamespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The networks of a host that is a namespace, with the machine's own name servers. */
public final class StartedLoop {
  private StartedLoop() {}

  /** Starts it; it keeps its records below {@code directory}. */
  public static NetworkLoop on(NetworkNamespace host, Path directory, Duration repairInterval) {
    return NetworkLoop.start(
        new NetworkSettings(
            host,
            directory.resolve("networks"),
            Optional.empty(),
            repairInterval,
            Path.of("/etc/resolv.conf"),
            List.of(),
            Set.of(),
            new Health()));
  }
}
