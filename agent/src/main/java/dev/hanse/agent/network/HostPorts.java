package dev.hanse.agent.network;

import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PublishedPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Ports published on this node alone: chosen where any will do, refused where they are taken. */
final class HostPorts {
  private static final int ATTEMPTS_MAX = 16;

  private final NetworkNamespace host;
  private final Set<PublishedPort> used = new HashSet<>();

  HostPorts(NetworkNamespace host) {
    this.host = host;
  }

  /**
   * Takes ports for a task.
   *
   * @return the same ports, each with a published port
   * @throws TaskNetworkException when one is in use; none is taken then
   */
  List<PortConfig> take(List<PortConfig> asked) throws TaskNetworkException {
    List<PortConfig> taken = new ArrayList<>();
    for (PortConfig port : asked) {
      PortConfig chosen;
      try {
        chosen = port.getPublishedPort() == 0 ? choose(port) : port;
      } catch (TaskNetworkException refused) {
        release(taken);
        throw refused;
      }
      if (!used.contains(PublishedPort.of(chosen)) && isFree(chosen)) {
        used.add(PublishedPort.of(chosen));
        taken.add(chosen);
      } else {
        release(taken);
        throw new TaskNetworkException(
            "host-mode port already in use on this node: " + PublishedPort.of(chosen));
      }
    }
    return taken;
  }

  /**
   * Takes ports in place of others of the same task, which stay taken when this fails.
   *
   * @throws TaskNetworkException as {@link #take} does
   */
  List<PortConfig> exchange(List<PortConfig> before, List<PortConfig> asked)
      throws TaskNetworkException {
    release(before);
    try {
      return take(asked);
    } catch (TaskNetworkException refused) {
      adopt(before);
      throw refused;
    }
  }

  private PortConfig choose(PortConfig port) throws TaskNetworkException {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      try {
        PortConfig chosen = port.toBuilder().setPublishedPort(bind(port)).build();
        if (!used.contains(PublishedPort.of(chosen))) {
          return chosen;
        }
      } catch (IOException fault) {
        throw new TaskNetworkException("no free host-mode port: " + fault.getMessage(), fault);
      }
    }
    throw new TaskNetworkException("no free host-mode port");
  }

  private boolean isFree(PortConfig port) {
    try {
      bind(port);
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  /** Binds the port of the host for a moment; the kernel chooses where it is 0. */
  private int bind(PortConfig port) throws IOException {
    InetSocketAddress address = new InetSocketAddress(port.getPublishedPort());
    return switch (port.getProtocol()) {
      case UDP ->
          host.call(
              () -> {
                try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
                  channel.bind(address);
                  return ((InetSocketAddress) channel.getLocalAddress()).getPort();
                }
              });
      case TCP, SCTP, UNRECOGNIZED ->
          host.call(
              () -> {
                try (ServerSocketChannel channel =
                    ServerSocketChannel.open(StandardProtocolFamily.INET)) {
                  channel.bind(address);
                  return ((InetSocketAddress) channel.getLocalAddress()).getPort();
                }
              });
    };
  }

  /** Counts ports as taken that a task of an earlier run has. */
  void adopt(List<PortConfig> ports) {
    ports.forEach(port -> used.add(PublishedPort.of(port)));
  }

  void release(List<PortConfig> ports) {
    ports.forEach(port -> used.remove(PublishedPort.of(port)));
  }
}
