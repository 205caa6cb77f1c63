package dev.hanse.runtime.content;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.text.Digits;
import dev.hanse.text.ImageName;
import dev.hanse.text.ImageNameReading;
import java.util.Optional;

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
  public static final String DOCKER_HUB = ImageName.DOCKER_HUB;

  private static final String SHA256 = "sha256:";
  private static final int SHA256_DIGITS = 64;

  /**
   * Reads a name as the user types it.
   *
   * @throws RuntimeFault INVALID with Docker's text
   */
  public static Reference parse(String text) {
    return switch (ImageName.parse(text)) {
      case ImageNameReading.Malformed malformed -> throw invalid(malformed.reason());
      case ImageName name -> of(name);
    };
  }

  private static Reference of(ImageName name) {
    if (!name.digest().map(Reference::isSha256).orElse(true)) {
      throw invalid("invalid reference format");
    }
    Optional<String> tag =
        name.tag().isEmpty() && name.digest().isEmpty() ? Optional.of("latest") : name.tag();
    return new Reference(name.domain(), name.repository(), tag, name.digest());
  }

  private static boolean isSha256(String digest) {
    return digest.startsWith(SHA256)
        && Digits.areHex(digest.substring(SHA256.length()), SHA256_DIGITS);
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
