package dev.hanse.docker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.docker.Cli;
import dev.hanse.docker.TestSwarm;
import dev.hanse.model.NodeRole;
import dev.hanse.store.Kind;
import dev.hanse.store.StoredSnapshot;
import dev.hanse.web.RawClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The state of a cluster out of one daemon and into another. */
@Timeout(120)
final class ClusterRoutesTest {
  @TempDir Path directory;

  @Test
  void a_saved_cluster_lives_again_in_another_daemon() throws Exception {
    String id;
    long index;
    byte[] state;
    try (TestSwarm swarm = swarm("one")) {
      Cli docker = swarm.cli();
      docker.ok("swarm", "init", "--advertise-addr", "127.0.0.1");
      docker.ok("network", "create", "-d", "overlay", "back");
      id = swarm.snapshot().cluster().orElseThrow().getId();
      Answer answer = get(swarm);
      assertThat(answer.head)
          .startsWith("HTTP/1.1 200")
          .contains("Hanse-Cluster-Id: " + id, "application/x-hanse-state");
      index = Long.parseLong(answer.head.replaceAll("(?s).*Hanse-Log-Index: (\\d+)\n.*", "$1"));
      state = answer.body.toByteArray();
      assertThat(StoredSnapshot.restore(new ByteArrayInputStream(state), index).cluster())
          .isEqualTo(swarm.snapshot().cluster());
    }
    try (TestSwarm swarm = swarm("two")) {
      String target = "/hanse/v1/cluster/restore?clusterId=" + id + "&index=" + index;
      String answer = post(swarm, target + "&availability=drain", state);
      assertThat(answer).startsWith("HTTP/1.1 200").contains("\"NodeID\":\"" + swarm.nodeId());
      assertThat(swarm.cli().ok("network", "ls", "-q", "--filter", "name=back")).isNotEmpty();
      assertThat(swarm.cli().ok("info", "-f", "{{.Swarm.Cluster.ID}}")).isEqualTo(id);
      assertThat(swarm.snapshot().all(Kind.NODE))
          .singleElement()
          .satisfies(node -> assertThat(node.getRole()).isEqualTo(NodeRole.MANAGER));
    }
  }

  @Test
  void what_cannot_be_is_refused_in_words() throws Exception {
    try (TestSwarm swarm = swarm("one")) {
      assertThat(get(swarm).head).startsWith("HTTP/1.1 503");
      byte[] nothing = new byte[0];
      assertThat(post(swarm, "/hanse/v1/cluster/restore?index=-1", nothing))
          .startsWith("HTTP/1.1 400")
          .contains("not a log index: -1");
      assertThat(post(swarm, "/hanse/v1/cluster/restore?index=1&availability=lazy", nothing))
          .startsWith("HTTP/1.1 400")
          .contains("invalid Availability");
      assertThat(post(swarm, "/hanse/v1/cluster/restore?index=1", nothing))
          .startsWith("HTTP/1.1 400")
          .contains("the saved state holds no cluster");
    }
  }

  @Test
  void a_node_is_told_where_managers_are() throws Exception {
    try (TestSwarm swarm = swarm("one")) {
      assertThat(managers(swarm, "\"10.0.0.9:2377\", \"[2001:db8::1]:2377\""))
          .startsWith("HTTP/1.1 200");
      assertThat(swarm.sought()).containsExactly("10.0.0.9:2377", "[2001:db8::1]:2377");
      assertThat(managers(swarm, "\"10.0.0.9\"")).startsWith("HTTP/1.1 400").contains("HOST:PORT");
      assertThat(managers(swarm, "")).startsWith("HTTP/1.1 400").contains("1 to 64 addresses");
      assertThat(managers(swarm, "\"h:1\"" + ", \"h:1\"".repeat(63))).startsWith("HTTP/1.1 200");
      assertThat(managers(swarm, "\"h:1\"" + ", \"h:1\"".repeat(64))).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void a_node_is_told_that_its_machine_goes_down() throws Exception {
    try (TestSwarm swarm = swarm("one")) {
      byte[] nothing = new byte[0];
      assertThat(post(swarm, "/hanse/v1/node/shutdown?timeout=86400", nothing))
          .startsWith("HTTP/1.1 200")
          .contains("{\"Running\":86400}");
      for (String wrong : new String[] {"", "-1", "86401", "soon"}) {
        assertThat(post(swarm, "/hanse/v1/node/shutdown?timeout=" + wrong, nothing))
            .startsWith("HTTP/1.1 400")
            .contains("not a number of seconds up to 86400: " + wrong);
      }
    }
  }

  private TestSwarm swarm(String name) throws Exception {
    return new TestSwarm(Files.createDirectories(directory.resolve(name)));
  }

  private static String managers(TestSwarm swarm, String addresses) throws Exception {
    byte[] body = ("{\"Addresses\": [" + addresses + "]}").getBytes(StandardCharsets.UTF_8);
    return post(swarm, "/v1.41/hanse/v1/cluster/managers", body);
  }

  private record Answer(String head, ByteString body) {}

  private static Answer get(TestSwarm swarm) throws Exception {
    try (RawClient client = RawClient.connect(swarm.socket())) {
      client.send("GET /hanse/v1/cluster/snapshot HTTP/1.1\nHost: docker\nConnection: close\n\n");
      String head = client.head();
      int length = Integer.parseInt(head.replaceAll("(?s).*Content-Length: (\\d+)\n.*", "$1"));
      byte[] body = client.bytes(length + 1);
      assertThat(body).hasSize(length);
      return new Answer(head, ByteString.copyFrom(body));
    }
  }

  private static String post(TestSwarm swarm, String target, byte[] body) throws Exception {
    try (RawClient client = RawClient.connect(swarm.socket())) {
      client.send(
          "POST %s HTTP/1.1\nHost: docker\nConnection: close\nContent-Type: application/json\nContent-Length: %d\n\n"
              .formatted(target, body.length));
      return client.sendBytes(body).readToEnd();
    }
  }
}
