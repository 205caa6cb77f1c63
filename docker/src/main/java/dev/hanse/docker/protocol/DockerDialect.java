package dev.hanse.docker.protocol;

import dev.hanse.web.Dialect;
import dev.hanse.web.HttpFailure;
import java.util.Map;
import java.util.function.Function;

/**
 * How Docker's Engine API is spoken: the client's version before the path, and errors as {@code
 * {"message": …}}.
 */
public final class DockerDialect implements Dialect {
  /** The variable of each request that {@link ApiVersion#of} reads. */
  static final String VERSION = "api-version";

  private final Map<String, String> headers;
  private final Function<Throwable, HttpFailure> failures;

  /**
   * The dialect.
   *
   * @param product for the {@code Server} header, such as "Hanse/0.1.0 (linux)"
   * @param failures the answer for what a route threw
   */
  public DockerDialect(String product, Function<Throwable, HttpFailure> failures) {
    this.failures = failures;
    this.headers =
        Map.of(
            "Api-Version",
            ApiVersion.MAXIMUM.toString(),
            "Docker-Experimental",
            "false",
            "Ostype",
            "linux",
            "Server",
            product);
  }

  @Override
  public Address address(String path) {
    if (path.startsWith("/v")) {
      int end = path.indexOf('/', 2);
      String version = path.substring(2, Math.max(2, end));
      if (!version.isEmpty() && version.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'))) {
        return new Address(
            path.substring(end), Map.of(VERSION, ApiVersion.requested(version).toString()));
      }
    }
    return new Address(path, Map.of(VERSION, ApiVersion.MAXIMUM.toString()));
  }

  @Override
  public Map<String, String> headers() {
    return headers;
  }

  @Override
  public HttpFailure failure(Throwable fault) {
    return failures.apply(fault);
  }
}
