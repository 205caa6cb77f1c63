package dev.hanse.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.lab.Lab;
import dev.hanse.lab.client.DockerClient;
import org.junit.jupiter.api.Test;

/** What is told about nodes, the swarm and the daemon. */
@OnSharedLab
class NodeTest {
  private final Lab lab;
  private final DockerCommand docker;

  NodeTest(Lab lab, DockerCommand docker) {
    this.lab = lab;
    this.docker = docker;
  }

  @Test
  void node_ls_shows_all_with_their_roles() {
    assertThat(
            docker
                .run(
                    "node",
                    "ls",
                    "--format",
                    "{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}")
                .lines()
                .map(String::strip)
                .sorted())
        .containsExactly("host1 Ready Active Leader", "host2 Ready Active", "host3 Ready Active");
    assertThat(new DockerCommand(lab, "host2").refused("node", "ls"))
        .contains("This node is not a swarm manager.");
  }

  @Test
  void node_inspect_tells_address_platform_and_resources() {
    JsonNode node = docker.json("node", "inspect", "host2").path(0);
    assertThat(node.at("/Status/Addr").asText()).isEqualTo(lab.host("host2").address());
    assertThat(node.at("/Description/Platform/OS").asText()).isEqualTo("linux");
    assertThat(node.at("/Description/Resources/NanoCPUs").asLong()).isPositive();
    assertThat(node.at("/Description/TLSInfo/TrustRoot").asText())
        .startsWith("-----BEGIN CERTIFICATE");
    assertThat(docker.run("node", "inspect", "--pretty", "self")).contains("Hostname:", "host1");
    assertThat(docker.refused("node", "inspect", "host9"))
        .containsAnyOf("node host9 not found", "No such node: host9");
  }

  @Test
  void a_node_gets_labels_and_loses_them() {
    docker.run("node", "update", "--label-add", "town=lubeck", "--label-add", "empty", "host3");
    assertThat(docker.json("node", "inspect", "host3").at("/0/Spec/Labels/town").asText())
        .isEqualTo("lubeck");
    docker.run("node", "update", "--label-rm", "town", "--label-rm", "empty", "host3");
    assertThat(docker.json("node", "inspect", "host3").at("/0/Spec/Labels")).isEmpty();
  }

  @Test
  void a_stale_version_is_refused() throws Exception {
    DockerClient manager = lab.docker("host1");
    JsonNode node =
        manager.get("/nodes/" + docker.run("node", "inspect", "-f", "{{.ID}}", "host3"));
    long version = node.at("/Version/Index").asLong();
    String path = "/nodes/" + node.path("ID").asText() + "/update?version=";
    manager.post(path + version, node.path("Spec"));
    assertThatThrownBy(() -> manager.post(path + version, node.path("Spec")))
        .hasMessageContaining("update out of sequence");
  }

  @Test
  void info_and_version_tell_the_swarm_and_the_api() throws Exception {
    JsonNode info = lab.docker("host1").get("/info");
    assertThat(info.at("/Swarm/LocalNodeState").asText()).isEqualTo("active");
    assertThat(info.at("/Swarm/ControlAvailable").asBoolean()).isTrue();
    assertThat(info.at("/Swarm/Nodes").asInt()).isEqualTo(3);
    assertThat(info.path("Name").asText()).isEqualTo("host1");
    JsonNode version = lab.docker("host2").get("/version");
    assertThat(version.path("ApiVersion").asText()).isEqualTo("1.51");
    assertThat(version.path("MinAPIVersion").asText()).isEqualTo("1.41");
    assertThat(docker.run("info")).contains("Swarm: active", "Is Manager: true");
    assertThat(docker.run("system", "df")).contains("Images", "Containers", "Local Volumes");
  }
}
