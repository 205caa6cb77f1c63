package dev.hanse.control.decision;

import dev.hanse.control.Rejection;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.PublishedPort;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.store.Snapshot;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rules for published ports. Port 0 means: any. */
final class PublishedPorts {
  private PublishedPorts() {}

  static boolean needIngress(ServiceSpec spec) {
    return spec.getEndpoint().getPortsList().stream()
        .anyMatch(port -> port.getPublishMode() == PublishMode.INGRESS);
  }

  static Optional<Rejection> check(EndpointSpec spec) {
    Set<PublishedPort> seen = new HashSet<>();
    for (PortConfig port : spec.getPortsList()) {
      if (!PublishedPort.isNumber(port.getTargetPort())) {
        return Outcome.invalid(
            "EndpointSpec: invalid target port %s"
                .formatted(Integer.toUnsignedString(port.getTargetPort())));
      }
      if (port.getPublishedPort() != 0 && !PublishedPort.isNumber(port.getPublishedPort())) {
        return Outcome.invalid(
            "EndpointSpec: invalid published port %s"
                .formatted(Integer.toUnsignedString(port.getPublishedPort())));
      }
      if (spec.getMode() == EndpointSpec.ResolutionMode.DNSRR
          && port.getPublishMode() == PublishMode.INGRESS) {
        return Outcome.invalid(
            "EndpointSpec: port published with ingress mode can't be used with dnsrr mode");
      }
      if (port.getPublishedPort() != 0 && !seen.add(PublishedPort.of(port))) {
        return Outcome.invalid("EndpointSpec: duplicate published ports provided");
      }
    }
    return Optional.empty();
  }

  /**
   * Ingress ports are unique in the swarm. A port may be published in host mode by several
   * services: whether they meet on a node is the scheduler's affair.
   */
  static Optional<Rejection> checkConflicts(Snapshot snapshot, ServiceSpec spec, String serviceId) {
    Set<PublishedPort> ingress = ports(spec, PublishMode.INGRESS);
    Set<PublishedPort> host = ports(spec, PublishMode.HOST);
    if (ingress.isEmpty() && host.isEmpty()) {
      return Optional.empty();
    }
    Set<PublishedPort> wanted = new LinkedHashSet<>(ingress);
    wanted.addAll(host);
    Map<String, Service> others = new TreeMap<>();
    for (PublishedPort port : wanted) {
      for (Service other : snapshot.servicesOfPort(port)) {
        others.put(other.getId(), other);
      }
    }
    for (Service other : others.values()) {
      if (other.getId().equals(serviceId)) {
        continue;
      }
      List<PortConfig> taken =
          Stream.concat(
                  other.getSpec().getEndpoint().getPortsList().stream(),
                  other.getEndpoint().getPortsList().stream())
              .filter(port -> port.getPublishedPort() != 0)
              .toList();
      for (PortConfig port : taken) {
        PublishedPort key = PublishedPort.of(port);
        boolean isIngress = port.getPublishMode() == PublishMode.INGRESS;
        if (ingress.contains(key) || (isIngress && host.contains(key))) {
          return Outcome.invalid(
              "port '%d' is already in use by service '%s' (%s) as %s"
                  .formatted(
                      port.getPublishedPort(),
                      other.getSpec().getAnnotations().getName(),
                      other.getId(),
                      isIngress ? "an ingress port" : "a host-published port"));
        }
      }
    }
    return Optional.empty();
  }

  private static Set<PublishedPort> ports(ServiceSpec spec, PublishMode mode) {
    return spec.getEndpoint().getPortsList().stream()
        .filter(port -> port.getPublishMode() == mode && port.getPublishedPort() != 0)
        .map(PublishedPort::of)
        .collect(Collectors.toSet());
  }
}
