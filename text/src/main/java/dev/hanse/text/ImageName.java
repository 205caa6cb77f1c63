package dev.hanse.text;

import java.util.Locale;
import java.util.Optional;

/**
 * The name of an image as people write it, "[DOMAIN/]REPOSITORY[:TAG][@DIGEST]". Grammar: the
 * distribution project's reference document, read here in one go by hand: its expression needs a
 * frame of stack for each character.
 *
 * @param domain the registry, with its port if it has one; {@value #DOCKER_HUB} if none is named
 * @param repository the path inside the registry, "library/busybox"
 * @param tag without the colon
 * @param digest with its algorithm, without the at sign
 */
public record ImageName(
    String domain, String repository, Optional<String> tag, Optional<String> digest)
    implements ImageNameReading {
  /** The registry that a name without a domain means. */
  public static final String DOCKER_HUB = "docker.io";

  /** Characters of a repository. */
  public static final int REPOSITORY_LENGTH_MAX = 255;

  /** Characters of the whole: what a repository, a host name, a tag and a digest can need. */
  public static final int LENGTH_MAX = 1_024;

  private static final int TAG_LENGTH_MAX = 128;
  private static final int DIGEST_DIGITS_MIN = 32;
  private static final int ID_DIGITS = 64;
  private static final String FORMAT = "invalid reference format";

  /** Reads a name; what is wrong with it is said in Docker's words. */
  public static ImageNameReading parse(String text) {
    if (text.length() > LENGTH_MAX) {
      return new Malformed(FORMAT);
    }
    if (Digits.areHex(text, ID_DIGITS)) {
      return new Malformed(
          "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
    }
    int at = text.indexOf('@');
    String named = at < 0 ? text : text.substring(0, at);
    Optional<String> digest = at < 0 ? Optional.empty() : Optional.of(text.substring(at + 1));
    int colon = named.lastIndexOf(':');
    Optional<String> tag = Optional.empty();
    if (colon > named.lastIndexOf('/')) {
      tag = Optional.of(named.substring(colon + 1));
      named = named.substring(0, colon);
    }
    return checked(withDomain(named, tag, digest));
  }

  private static ImageName withDomain(String named, Optional<String> tag, Optional<String> digest) {
    int slash = named.indexOf('/');
    String domain = DOCKER_HUB;
    String repository = named;
    if (slash > 0 && isDomain(named.substring(0, slash))) {
      domain = named.substring(0, slash);
      repository = named.substring(slash + 1);
    }
    if (domain.equals("index.docker.io")) {
      domain = DOCKER_HUB;
    }
    if (domain.equals(DOCKER_HUB) && repository.indexOf('/') < 0) {
      repository = "library/" + repository;
    }
    return new ImageName(domain, repository, tag, digest);
  }

  /** Whether the first part of a path is meant as a registry. */
  private static boolean isDomain(String first) {
    return first.indexOf('.') >= 0
        || first.indexOf(':') >= 0
        || first.equals("localhost")
        || !first.equals(first.toLowerCase(Locale.ROOT));
  }

  private static ImageNameReading checked(ImageName name) {
    if (!name.repository.equals(name.repository.toLowerCase(Locale.ROOT))) {
      return new Malformed(FORMAT + ": repository name must be lowercase");
    }
    if (!isRepository(name.repository)
        || !isHost(name.domain)
        || !name.tag.map(ImageName::isTag).orElse(true)
        || !name.digest.map(ImageName::isDigest).orElse(true)) {
      return new Malformed(FORMAT);
    }
    return name.repository.length() > REPOSITORY_LENGTH_MAX
        ? new Malformed("repository name must not be more than 255 characters")
        : name;
  }

  /** Words of small letters and digits between '/', '.', '_', '__' and any number of '-'. */
  private static boolean isRepository(String text) {
    int at = 0;
    while (true) {
      int word = at;
      while (at < text.length() && isSmallAlphanumeric(text.charAt(at))) {
        at++;
      }
      if (at == word) {
        return false;
      }
      if (at == text.length()) {
        return true;
      }
      int separator = separator(text, at);
      if (separator == 0) {
        return false;
      }
      at += separator;
    }
  }

  private static int separator(String text, int at) {
    return switch (text.charAt(at)) {
      case '/', '.' -> 1;
      case '_' -> text.startsWith("__", at) ? 2 : 1;
      case '-' -> {
        int end = at;
        while (end < text.length() && text.charAt(end) == '-') {
          end++;
        }
        yield end - at;
      }
      default -> 0;
    };
  }

  private static boolean isHost(String text) {
    int bracket = text.startsWith("[") ? text.indexOf(']') : -1;
    int colon = text.indexOf(':', bracket + 1);
    String host = colon < 0 ? text : text.substring(0, colon);
    if (colon >= 0 && !Digits.are(text.substring(colon + 1), LENGTH_MAX)) {
      return false;
    }
    return bracket > 0
        ? bracket == host.length() - 1 && isIpv6(host.substring(1, bracket))
        : isHostName(host);
  }

  private static boolean isIpv6(String text) {
    return !text.isEmpty()
        && text.chars().allMatch(one -> one == ':' || (one < 128 && Character.digit(one, 16) >= 0));
  }

  /** Labels of letters, digits and, not at their ends, '-'. */
  private static boolean isHostName(String text) {
    char before = '.';
    for (int at = 0; at < text.length(); at++) {
      char one = text.charAt(at);
      boolean edge = !isAlphanumeric(before);
      if (one == '.' ? edge : one == '-' ? before == '.' : !isAlphanumeric(one)) {
        return false;
      }
      before = one;
    }
    return isAlphanumeric(before);
  }

  private static boolean isTag(String text) {
    return text.length() <= TAG_LENGTH_MAX
        && !text.isEmpty()
        && isWord(text.charAt(0))
        && text.chars().allMatch(one -> isWord((char) one) || one == '.' || one == '-');
  }

  /** Algorithm, colon, hexadecimal digits; the algorithm is words between '-', '_', '+', '.'. */
  private static boolean isDigest(String text) {
    int colon = text.indexOf(':');
    boolean wordBegins = true;
    for (int at = 0; at < colon; at++) {
      char one = text.charAt(at);
      boolean separator = "-_+.".indexOf(one) >= 0;
      if (wordBegins ? !isLetter(one) : !separator && !isAlphanumeric(one)) {
        return false;
      }
      wordBegins = separator;
    }
    return !wordBegins
        && text.length() - colon - 1 >= DIGEST_DIGITS_MIN
        && Digits.areHex(text.substring(colon + 1).toLowerCase(Locale.ROOT));
  }

  private static boolean isWord(char one) {
    return one == '_' || isAlphanumeric(one);
  }

  private static boolean isAlphanumeric(char one) {
    return isLetter(one) || (one >= '0' && one <= '9');
  }

  private static boolean isSmallAlphanumeric(char one) {
    return isAlphanumeric(one) && (one < 'A' || one > 'Z');
  }

  private static boolean isLetter(char one) {
    return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z');
  }
}
