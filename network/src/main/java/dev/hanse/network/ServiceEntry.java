package dev.hanse.network;

import dev.hanse.model.PortConfig;
import java.util.List;
import java.util.Optional;

/**
 * A service as a network's clients see it.
 *
 * @param serviceId the service's id
 * @param name the service's name
 * @param virtualIp empty with DNS round robin
 * @param aliases further names
 * @param ports published ports; only in the ingress network
 */
public record ServiceEntry(
    String serviceId,
    String name,
    Optional<Ipv4Address> virtualIp,
    List<String> aliases,
    List<PortConfig> ports) {

  /** Copies the lists. */
  public ServiceEntry {
    aliases = List.copyOf(aliases);
    ports = List.copyOf(ports);
  }
}
