package dev.hanse.runtime.images;

import dev.hanse.runtime.RuntimeFault;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An image name in Docker's full form: {@code domain/repository[:tag][@digest]}. {@code busybox} is
 * {@code docker.io/library/busybox:latest}. Grammar: the distribution project's reference document.
 *
 * @param domain registry host, with port if it has one
 * @param repository path inside the registry
 * @param tag tag, if named; {@code latest} is filled in when there is neither tag nor digest
 * @param digest {@code sha256:…}, if the image is pinned
 */
public record Reference(
    String domain, String repository, Optional<String> tag, Optional<String> digest) {

  /** The registry that a name without a host means. */
  public static final String DOCKER_HUB = "docker.io";

  private static final int NAME_LENGTH_MAX = 255;
  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?");
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Pattern BARE_ID = Pattern.compile("[0-9a-f]{64}");

  /**
   * Reads a name as the user types it.
   *
   * @throws RuntimeFault INVALID with Docker's text
   */
  public static Reference parse(String text) {
    if (BARE_ID.matcher(text).matches()) {
      throw invalid(
          "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
    }
    String rest = text;
    Optional<String> digest = Optional.empty();
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Optional.of(rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    Optional<String> tag = Optional.empty();
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = Optional.of(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
    }
    String domain = DOCKER_HUB;
    String repository = rest;
    int slash = rest.indexOf('/');
    if (slash > 0 && looksLikeHost(rest.substring(0, slash))) {
      domain = rest.substring(0, slash);
      repository = rest.substring(slash + 1);
    }
    if (domain.equals("index.docker.io")) {
      domain = DOCKER_HUB;
    }
    if (domain.equals(DOCKER_HUB) && repository.indexOf('/') < 0) {
      repository = "library/" + repository;
    }
    if (!repository.equals(repository.toLowerCase(java.util.Locale.ROOT))) {
      throw invalid("invalid reference format: repository name must be lowercase");
    }
    check(REPOSITORY, repository);
    check(DOMAIN, domain);
    tag.ifPresent(value -> check(TAG, value));
    digest.ifPresent(value -> check(DIGEST, value));
    if (repository.length() > NAME_LENGTH_MAX) {
      throw invalid("repository name must not be more than 255 characters");
    }
    if (tag.isEmpty() && digest.isEmpty()) {
      tag = Optional.of("latest");
    }
    return new Reference(domain, repository, tag, digest);
  }

  private static boolean looksLikeHost(String first) {
    return first.indexOf('.') >= 0
        || first.indexOf(':') >= 0
        || first.equals("localhost")
        || !first.equals(first.toLowerCase(java.util.Locale.ROOT));
  }

  private static void check(Pattern pattern, String value) {
    if (!pattern.matcher(value).matches()) {
      throw invalid("invalid reference format");
    }
  }

  private static RuntimeFault invalid(String message) {
    return new RuntimeFault(RuntimeFault.Kind.INVALID, message);
  }

  /** Domain and repository: {@code docker.io/library/busybox}. */
  public String name() {
    return domain + "/" + repository;
  }

  /** The whole name: {@code docker.io/library/busybox:latest}. */
  public String canonical() {
    return name() + suffix();
  }

  /** The repository as Docker prints it: {@code busybox}. */
  public String familiarName() {
    if (!domain.equals(DOCKER_HUB)) {
      return name();
    }
    return repository.startsWith("library/") && repository.indexOf('/', 8) < 0
        ? repository.substring("library/".length())
        : repository;
  }

  /** The whole name as Docker prints it: {@code busybox:latest}. */
  public String familiar() {
    return familiarName() + suffix();
  }

  /** The same repository pinned to a digest, without tag. */
  public Reference withDigest(String value) {
    return new Reference(domain, repository, Optional.empty(), Optional.of(value));
  }

  /** The same reference without its digest; {@code latest} if no tag remains. */
  public Reference withoutDigest() {
    return new Reference(domain, repository, tag.or(() -> Optional.of("latest")), Optional.empty());
  }

  private String suffix() {
    return tag.map(value -> ":" + value).orElse("") + digest.map(value -> "@" + value).orElse("");
  }

  @Override
  public String toString() {
    return canonical();
  }
}
