package dev.hanse.runtime.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.bounds.BoundedJson;
import dev.hanse.runtime.RuntimeFault;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;

/**
 * How to log in to a registry; empty strings where something is not given.
 *
 * @param identityToken refresh token for the registry's token service
 * @param registryToken bearer token to be sent as it is
 */
public record RegistryCredentials(
    String username, String password, String identityToken, String registryToken) {

  /** User name and password. */
  public static RegistryCredentials of(String username, String password) {
    return new RegistryCredentials(username, password, "", "");
  }

  /**
   * Reads Docker's {@code X-Registry-Auth} header (also the registry_auth of a service): base64url
   * of a JSON object.
   *
   * @return empty if it names no credentials
   * @throws RuntimeFault INVALID if it is not of that form
   */
  public static Optional<RegistryCredentials> parse(String header) {
    if (header.isBlank()) {
      return Optional.empty();
    }
    try {
      String standard = header.strip().replace('-', '+').replace('_', '/').replace("=", "");
      byte[] decoded = Base64.getDecoder().decode(standard);
      JsonNode node = BoundedJson.read(decoded);
      RegistryCredentials read =
          new RegistryCredentials(
              node.path("username").asText(""),
              node.path("password").asText(""),
              node.path("identitytoken").asText(""),
              node.path("registrytoken").asText(""));
      return read.isEmpty() ? Optional.empty() : Optional.of(read);
    } catch (IllegalArgumentException | IOException failure) {
      throw new RuntimeFault(RuntimeFault.Kind.INVALID, "invalid X-Registry-Auth header", failure);
    }
  }

  private boolean isEmpty() {
    return username.isEmpty() && identityToken.isEmpty() && registryToken.isEmpty();
  }

  /** Never shows the secrets. */
  @Override
  public String toString() {
    return "RegistryCredentials[" + username + "]";
  }
}
