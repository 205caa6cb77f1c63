package dev.hanse.runtime.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.runtime.RuntimeFault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Docker's forms of image names. */
class ReferenceTest {
  private static final String DIGEST = "sha256:" + "0a".repeat(32);

  @ParameterizedTest
  @CsvSource({
    "busybox, docker.io/library/busybox:latest, busybox:latest",
    "busybox:1.36, docker.io/library/busybox:1.36, busybox:1.36",
    "me/app, docker.io/me/app:latest, me/app:latest",
    "index.docker.io/me/app, docker.io/me/app:latest, me/app:latest",
    "docker.io/library/busybox, docker.io/library/busybox:latest, busybox:latest",
    "localhost/app, localhost/app:latest, localhost/app:latest",
    "127.0.0.1:5000/a/b/c:x_1, 127.0.0.1:5000/a/b/c:x_1, 127.0.0.1:5000/a/b/c:x_1",
    "example.org/app, example.org/app:latest, example.org/app:latest",
  })
  void namesAreCompletedAndShortened(String given, String canonical, String familiar) {
    Reference reference = Reference.parse(given);
    assertThat(reference.canonical()).isEqualTo(canonical);
    assertThat(reference.familiar()).isEqualTo(familiar);
    assertThat(Reference.parse(canonical)).isEqualTo(reference);
  }

  @Test
  void aDigestNeedsNoTag() {
    Reference pinned = Reference.parse("busybox@" + DIGEST);
    assertThat(pinned.tag()).isEmpty();
    assertThat(pinned.familiar()).isEqualTo("busybox@" + DIGEST);
    Reference both = Reference.parse("busybox:1@" + DIGEST);
    assertThat(both.canonical()).isEqualTo("docker.io/library/busybox:1@" + DIGEST);
    assertThat(both.withDigest(DIGEST)).isEqualTo(pinned);
    assertThat(both.withoutDigest()).isEqualTo(Reference.parse("busybox:1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a b", "a//b", "a:", "a:b:c", "x@sha256:12", "-a", "a/-b", "host:99999x/a"})
  void whatIsNoNameIsRefused(String given) {
    assertThatThrownBy(() -> Reference.parse(given))
        .isInstanceOf(RuntimeFault.class)
        .hasMessage("invalid reference format");
  }

  @Test
  void theLimitsOfNames() {
    assertThatThrownBy(() -> Reference.parse("Upper"))
        .hasMessage("invalid reference format: repository name must be lowercase");
    assertThatThrownBy(() -> Reference.parse("0a".repeat(32)))
        .hasMessageContaining("cannot specify 64-byte hexadecimal strings");
    assertThat(Reference.parse("e.x/" + "a".repeat(255)).repository()).hasSize(255);
    assertThatThrownBy(() -> Reference.parse("e.x/" + "a".repeat(256)))
        .hasMessage("repository name must not be more than 255 characters");
  }
}
