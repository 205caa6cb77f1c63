package dev.hanse.docker.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hanse.docker.Cli;
import dev.hanse.docker.TestSwarm;
import dev.hanse.health.Health;
import dev.hanse.web.RawClient;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the node says of its health over the API. */
@Timeout(60)
final class HealthRouteTest {
  @TempDir Path directory;

  @Test
  void a_node_says_what_is_wrong_with_it_for_as_long_as_it_is() throws Exception {
    try (TestSwarm swarm = new TestSwarm(directory)) {
      Cli docker = swarm.cli();
      assertThat(Cli.warnings(docker.run("", "info"))).isEmpty();
      JsonNode well = health(swarm, 200);
      assertThat(well.path("State").asText()).isEqualTo("healthy");
      assertThat(well.path("Parts").isArray()).isTrue();

      try (Health.Part minor =
          swarm.health().condition("managers", false, () -> Optional.of("none answers"))) {
        JsonNode impaired = health(swarm, 200);
        assertThat(impaired.path("State").asText()).isEqualTo("impaired");
        JsonNode part = impaired.path("Parts").path(0);
        assertThat(part.path("Name").asText()).isEqualTo("managers");
        assertThat(part.path("Vital").asBoolean()).isFalse();
        assertThat(part.path("State").asText()).isEqualTo("faulty");
        assertThat(part.path("Fault").asText()).isEqualTo("managers: none answers");
        assertThat(part.path("Since").asText()).startsWith("20").endsWith("Z");

        try (Health.Part vital =
            swarm.health().condition("containerd", true, () -> Optional.of("does not answer"))) {
          assertThat(health(swarm, 503).path("State").asText()).isEqualTo("unhealthy");
          assertThat(ask(swarm, "HEAD")).startsWith("HTTP/1.1 503").endsWith("\r\n\r\n");
          assertThat(docker.run("", "info").errors())
              .contains("WARNING: containerd: does not answer", "WARNING: managers: none answers");
          assertThat(vital).isNotSameAs(minor);
        }
      }
      assertThat(health(swarm, 200).path("State").asText()).isEqualTo("healthy");
      assertThat(Cli.warnings(docker.run("", "info"))).isEmpty();
    }
  }

  private static JsonNode health(TestSwarm swarm, int status) throws Exception {
    String answer = ask(swarm, "GET");
    assertThat(answer).startsWith("HTTP/1.1 " + status);
    int body = answer.indexOf('{');
    return new ObjectMapper().readTree(answer.substring(body));
  }

  private static String ask(TestSwarm swarm, String method) throws Exception {
    try (RawClient client = RawClient.connect(swarm.socket())) {
      return client
          .send(method + " /hanse/v1/health HTTP/1.1\nHost: x\nConnection: close\n\n")
          .readToEnd();
    }
  }
}
