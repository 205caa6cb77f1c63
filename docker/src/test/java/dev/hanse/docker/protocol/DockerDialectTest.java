package dev.hanse.docker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.web.HttpFailure;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DockerDialectTest {
  private final DockerDialect dialect =
      new DockerDialect("Hanse/test (linux)", fault -> HttpFailure.internal(fault.toString()));

  private String address(String path) {
    var address = dialect.address(path);
    return address.variables().get(DockerDialect.VERSION) + " " + address.path();
  }

  @Test
  void everyAnswerCarriesDockersHeaders() {
    assertThat(dialect.headers())
        .isEqualTo(
            Map.of(
                "Api-Version", "1.51",
                "Ostype", "linux",
                "Docker-Experimental", "false",
                "Server", "Hanse/test (linux)"));
  }

  @Test
  void aVersionBeforeThePathIsTheClients() {
    assertThat(address("/_ping")).isEqualTo("1.51 /_ping");
    assertThat(address("/v1.41/_ping")).isEqualTo("1.41 /_ping");
    assertThat(address("/v1.51/images/a/b/json")).isEqualTo("1.51 /images/a/b/json");
    assertThat(address("/volumes")).isEqualTo("1.51 /volumes");
    assertThat(address("/v1.51")).isEqualTo("1.51 /v1.51");
    assertThat(address("/v/x")).isEqualTo("1.51 /v/x");
  }

  @Test
  void versionsOneBeyondWhatIsServedAreRefusedWithDockersTexts() {
    assertThatThrownBy(() -> dialect.address("/v1.40/_ping"))
        .hasMessage(
            "client version 1.40 is too old. Minimum supported API version is 1.41, please upgrade your client to a newer version");
    assertThatThrownBy(() -> dialect.address("/v1.52/_ping"))
        .hasMessage("client version 1.52 is too new. Maximum supported API version is 1.51");
    assertThatThrownBy(() -> dialect.address("/v1.99999999999/_ping"))
        .hasMessage("invalid API version: 1.99999999999");
  }
}
