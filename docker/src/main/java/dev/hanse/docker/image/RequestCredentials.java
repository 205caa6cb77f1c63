package dev.hanse.docker.image;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.registry.RegistryCredentials;
import dev.hanse.web.Exchange;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The header {@code X-Registry-Auth}; one that cannot be read counts as none, as in Docker. */
final class RequestCredentials {
  private static final Logger LOG = LoggerFactory.getLogger(RequestCredentials.class);

  private RequestCredentials() {}

  static Optional<RegistryCredentials> of(Exchange exchange) {
    try {
      return RegistryCredentials.parse(exchange.header("X-Registry-Auth").orElse(""));
    } catch (RuntimeFault malformed) {
      LOG.debug("a request's credentials are ignored", malformed);
      return Optional.empty();
    }
  }
}
