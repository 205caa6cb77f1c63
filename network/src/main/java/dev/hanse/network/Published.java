package dev.hanse.network;

import dev.hanse.model.PortConfig;
import dev.hanse.network.LocalTask.Networking;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A port that this node answers.
 *
 * @param protocol as nft names it
 * @param port published
 * @param targetPort where the task listens
 * @param addresses of the tasks that take connections; none: connections are refused
 */
record Published(String protocol, int port, int targetPort, List<Ipv4Address> addresses) {

  Published {
    addresses = List.copyOf(addresses);
  }

  /** All ports of this node: the routing mesh's and those published on this node alone. */
  static List<Published> all(EndpointTable table, Collection<LocalTask> tasks) {
    SortedMap<String, Published> ports = new TreeMap<>();
    table.ingress().ifPresent(ingress -> mesh(ingress, ports));
    for (LocalTask task : tasks) {
      if (task.networking() instanceof Networking.Own own) {
        for (PortConfig port : own.hostPorts()) {
          host(own, port, ports);
        }
      }
    }
    return List.copyOf(ports.values());
  }

  private static void mesh(NetworkTable ingress, SortedMap<String, Published> ports) {
    for (ServiceEntry service : ingress.services().values()) {
      for (PortConfig port : service.ports()) {
        if (port.getPublishMode() == PortConfig.PublishMode.INGRESS) {
          add(port, EvenSpread.ready(ingress, service).orElse(List.of()), ports);
        }
      }
    }
  }

  /**
   * A task in the mesh answers by marks; its host ports take the same way so that one rule holds.
   */
  private static void host(
      Networking.Own own, PortConfig port, SortedMap<String, Published> ports) {
    List<Ipv4Address> addresses = new ArrayList<>();
    own.ingress()
        .map(ingress -> ingress.address().address())
        .or(own::egress)
        .ifPresent(addresses::add);
    add(port, addresses, ports);
  }

  private static void add(
      PortConfig port, List<Ipv4Address> addresses, SortedMap<String, Published> ports) {
    if (isPort(port.getPublishedPort()) && isPort(port.getTargetPort())) {
      String protocol =
          switch (port.getProtocol()) {
            case TCP -> "tcp";
            case UDP -> "udp";
            case SCTP -> "sctp";
            case UNRECOGNIZED -> "";
          };
      if (!protocol.isEmpty()) {
        ports.putIfAbsent(
            protocol + "_%05d".formatted(port.getPublishedPort()),
            new Published(protocol, port.getPublishedPort(), port.getTargetPort(), addresses));
      }
    }
  }

  private static boolean isPort(int number) {
    return number > 0 && number <= 65_535;
  }
}
