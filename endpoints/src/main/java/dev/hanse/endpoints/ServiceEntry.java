package dev.hanse.endpoints;

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
    List<PortConfig> ports)
    implements Entry {

  /** Copies the lists. */
  public ServiceEntry {
    aliases = List.copyOf(aliases);
    ports = List.copyOf(ports);
  }

  @Override
  public Key key() {
    return new Key(Kind.SERVICE, serviceId);
  }
}
