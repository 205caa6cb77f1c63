package dev.hanse.runtime.registry;

import dev.hanse.bounds.HeapShares;
import dev.hanse.bounds.MemoryShare;
import dev.hanse.runtime.RuntimeFault;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Knows how each registry is reached: docker.io has another host and may have mirrors; loopback
 * addresses and those listed as insecure are asked with unverified TLS if they speak it, else
 * without.
 */
public final class Registries {
  private static final String DOCKER_HUB = "docker.io";
  private static final URI DOCKER_HUB_SERVER = URI.create("https://registry-1.docker.io");
  private static final int PORT_NONE = -1;

  private final List<String> insecure;
  private final List<URI> mirrors;
  private final RegistryHttp http;
  private final TlsProbe tls;

  /**
   * With that configuration.
   *
   * @param insecure {@code host[:port]} or CIDR
   * @param mirrors base URLs asked before docker.io
   */
  public Registries(List<String> insecure, List<String> mirrors) {
    this(insecure, mirrors, Patience.USUAL);
  }

  Registries(List<String> insecure, List<String> mirrors, Patience patience) {
    this.http = new RegistryHttp(patience);
    this.tls = new TlsProbe(patience.handshake());
    this.insecure = List.copyOf(insecure);
    this.mirrors = mirrors.stream().map(Registries::mirror).toList();
  }

  private static String withoutSlashes(String url) {
    int end = url.length();
    while (end > 0 && url.charAt(end - 1) == '/') {
      end--;
    }
    return url.substring(0, end);
  }

  private static URI mirror(String url) {
    try {
      URI uri = URI.create(withoutSlashes(url));
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (IllegalArgumentException malformed) {
      throw new RuntimeFault(RuntimeFault.Kind.INVALID, "invalid mirror: " + url, malformed);
    }
    throw new RuntimeFault(RuntimeFault.Kind.INVALID, "invalid mirror: " + url);
  }

  /** One way to reach a repository. */
  private record Endpoint(URI base, boolean verified, boolean mirror) {}

  /** What can be asked of a repository that was found reachable. */
  public interface Question<T> {
    /** Asks it. */
    T ask(Repository repository);
  }

  /**
   * Asks the repository on the first endpoint that answers.
   *
   * @param domain as in the image's name
   * @param path repository in the registry
   * @throws RuntimeFault of the last endpoint
   */
  public <T> T ask(
      String domain, String path, Optional<RegistryCredentials> credentials, Question<T> question) {
    return ask(endpoints(domain), path, credentials, question);
  }

  /**
   * Checks a login; mirrors are not asked.
   *
   * @throws RuntimeFault UNAUTHORIZED, REGISTRY_UNREACHABLE
   */
  public void checkLogin(String domain, RegistryCredentials credentials) {
    List<Endpoint> own = endpoints(domain).stream().filter(endpoint -> !endpoint.mirror()).toList();
    var unused = ask(own, "", Optional.of(credentials), Repository::acceptsLogin);
  }

  private <T> T ask(
      List<Endpoint> endpoints,
      String path,
      Optional<RegistryCredentials> credentials,
      Question<T> question) {
    for (int i = 0; ; i++) {
      Endpoint endpoint = endpoints.get(i);
      try (MemoryShare.Claim memory = HeapShares.DOCUMENTS.firm()) {
        return question.ask(
            new Repository(
                http,
                endpoint.base(),
                endpoint.verified(),
                path,
                endpoint.mirror() ? Optional.empty() : credentials,
                memory));
      } catch (RuntimeFault fault) {
        boolean next = fault.kind() == RuntimeFault.Kind.REGISTRY_UNREACHABLE || endpoint.mirror();
        if (!next || i == endpoints.size() - 1) {
          throw fault;
        }
      }
    }
  }

  private List<Endpoint> endpoints(String domain) {
    var found = new ArrayList<Endpoint>();
    if (domain.equals(DOCKER_HUB)) {
      mirrors.forEach(
          mirror -> found.add(new Endpoint(mirror, !isInsecure(mirror.getAuthority()), true)));
      found.add(new Endpoint(DOCKER_HUB_SERVER, true, false));
      return found;
    }
    boolean verified = !isInsecure(domain);
    // Never both: what is sent in clear when TLS fails would be sent in clear to who makes it fail.
    boolean encrypted = verified || tls.isSpoken(URI.create("https://" + domain));
    String scheme = encrypted ? "https://" : "http://";
    found.add(new Endpoint(URI.create(scheme + domain), verified, false));
    return found;
  }

  private boolean isInsecure(String domain) {
    URI uri = URI.create("http://" + domain);
    String host = uri.getHost();
    if (host == null) {
      return false;
    }
    if (host.equals("localhost") || insecure.contains(domain)) {
      return true;
    }
    if (uri.getPort() != PORT_NONE && insecure.contains(host)) {
      return true;
    }
    Optional<InetAddress> literal = literal(host);
    return literal.isPresent()
        && (literal.get().isLoopbackAddress()
            || insecure.stream().anyMatch(range -> contains(range, literal.get())));
  }

  private static Optional<InetAddress> literal(String host) {
    boolean numeric =
        host.startsWith("[")
            || host.chars().allMatch(one -> one == '.' || (one >= '0' && one <= '9'));
    try {
      return numeric ? Optional.of(InetAddress.getByName(host)) : Optional.empty();
    } catch (UnknownHostException malformed) {
      return Optional.empty();
    }
  }

  private static boolean contains(String range, InetAddress address) {
    int slash = range.indexOf('/');
    Optional<InetAddress> base = slash < 0 ? Optional.empty() : literal(range.substring(0, slash));
    if (base.isEmpty() || base.get().getAddress().length != address.getAddress().length) {
      return false;
    }
    int bits = address.getAddress().length * 8;
    int free = bits - Math.clamp(Integer.parseInt(range.substring(slash + 1)), 0, bits);
    return new BigInteger(1, base.get().getAddress())
        .shiftRight(free)
        .equals(new BigInteger(1, address.getAddress()).shiftRight(free));
  }
}
