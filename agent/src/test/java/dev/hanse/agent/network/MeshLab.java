package dev.hanse.agent.network;

import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.health.Health;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Addresses;
import dev.hanse.kernel.netlink.Links;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.netlink.Routes;
import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.NewLink;
import dev.hanse.kernel.network.Prefix;
import dev.hanse.kernel.network.Route;
import dev.hanse.model.EndpointsMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Several hosts as namespaces on a switch, each with a network loop of its own, and a client that
 * is none of them. Host n is 192.168.77.n and node "node-n"; the client is 192.168.77.100.
 */
final class MeshLab implements AutoCloseable {
  static final String CLIENT = "192.168.77.100";

  /** One host: its namespace and its loop, which a test may replace. */
  static final class Host {
    final int number;
    final NetworkNamespace namespace;
    final Path directory;
    NetworkLoop loop;
    volatile long acknowledged;
    volatile String refused = "";

    private final Duration repairInterval;

    private Host(int number, NetworkNamespace namespace, Path directory, Duration repairInterval)
        throws InterruptedException {
      this.number = number;
      this.repairInterval = repairInterval;
      this.namespace = namespace;
      this.directory = directory;
      this.loop = start();
    }

    String address() {
      return "192.168.77." + number;
    }

    NetworkLoop start() throws InterruptedException {
      loop =
          NetworkLoop.start(
              new NetworkSettings(
                  namespace,
                  directory,
                  Optional.empty(),
                  repairInterval,
                  directory.resolve("host-resolv.conf"),
                  List.of(),
                  Set.of(2375),
                  new Health()));
      loop.join(new NodePlace("node-" + number, Ipv4Address.of(address()), 4789));
      return loop;
    }

    void send(EndpointsMessage message) throws InterruptedException {
      loop.receive(message, index -> acknowledged = index, reason -> refused = reason);
    }
  }

  final Path directory;
  final List<Host> hosts = new ArrayList<>();
  final NetworkNamespace client;
  private final NetworkNamespace cable;

  MeshLab(Path directory, int hostCount) throws IOException, InterruptedException {
    this(directory, hostCount, Duration.ofMillis(500));
  }

  MeshLab(Path directory, int hostCount, Duration repairInterval)
      throws IOException, InterruptedException {
    this.directory = directory;
    this.cable = NetworkNamespace.create(directory.resolve("switch"));
    try (Netlink netlink = Netlink.open(cable)) {
      netlink.apply(Links.add(NewLink.bridge("br0").withUp()));
      for (int number = 1; number <= hostCount; number++) {
        Path home = Files.createDirectories(directory.resolve("run-" + number));
        Files.writeString(home.resolve("host-resolv.conf"), "nameserver " + CLIENT + "\n");
        hosts.add(new Host(number, plug(netlink, "host-" + number, number), home, repairInterval));
      }
      this.client = plug(netlink, "client", 100);
    }
  }

  private NetworkNamespace plug(Netlink netlink, String name, int number) {
    NetworkNamespace namespace = NetworkNamespace.create(directory.resolve(name));
    netlink.apply(
        Links.add(
            NewLink.veth("port" + number, NewLink.peer("eth0").in(namespace))
                .withMaster(netlink.index("br0"))
                .withUp()));
    try (Netlink inside = Netlink.open(namespace)) {
      inside.apply(
          Links.up(inside.index("eth0")),
          Addresses.add(
              Address.of(inside.index("eth0"), Prefix.parse("192.168.77." + number + "/24"))));
      if (number != 100) {
        inside.apply(
            Routes.add(
                Route.to(Prefix.everyIpv4())
                    .via(Prefix.parse(CLIENT).address())
                    .by(inside.index("eth0"))));
      }
    }
    return namespace;
  }

  Host host(int number) {
    return hosts.get(number - 1);
  }

  void sendToAll(EndpointsMessage message) throws InterruptedException {
    for (Host host : hosts) {
      host.send(message);
    }
    for (Host host : hosts) {
      Eventually.holds(
          "host " + host.number + " acknowledges " + message.getIndex() + " " + host.loop.faults(),
          () -> host.acknowledged >= message.getIndex());
    }
  }

  @Override
  public void close() throws IOException {
    for (Host host : hosts) {
      host.loop.closeAndRemove();
      host.namespace.delete();
    }
    client.delete();
    cable.delete();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
