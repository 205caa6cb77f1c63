package dev.hanse.runtime.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.google.protobuf.ByteString;
import dev.hanse.bounds.BoundedJson;
import dev.hanse.bounds.MemoryShare;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.text.Letters;
import dev.hanse.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One repository of one registry. Logs in when asked to and keeps the login for the next request.
 */
public final class Repository {
  private static final int ERROR_BYTES_MAX = 64 << 10;
  private static final int REDIRECTS_MAX = 5;

  /** Characters of a registry's own words that are passed on. */
  private static final int SAID_MAX = 1024;

  private final RegistryHttp http;
  private final URI base;
  private final boolean verified;
  private final String path;
  private final Login login;
  private final MemoryShare.Claim memory;
  private final boolean hasCredentials;
  private volatile @Nullable String authorization;

  Repository(
      RegistryHttp http,
      URI base,
      boolean verified,
      String path,
      Optional<RegistryCredentials> credentials,
      MemoryShare.Claim memory) {
    this.http = http;
    this.base = base;
    this.verified = verified;
    this.path = path;
    this.login = new Login(http, base, verified, credentials, memory);
    this.memory = memory;
    this.hasCredentials = credentials.isPresent();
  }

  /** Which server it is at, a mirror for instance: host and port. */
  public String server() {
    return base.getAuthority();
  }

  /** A manifest or index as the registry has it. */
  public record Document(String mediaType, Optional<String> declaredDigest, ByteString content) {
    /** The document's bytes, as its digest is computed of them. */
    public byte[] bytes() {
      return content.toByteArray();
    }
  }

  /**
   * Fetches a manifest.
   *
   * @param reference tag or digest
   * @param mediaTypes acceptable ones
   */
  public Document manifest(String reference, List<String> mediaTypes, int bytesMax) {
    URI uri = uri("manifests/" + reference);
    RegistryHttp.Answer answer = exchange(uri, builder -> accept(builder.GET(), mediaTypes));
    require(answer, 200, reference);
    return new Document(
        answer
            .headers()
            .firstValue("Content-Type")
            .map(type -> type.split(";", 2)[0].strip())
            .orElse(""),
        answer.headers().firstValue("Docker-Content-Digest"),
        ByteString.copyFrom(http.body(answer, bytesMax, memory)));
  }

  /** The digest that a tag has now; empty if the registry does not say it without the document. */
  public Optional<String> digest(String reference, List<String> mediaTypes) {
    URI uri = uri("manifests/" + reference);
    RegistryHttp.Answer answer =
        exchange(
            uri,
            builder ->
                accept(builder.method("HEAD", HttpRequest.BodyPublishers.noBody()), mediaTypes));
    require(answer, 200, reference);
    close(answer);
    return answer.headers().firstValue("Docker-Content-Digest");
  }

  /**
   * Asks for the registry's root, with the login if it wants one; true, or a fault says why not.
   */
  boolean acceptsLogin() {
    RegistryHttp.Answer answer = exchange(URI.create(base + "/v2/"), HttpRequest.Builder::GET);
    require(answer, 200, "login");
    close(answer);
    return true;
  }

  private static HttpRequest.Builder accept(HttpRequest.Builder builder, List<String> types) {
    types.forEach(type -> builder.header("Accept", type));
    return builder;
  }

  /**
   * A blob's bytes.
   *
   * @param offset of the first byte; may be less than what was asked for
   */
  public record Blob(InputStream stream, long offset) {}

  /** Fetches a blob from that byte on, or from its beginning if the registry cannot do that. */
  public Blob blob(String digest, long offset) {
    URI uri = uri("blobs/" + digest);
    RegistryHttp.Answer answer =
        exchange(
            uri,
            builder ->
                offset > 0
                    ? builder.GET().header("Range", "bytes=" + offset + "-")
                    : builder.GET());
    if (answer.status() == 206) {
      return new Blob(answer.body(), offset);
    }
    require(answer, 200, digest);
    return new Blob(answer.body(), 0);
  }

  /** Fetches a small blob; its digest is not looked at. */
  public byte[] document(String digest, int bytesMax) {
    RegistryHttp.Answer answer = exchange(uri("blobs/" + digest), HttpRequest.Builder::GET);
    require(answer, 200, digest);
    return http.body(answer, bytesMax, memory);
  }

  private URI uri(String tail) {
    return URI.create(base + "/v2/" + path + "/" + tail);
  }

  private interface Shape {
    HttpRequest.Builder apply(HttpRequest.Builder builder);
  }

