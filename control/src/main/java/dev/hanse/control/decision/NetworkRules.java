package dev.hanse.control.decision;

import dev.hanse.control.Rejection;
import dev.hanse.control.allocator.ForeignSubnets;
import dev.hanse.control.allocator.NetworkNumbers;
import dev.hanse.control.allocator.Subnet;
import dev.hanse.control.allocator.Subnets;
import dev.hanse.model.IPAMConfig;
import dev.hanse.model.NetworkSpec;
import dev.hanse.store.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The rules for a network's specification. */
final class NetworkRules {
  private static final String ENCRYPTED = "encrypted";
  private static final String IPV4 = "com.docker.network.enable_ipv4";

  private NetworkRules() {}

  static Optional<Rejection> check(NetworkSpec spec) {
    if (spec.getAttachable() && spec.getIngress()) {
      return Outcome.invalid("ingress network cannot be attachable");
    }
    return Names.check(spec.getAnnotations())
        .or(() -> checkLabels(spec))
        .or(() -> checkDriver(spec))
        .or(() -> checkIpam(spec));
  }

  private static Optional<Rejection> checkLabels(NetworkSpec spec) {
    return spec.getAnnotations().containsLabels(PredefinedNetworks.LABEL)
        ? Optional.of(
            new Rejection.PermissionDenied(
                ("label %s is for internally created predefined networks and cannot be applied by"
                        + " users")
                    .formatted(PredefinedNetworks.LABEL)))
        : Optional.empty();
  }

  private static Optional<Rejection> checkDriver(NetworkSpec spec) {
    String driver = spec.getDriverConfig().getName();
    if (!driver.isEmpty() && !driver.equals("overlay")) {
      return Outcome.invalid("plugin \"%s\" not found".formatted(driver));
    }
    if (spec.getDriverConfig().containsOptions(ENCRYPTED)) {
      return Optional.of(
          new Rejection.Unimplemented("encrypted overlay networks are not supported"));
    }
    if (spec.getDriverConfig().getOptionsOrDefault(IPV4, "true").equals("false")) {
      return Optional.of(new Rejection.Unimplemented("networks without IPv4 are not supported"));
    }
    if (spec.getIpv6Enabled()) {
      return Optional.of(new Rejection.Unimplemented("IPv6 in overlay networks is not supported"));
    }
    if (spec.hasNetwork()) {
      return Optional.of(
          new Rejection.Unimplemented("networks from a node's configuration are not supported"));
    }
    return NetworkNumbers.malformed(spec).flatMap(Outcome::invalid);
  }

  private static Optional<Rejection> checkIpam(NetworkSpec spec) {
    String driver = spec.getIpam().getDriver().getName();
    if (!Set.of("", "default").contains(driver)) {
      return Outcome.invalid("plugin \"%s\" not found".formatted(driver));
    }
    if (spec.getIpam().getConfigsCount() > 1) {
      return Optional.of(
          new Rejection.Unimplemented("more than one subnet in a network is not supported"));
    }
    for (IPAMConfig config : spec.getIpam().getConfigsList()) {
      Optional<Rejection> rejection = checkConfig(config);
      if (rejection.isPresent()) {
        return rejection;
      }
    }
    return Optional.empty();
  }

  private static Optional<Rejection> checkConfig(IPAMConfig config) {
    String text = config.getSubnet();
    if (text.isEmpty() && config.getGateway().isEmpty() && config.getRange().isEmpty()) {
      return Optional.empty();
    }
    Optional<Subnet> subnet = Subnet.parse(text);
    if (subnet.isEmpty()) {
      return Outcome.invalid("ipam configuration: invalid subnet " + text);
    }
    if (subnet.get().prefix() > Subnets.PREFIX_MAX || subnet.get().prefix() < Subnets.PREFIX_MIN) {
      return Outcome.invalid(
          "ipam configuration: subnet %s must have a prefix length from %d to %d"
              .formatted(text, Subnets.PREFIX_MIN, Subnets.PREFIX_MAX));
    }
    if (subnet.get().reserved().isPresent()) {
      return Outcome.invalid(
          "ipam configuration: invalid subnet %s: %s"
              .formatted(text, subnet.get().reserved().get()));
    }
    return checkRange(config, subnet.get()).or(() -> checkGateway(config, subnet.get()));
  }

  private static Optional<Rejection> checkRange(IPAMConfig config, Subnet subnet) {
    if (config.getRange().isEmpty()) {
      return Optional.empty();
    }
    Optional<Subnet> range = Subnet.parse(config.getRange());
    if (range.isEmpty()) {
      return Outcome.invalid("ipam configuration: invalid range " + config.getRange());
    }
    return subnet.contains(range.get().base()) && subnet.contains(range.get().last())
        ? Optional.empty()
        : Outcome.invalid(
            "ipam configuration: subnet %s does not contain range %s"
                .formatted(config.getSubnet(), config.getRange()));
  }

  private static Optional<Rejection> checkGateway(IPAMConfig config, Subnet subnet) {
    if (config.getGateway().isEmpty()) {
      return Optional.empty();
    }
    Optional<Long> gateway = Subnet.parseAddress(config.getGateway());
    if (gateway.isEmpty()) {
      return Outcome.invalid("ipam configuration: invalid gateway " + config.getGateway());
    }
    return subnet.contains(gateway.get())
        ? Optional.empty()
        : Outcome.invalid(
            "ipam configuration: subnet %s does not contain gateway %s"
                .formatted(config.getSubnet(), config.getGateway()));
  }

  /** What only the other networks and the nodes can tell. */
  static Optional<Rejection> checkOverlaps(Snapshot snapshot, NetworkSpec spec) {
    List<Subnet> used = Subnets.inUse(snapshot);
    for (IPAMConfig config : spec.getIpam().getConfigsList()) {
      Optional<Subnet> wanted = Subnet.parse(config.getSubnet());
      if (wanted.isPresent() && used.stream().anyMatch(wanted.get()::overlaps)) {
        return Outcome.precondition(
            "invalid pool request: Pool overlaps with other one on this address space");
      }
      Optional<String> conflict = wanted.flatMap(ForeignSubnets.of(snapshot)::conflict);
      if (conflict.isPresent()) {
        return Outcome.precondition("invalid pool request: " + conflict.get());
      }
    }
    return NetworkNumbers.conflict(snapshot, spec).flatMap(Outcome::precondition);
  }
}
