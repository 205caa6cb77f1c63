package dev.hanse.identity.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.security.SecureRandom;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens as Docker makes and reads them. */
final class JoinTokenTest {
  /** Recorded from a real manager, with docker-root.crt. */
  private static final String DOCKERS =
      "SWMTKN-1-2b99248ljd01g6fzuzcxafg6fy6hakgtptluhz1ueh1mvf7bi7-ead2zrbjagoz432sboc80duwd";

  @Test
  void aTokenOfDockerNamesItsRoot() throws Exception {
    RootCa root;
    try (InputStream in = JoinTokenTest.class.getResourceAsStream("docker-root.crt")) {
      root = RootCa.of(in.readAllBytes());
    }
    JoinToken token = JoinToken.parse(DOCKERS);
    assertThat(token.names(root)).isTrue();
    assertThat(token.toString()).isEqualTo(DOCKERS);
    assertThat(root.digest()).isEqualTo("sha256:" + token.rootDigestHex());
    assertThat(JoinToken.generate(root, new SecureRandom()).toString())
        .startsWith("SWMTKN-1-2b99248ljd01g6fzuzcxafg6fy6hakgtptluhz1ueh1mvf7bi7-")
        .hasSameSizeAs(DOCKERS)
        .isNotEqualTo(DOCKERS);
  }

  @Test
  void aTokenDoesNotNameAnotherRoot() throws Exception {
    SigningAuthority other = SigningAuthority.create(Instant.now(), new SecureRandom());
    assertThat(JoinToken.parse(DOCKERS).names(other.root())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " ",
        "SWMTKN-1",
        "SWMTKN-2-2b99248ljd01g6fzuzcxafg6fy6hakgtptluhz1ueh1mvf7bi7-ead2zrbjagoz432sboc80duwd",
        "SWMTKN-1-2b99248ljd01g6fzuzcxafg6fy6hakgtptluhz1ueh1mvf7bi-ead2zrbjagoz432sboc80duwd",
        "SWMTKN-1-2b99248ljd01g6fzuzcxafg6fy6hakgtptluhz1ueh1mvf7bi7-ead2zrbjagoz432sboc80duw",
        "SWMTKN-1-2B99248ljd01g6fzuzcxafg6fy6hakgtptluhz1ueh1mvf7bi7-ead2zrbjagoz432sboc80duwd",
        "SWMTKN-1-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz-ead2zrbjagoz432sboc80duwd"
      })
  void anythingElseIsInvalid(String text) {
    assertThatThrownBy(() -> JoinToken.parse(text))
        .isInstanceOfSatisfying(
            IdentityException.class,
            e -> assertThat(e.reason()).isEqualTo(IdentityException.Reason.INVALID_TOKEN))
        .hasMessage("invalid join token");
  }

  @Test
  void noneIsToldApart() {
    assertThatThrownBy(() -> JoinToken.parse("")).hasMessage("join token is necessary");
  }
}
