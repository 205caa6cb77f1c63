package dev.hanse.model;

import java.util.List;
import java.util.Optional;

/**
 * Which texts of a container's specification fit where they go: into the lines of its {@code
 * hosts}, {@code hostname} and {@code resolv.conf}. Asked by the managers for a service, and by the
 * node once the placeholders are filled in. Pure.
 */
public final class ContainerTexts {
  private ContainerTexts() {}

  /** Which text holds what would begin another line; empty if none does. */
  public static Optional<String> fault(ContainerSpec spec) {
    ContainerSpec.DNSConfig dns = spec.getDnsConfig();
    return fault("Hostname", List.of(spec.getHostname()))
        .or(() -> fault("Hosts", spec.getHostsList()))
        .or(() -> fault("DNSConfig.Nameservers", dns.getNameserversList()))
        .or(() -> fault("DNSConfig.Search", dns.getSearchList()))
        .or(() -> fault("DNSConfig.Options", dns.getOptionsList()));
  }

  private static Optional<String> fault(String field, List<String> texts) {
    return texts.stream().anyMatch(text -> text.chars().anyMatch(Character::isISOControl))
        ? Optional.of(field + " must not contain control characters")
        : Optional.empty();
  }
}
