package dev.hanse.control.allocator;

import dev.hanse.model.Endpoint;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.Service;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gives services their published ports and virtual addresses. */
final class Endpoints {
  private static final int PORT_FIRST = 30_000;
  private static final int PORT_LAST = 32_767;

  private final Transaction transaction;
  private final Networks networks;
  private Optional<Map<PortConfig.Protocol, BitSet>> portsInUse = Optional.empty();

  Endpoints(Transaction transaction, Networks networks) {
    this.transaction = transaction;
    this.networks = networks;
  }

  /**
   * Brings a service's endpoint in line with its specification; false if that cannot be had yet.
   */
  boolean run(Service service) {
    if (isAllocated(service)) {
      return true;
    }
    networks.begin();
    Optional<List<PortConfig>> ports = ports(service);
    Optional<List<Endpoint.VirtualIP>> addresses =
        ports.isEmpty() ? Optional.empty() : addresses(service);
    if (ports.isEmpty() || addresses.isEmpty()) {
      undo();
      return false;
    } else {
      transaction.put(
          Kind.SERVICE,
          service.toBuilder()
              .setEndpoint(
                  Endpoint.newBuilder()
                      .setSpec(service.getSpec().getEndpoint())
                      .addAllPorts(ports.get())
                      .addAllVirtualIps(addresses.get()))
              .build());
      return true;
    }
  }

  /** What the last service has taken in vain is free again. */
  void undo() {
    portsInUse = Optional.empty();
    networks.undo();
  }

  /** Whether a service has what its specification wants. */
  boolean isAllocated(Service service) {
    return service.hasEndpoint()
        && service.getEndpoint().getSpec().equals(service.getSpec().getEndpoint())
        && virtualNetworks(service)
            .equals(
                service.getEndpoint().getVirtualIpsList().stream()
                    .map(Endpoint.VirtualIP::getNetworkId)
                    .toList());
  }

  static boolean needsIngress(Service service) {
    return service.getSpec().getEndpoint().getPortsList().stream()
        .anyMatch(port -> port.getPublishMode() == PublishMode.INGRESS);
  }

  /** The networks in which a service has a virtual address, the ingress network first. */
  private List<String> virtualNetworks(Service service) {
    List<String> ids = new ArrayList<>();
    if (service.getSpec().getEndpoint().getMode() == EndpointSpec.ResolutionMode.DNSRR) {
      return ids;
    }
    if (needsIngress(service)) {
      transaction.snapshot().ingressNetwork().map(Network::getId).ifPresent(ids::add);
    }
    for (NetworkAttachmentConfig config : service.getSpec().getTask().getNetworksList()) {
      Optional<Network> network = transaction.find(Kind.NETWORK, config.getTarget());
      boolean overlay = network.filter(Endpoints::hasSubnet).isPresent();
      if (overlay && !ids.contains(config.getTarget())) {
        ids.add(config.getTarget());
      }
    }
    return ids;
  }

  /** Also true of an overlay network that waits for its subnet. */
  private static boolean hasSubnet(Network network) {
    return !network.hasDriverState() || network.getIpam().getConfigsCount() > 0;
  }

  private Optional<List<Endpoint.VirtualIP>> addresses(Service service) {
    List<Endpoint.VirtualIP> addresses = new ArrayList<>();
    for (String id : virtualNetworks(service)) {
      Optional<Endpoint.VirtualIP> present =
          service.getEndpoint().getVirtualIpsList().stream()
              .filter(address -> address.getNetworkId().equals(id))
              .findFirst();
      Optional<Endpoint.VirtualIP> address =
          present.or(
              () ->
                  transaction
                      .find(Kind.NETWORK, id)
                      .filter(Networks::isReady)
                      .flatMap(networks::next)
                      .map(
                          given ->
                              Endpoint.VirtualIP.newBuilder()
                                  .setNetworkId(id)
                                  .setAddr(given)
                                  .build()));
      if (address.isEmpty()) {
        return Optional.empty();
      }
      addresses.add(address.get());
    }
    return Optional.of(addresses);
  }

  private Optional<List<PortConfig>> ports(Service service) {
    List<PortConfig> ports = new ArrayList<>();
    for (PortConfig wanted : service.getSpec().getEndpoint().getPortsList()) {
      boolean dynamic =
          wanted.getPublishMode() == PublishMode.INGRESS && wanted.getPublishedPort() == 0;
      Optional<Integer> number =
          dynamic
              ? presentPort(service, wanted, ports).or(() -> freePort(wanted.getProtocol()))
              : Optional.of(wanted.getPublishedPort());
      if (number.isEmpty()) {
        return Optional.empty();
      }
      ports.add(wanted.toBuilder().setPublishedPort(number.get()).build());
    }
    return Optional.of(ports);
  }

  /** An update keeps the dynamic port that the same target had. */
  private static Optional<Integer> presentPort(
      Service service, PortConfig wanted, List<PortConfig> taken) {
    return service.getEndpoint().getPortsList().stream()
        .filter(
            port ->
                port.getPublishedPort() >= PORT_FIRST
                    && port.getPublishedPort() <= PORT_LAST
                    && !taken.contains(port)
                    && port.toBuilder().setPublishedPort(0).build().equals(wanted))
        .map(PortConfig::getPublishedPort)
        .findFirst();
  }

  private Optional<Integer> freePort(PortConfig.Protocol protocol) {
    if (portsInUse.isEmpty()) {
      portsInUse = Optional.of(readPorts());
    }
    BitSet used = portsInUse.get().computeIfAbsent(protocol, key -> new BitSet());
    int port = used.nextClearBit(PORT_FIRST);
    if (port > PORT_LAST) {
      return Optional.empty();
    }
    used.set(port);
    return Optional.of(port);
  }

  /** Ports that services have or ask for, in host mode too: one node cannot give them twice. */
  private Map<PortConfig.Protocol, BitSet> readPorts() {
    Map<PortConfig.Protocol, BitSet> used = new EnumMap<>(PortConfig.Protocol.class);
    for (Service service : transaction.snapshot().all(Kind.SERVICE)) {
      List<PortConfig> all = new ArrayList<>(service.getEndpoint().getPortsList());
      all.addAll(service.getSpec().getEndpoint().getPortsList());
      for (PortConfig port : all) {
        used.computeIfAbsent(port.getProtocol(), key -> new BitSet()).set(port.getPublishedPort());
      }
    }
    return used;
  }
}
