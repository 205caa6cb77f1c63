package dev.hanse.runtime.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.bounds.BoundedJson;
import dev.hanse.bounds.MemoryShare;
import dev.hanse.runtime.RuntimeFault;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Answers a registry's challenge with the value of an Authorization header. */
final class Login {
  private static final int TOKEN_BYTES_MAX = 1 << 20;

  /** Characters of a token; some have the rights of a whole organisation in them. */
  private static final int TOKEN_MAX = 64 << 10;

  private final RegistryHttp http;
  private final URI base;
  private final boolean verified;
  private final Optional<RegistryCredentials> credentials;
  private final MemoryShare.Claim memory;

  Login(
      RegistryHttp http,
      URI base,
      boolean verified,
      Optional<RegistryCredentials> credentials,
      MemoryShare.Claim memory) {
    this.http = http;
    this.base = base;
    this.verified = verified;
    this.credentials = credentials;
    this.memory = memory;
  }

  /**
   * The header.
   *
   * @param repository what is to be pulled
   * @throws RuntimeFault UNAUTHORIZED
   */
  String authorization(Challenge challenge, String repository) {
    return switch (challenge) {
      case Challenge.Basic _ ->
          credentials
              .filter(given -> !given.username().isEmpty())
              .map(Login::basic)
              .orElseThrow(() -> unauthorized("no basic auth credentials"));
      case Challenge.Bearer bearer -> "Bearer " + wellFormed(token(bearer, repository));
    };
  }

  /** It becomes a part of a header: RFC 6750 section 2.1, and what registries use beyond it. */
  private static String wellFormed(String token) {
    if (token.length() > TOKEN_MAX || token.chars().anyMatch(one -> one <= ' ' || one > '~')) {
      throw unauthorized("unauthorized: the token for the registry is malformed");
    }
    return token;
  }

  private static String basic(RegistryCredentials given) {
    String pair = given.username() + ":" + given.password();
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private String token(Challenge.Bearer bearer, String repository) {
    Optional<String> ready =
        credentials.map(RegistryCredentials::registryToken).filter(token -> !token.isEmpty());
    if (ready.isPresent()) {
      return ready.get();
    }
    Optional<String> scope =
        bearer
            .scope()
            .or(() -> Optional.of(repository).filter(name -> !name.isEmpty()).map(Login::pull));
    RegistryHttp.Answer answer = http.send(request(bearer, scope), verified);
    byte[] body = http.body(answer, TOKEN_BYTES_MAX, memory);
    if (answer.status() == 401 || answer.status() == 403) {
      throw unauthorized("unauthorized: incorrect username or password");
    }
    if (answer.status() != 200) {
      throw new RuntimeFault(
          RuntimeFault.Kind.REGISTRY_UNREACHABLE,
          "token server " + bearer.realm() + " answered with status " + answer.status());
    }
    try {
      JsonNode node = BoundedJson.read(body);
      String token = node.path("token").asText(node.path("access_token").asText(""));
      if (!token.isEmpty()) {
        return token;
      }
    } catch (IOException malformed) {
      throw unauthorized("token server " + bearer.realm() + " answered no JSON");
    }
    throw unauthorized("token server " + bearer.realm() + " gave no token");
  }

  private static String pull(String repository) {
    return "repository:" + repository + ":pull";
  }

  private HttpRequest.Builder request(Challenge.Bearer bearer, Optional<String> scope) {
    URI realm = realm(bearer.realm());
    var parameters = new ArrayList<String>();
    bearer.service().ifPresent(service -> parameters.add(pair("service", service)));
    scope.ifPresent(wanted -> parameters.add(pair("scope", wanted)));
    Optional<String> refresh =
        credentials.map(RegistryCredentials::identityToken).filter(token -> !token.isEmpty());
    if (refresh.isPresent()) {
      parameters.add(pair("grant_type", "refresh_token"));
      parameters.add(pair("refresh_token", refresh.get()));
      parameters.add(pair("client_id", "hanse"));
      return HttpRequest.newBuilder(realm)
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(HttpRequest.BodyPublishers.ofString(String.join("&", parameters)));
    }
    Optional<RegistryCredentials> user = credentials.filter(given -> !given.username().isEmpty());
    user.ifPresent(given -> parameters.add(pair("account", given.username())));
    HttpRequest.Builder request = HttpRequest.newBuilder(withQuery(realm, parameters)).GET();
    user.ifPresent(given -> request.header("Authorization", basic(given)));
    return request;
  }

  private URI realm(String text) {
    try {
      URI realm = URI.create(text);
      // Over http the password would be readable: only where the registry itself speaks nothing
      // else.
      boolean plain =
          "http".equals(realm.getScheme()) && !verified && "http".equals(base.getScheme());
      if (realm.getHost() != null
          && realm.getUserInfo() == null
          && ("https".equals(realm.getScheme()) || plain)) {
        return realm;
      }
    } catch (IllegalArgumentException malformed) {
      throw unauthorized("registry names an invalid token server: " + text);
    }
    throw unauthorized("registry names an unacceptable token server: " + text);
  }

  private static URI withQuery(URI realm, List<String> parameters) {
    String query = String.join("&", parameters);
    String text = realm.toString();
    return URI.create(text + (text.contains("?") ? "&" : "?") + query);
  }

  private static String pair(String name, String value) {
    return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private static RuntimeFault unauthorized(String message) {
    return new RuntimeFault(RuntimeFault.Kind.UNAUTHORIZED, message);
  }
}
