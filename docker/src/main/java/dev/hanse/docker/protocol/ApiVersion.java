package dev.hanse.docker.protocol;

import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import java.util.Comparator;

/**
 * A version of the Docker Engine API, such as 1.51. A client asks for one with the path prefix
 * {@code /v1.51}; without a prefix it gets the newest.
 */
public record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
  /** The oldest version served. */
  public static final ApiVersion MINIMUM = new ApiVersion(1, 41);

  /** The newest version served, and the default. */
  public static final ApiVersion MAXIMUM = new ApiVersion(1, 51);

  private static final Comparator<ApiVersion> ORDER =
      Comparator.comparingInt(ApiVersion::major).thenComparingInt(ApiVersion::minor);

  /**
   * The version asked for by a path prefix (digits and dots, without the {@code v}).
   *
   * @throws HttpFailure 400 with Docker's text if it is too old, too new or not a version
   */
  static ApiVersion requested(String text) {
    ApiVersion version = parse(text);
    if (version.compareTo(MINIMUM) < 0) {
      throw HttpFailure.invalid(
          "client version %s is too old. Minimum supported API version is %s, please upgrade your client to a newer version"
              .formatted(text, MINIMUM));
    }
    if (version.compareTo(MAXIMUM) > 0) {
      throw HttpFailure.invalid(
          "client version %s is too new. Maximum supported API version is %s"
              .formatted(text, MAXIMUM));
    }
    return version;
  }

  /** The version that the client of a request speaks. */
  public static ApiVersion of(Exchange exchange) {
    return parse(exchange.variable(DockerDialect.VERSION));
  }

  private static ApiVersion parse(String text) {
    String[] parts = text.split("\\.", 3);
    try {
      return new ApiVersion(
          Integer.parseInt(parts[0]), parts.length > 1 ? Integer.parseInt(parts[1]) : 0);
    } catch (NumberFormatException e) {
      throw HttpFailure.invalid("invalid API version: " + text);
    }
  }

  /** Whether this version is at least MAJOR.MINOR. */
  public boolean atLeast(int otherMajor, int otherMinor) {
    return compareTo(new ApiVersion(otherMajor, otherMinor)) >= 0;
  }

  @Override
  public int compareTo(ApiVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