  /** Sends; answers one challenge; follows redirections without taking the login elsewhere. */
  private RegistryHttp.Answer exchange(URI uri, Shape shape) {
    RegistryHttp.Answer answer = follow(uri, shape);
    if (answer.status() != 401) {
      return answer;
    }
    Optional<Challenge> challenge = Challenge.read(answer.headers().allValues("WWW-Authenticate"));
    close(answer);
    // Who was only redirected to may not say where the login is to be shown.
    if (challenge.isEmpty() || !sameServer(answer.uri(), uri)) {
      throw new RuntimeFault(
          RuntimeFault.Kind.UNAUTHORIZED, "unauthorized: authentication required");
    }
    authorization = login.authorization(challenge.get(), path);
    RegistryHttp.Answer second = follow(uri, shape);
    if (second.status() == 401) {
      close(second);
      throw refused(challenge.get());
    }
    return second;
  }

  /** A token that is refused means that its holder may not see the repository. */
  private RuntimeFault refused(Challenge challenge) {
    return switch (challenge) {
      case Challenge.Basic _ ->
          new RuntimeFault(RuntimeFault.Kind.UNAUTHORIZED, "unauthorized: authentication required");
      case Challenge.Bearer _ -> denied();
    };
  }

  private RuntimeFault denied() {
    return new RuntimeFault(
        RuntimeFault.Kind.PULL_DENIED,
        "pull access denied for "
            + (path.startsWith("library/") ? path.substring("library/".length()) : path)
            + ", repository does not exist or may require 'docker login'"
            + (hasCredentials ? ": denied: requested access to the resource is denied" : ""));
  }

  private RegistryHttp.Answer follow(URI first, Shape shape) {
    URI uri = first;
    for (int hop = 0; hop <= REDIRECTS_MAX; hop++) {
      HttpRequest.Builder request = shape.apply(HttpRequest.newBuilder(uri));
      String login = authorization;
      if (login != null && sameServer(uri, first)) {
        request.header("Authorization", login);
      }
      RegistryHttp.Answer answer = http.send(request, verified);
      Optional<String> target = answer.headers().firstValue("Location");
      boolean redirected = answer.status() / 100 == 3 && target.isPresent();
      if (!redirected) {
        return answer;
      }
      close(answer);
      uri = redirection(uri, target.get());
    }
    throw new RuntimeFault(
        RuntimeFault.Kind.REGISTRY_UNREACHABLE, "too many redirections from " + first);
  }

  private URI redirection(URI from, String target) {
    try {
      URI to = from.resolve(target);
      boolean secure = "https".equals(to.getScheme());
      boolean downgrade = "https".equals(from.getScheme()) && !secure;
      boolean isHttp = secure || "http".equals(to.getScheme());
      if (isHttp && to.getHost() != null && !(downgrade && verified)) {
        return to;
      }
    } catch (IllegalArgumentException malformed) {
      throw RegistryHttp.unreachable("GET", from, malformed);
    }
    throw new RuntimeFault(
        RuntimeFault.Kind.REGISTRY_UNREACHABLE,
        from + " redirects to " + Printable.line(target, SAID_MAX));
  }

  private static boolean sameServer(URI one, URI other) {
    return String.valueOf(one.getAuthority()).equals(other.getAuthority())
        && String.valueOf(one.getScheme()).equals(other.getScheme());
  }

  private void require(RegistryHttp.Answer answer, int status, String reference) {
    if (answer.status() == status) {
      return;
    }
    JsonNode error = error(answer);
    String code = error.path("code").asText("");
    String detail = Letters.small(code).replace('_', ' ');
    String message = error.path("message").asText("status " + answer.status());
    String said = Printable.line((detail.isEmpty() ? "" : detail + ": ") + message, SAID_MAX);
    switch (answer.status()) {
      case 404 ->
          throw new RuntimeFault(
              RuntimeFault.Kind.MANIFEST_UNKNOWN,
              code.equals("NAME_UNKNOWN")
                  ? "repository " + path + " not found: " + said
                  : reference + " not found: " + said);
      case 403 -> throw denied();
      case 401 -> throw new RuntimeFault(RuntimeFault.Kind.UNAUTHORIZED, said);
      default ->
          throw new RuntimeFault(
              RuntimeFault.Kind.REGISTRY_UNREACHABLE,
              answer.uri() + " answered with status " + answer.status() + ": " + said);
    }
  }

  private JsonNode error(RegistryHttp.Answer answer) {
    try {
      return BoundedJson.read(http.body(answer, ERROR_BYTES_MAX, memory)).path("errors").path(0);
    } catch (IOException | RuntimeFault noJson) {
      return MissingNode.getInstance();
    }
  }

  private static void close(RegistryHttp.Answer answer) {
    try {
      answer.body().close();
    } catch (IOException alreadyBroken) {
      // Nothing was wanted of it.
      return;
    }
  }
}
