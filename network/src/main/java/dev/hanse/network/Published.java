package dev.hanse.network;

import dev.hanse.endpoints.EndpointTable;
import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.NetworkTable;
import dev.hanse.endpoints.ServiceEntry;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PublishedPort;
import dev.hanse.network.LocalTask.Networking;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A port that this node answers.
 *
 * @param port as its service asks for it, its published port chosen
 * @param addresses of the tasks that take connections; none: connections are refused
 */
record Published(PortConfig port, List<Ipv4Address> addresses) {

  Published {
    addresses = List.copyOf(addresses);
  }

  PublishedPort key() {
    return PublishedPort.of(port);
  }

  /** All ports of this node: the routing mesh's and those published on this node alone. */
  static List<Published> all(EndpointTable table, Collection<LocalTask> tasks) {
    SortedMap<PublishedPort, Published> ports = new TreeMap<>();
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

  private static void mesh(NetworkTable ingress, SortedMap<PublishedPort, Published> ports) {
    for (ServiceEntry service : ingress.services().values()) {
      for (PortConfig port : service.ports()) {
        if (port.getPublishMode() == PortConfig.PublishMode.INGRESS) {
          add(port, ingress.readyAddresses(service.serviceId()), ports);
        }
      }
    }
  }

  /**
   * A task in the mesh answers by marks; its host ports take the same way so that one rule holds.
   */
  private static void host(
      Networking.Own own, PortConfig port, SortedMap<PublishedPort, Published> ports) {
    List<Ipv4Address> addresses = new ArrayList<>();
    own.ingress()
        .map(ingress -> ingress.address().address())
        .or(own::egress)
        .ifPresent(addresses::add);
    add(port, addresses, ports);
  }

  private static void add(
      PortConfig port, List<Ipv4Address> addresses, SortedMap<PublishedPort, Published> ports) {
    if (port.getProtocol() != PortConfig.Protocol.UNRECOGNIZED
        && PublishedPort.isNumber(port.getPublishedPort())
        && PublishedPort.isNumber(port.getTargetPort())) {
      ports.putIfAbsent(PublishedPort.of(port), new Published(port, addresses));
    }
  }
}
