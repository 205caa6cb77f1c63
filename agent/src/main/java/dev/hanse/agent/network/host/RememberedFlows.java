package dev.hanse.agent.network.host;

import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Conntrack;
import dev.hanse.kernel.network.Flow;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PublishedPort;
import dev.hanse.network.Translations;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flows that the kernel remembers in one namespace: those that the packet rules would not choose
 * any more are forgotten. Connections of TCP that were once answered are left alone, they end by
 * themselves.
 */
final class RememberedFlows implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RememberedFlows.class);

  private final NetworkNamespace namespace;
  private final Conntrack conntrack;
  private Optional<Translations> followed = Optional.empty();

  RememberedFlows(NetworkNamespace namespace) {
    this.namespace = namespace;
    this.conntrack = new Conntrack(namespace);
  }

  /** To be called when the rules are applied that make these translations. */
  void follow(Translations now) {
    if (followed.isPresent() && now.outdates(followed.get())) {
      Translations before = followed.get();
      try {
        int forgotten = conntrack.forget(flow -> isOutdated(flow, before, now));
        log.debug("{}: forgot {} flows", namespace.path(), forgotten);
      } catch (KernelException fault) {
        // The flows end after their time; the rules are applied all the same.
        log.warn("could not forget connections in {}: {}", namespace.path(), fault.getMessage());
      }
    }
    followed = Optional.of(now);
  }

  private static boolean isOutdated(Flow flow, Translations before, Translations now) {
    Optional<Ipv4Address> destination = KernelForms.ipv4(flow.destination());
    Optional<Ipv4Address> target = KernelForms.ipv4(flow.repliesFrom());
    return destination.isPresent()
        && target.isPresent()
        && now.isOutdated(before, destination.get(), port(flow), target.get(), flow.translated());
  }

  private static PublishedPort port(Flow flow) {
    return new PublishedPort(
        flow.protocol().equals("udp") ? PortConfig.Protocol.UDP : PortConfig.Protocol.TCP,
        flow.destinationPort());
  }

  @Override
  public void close() {
    conntrack.close();
  }
}
