package dev.hanse.docker.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.agent.network.LocalNetworks;
import dev.hanse.agent.task.ContainerPlace;
import dev.hanse.agent.workload.SwarmLabels;
import dev.hanse.docker.json.EndpointId;
import dev.hanse.model.Annotations;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Driver;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.runtime.containers.ContainerState;
import dev.hanse.runtime.containers.ContainerState.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On which networks a container is, as inspect and events say it. */
class NetworkSettingsTest {
  private static final String ID = "0123456789abcdef".repeat(4);
  private static final Task ON_FRONT = task(attachment("n1", "front", "overlay"));

  @TempDir Path directory;
  private LocalNetworks own;

  @BeforeEach
  void drawIds() throws IOException {
    own = LocalNetworks.in(directory);
  }

  private static NetworkAttachment attachment(String id, String name, String driver) {
    return NetworkAttachment.newBuilder()
        .setNetwork(
            Network.newBuilder()
                .setId(id)
                .setSpec(
                    NetworkSpec.newBuilder().setAnnotations(Annotations.newBuilder().setName(name)))
                .setDriverState(Driver.newBuilder().setName(driver)))
        .addAddresses("10.0.1.3/24")
        .addAliases("front-alias")
        .setMacAddress("02:42:0a:00:01:03")
        .build();
  }

  private static Task task(NetworkAttachment... attachments) {
    return Task.newBuilder()
        .setId("task1")
        .setSpec(TaskSpec.newBuilder().setContainer(ContainerSpec.newBuilder().setHostname("sea")))
        .addAllNetworks(List.of(attachments))
        .build();
  }

  private static NodeContainer container(Task task, Phase phase) {
    return new NodeContainer(
        new ContainerState(
            ID,
            "sha256:1",
            Map.of(SwarmLabels.TASK_ID, "task1", SwarmLabels.TASK_NAME, "web.1.task1"),
            phase,
            Optional.of(1),
            Optional.empty(),
            Optional.empty(),
            Instant.EPOCH,
            Map.of()),
        Optional.of(task));
  }

  private JsonNode settings(Task task, Phase phase, Optional<ContainerPlace> place) {
    return new NetworkSettingsJson(own)
        .of(new Inspected(container(task, phase), Optional.empty(), place));
  }

  @Test
  void an_overlay_network_is_told_with_its_end_point_and_names() {
    JsonNode front = settings(ON_FRONT, Phase.RUNNING, Optional.empty()).at("/Networks/front");
    assertThat(front.path("EndpointID").asText())
        .matches("[0-9a-f]{64}")
        .isEqualTo(EndpointId.of(ON_FRONT, "n1"));
    assertThat(front.path("NetworkID").asText()).isEqualTo("n1");
    assertThat(front.path("IPAddress").asText()).isEqualTo("10.0.1.3");
    assertThat(front.path("IPPrefixLen").asInt()).isEqualTo(24);
    assertThat(front.path("DNSNames").toString())
        .isEqualTo("[\"web.1.task1\",\"front-alias\",\"0123456789ab\",\"sea\"]");
  }

  @Test
  void a_container_that_has_ended_is_on_its_networks_no_more() {
    JsonNode ended = settings(ON_FRONT, Phase.EXITED, Optional.empty());
    JsonNode front = ended.at("/Networks/front");
    for (String field : List.of("EndpointID", "IPAddress", "Gateway", "MacAddress")) {
      assertThat(front.path(field).asText("absent")).as(field).isEmpty();
    }
    assertThat(front.at("/IPAMConfig/IPv4Address").asText()).isEqualTo("10.0.1.3");
    assertThat(ended.path("SandboxID").asText("absent")).isEmpty();
  }

  @Test
  void a_task_without_a_network_has_its_address_on_the_bridge() {
    ContainerPlace place =
        new ContainerPlace(
            "sea",
            Optional.of(Path.of("/run/netns/x")),
            Optional.of("172.18.0.7"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    JsonNode settings = settings(task(), Phase.RUNNING, Optional.of(place));
    assertThat(settings.path("IPAddress").asText()).isEqualTo("172.18.0.7");
    assertThat(settings.path("SandboxKey").asText()).isEqualTo("/run/netns/x");
    assertThat(settings.at("/Networks/bridge/IPAddress").asText()).isEqualTo("172.18.0.7");
    assertThat(settings.at("/Networks/bridge/NetworkID").asText())
        .isEqualTo(own.find("bridge").orElseThrow().id());
  }

  @Test
  void the_swarms_stand_in_for_the_hosts_network_goes_by_the_nodes_id() {
    Task onHost = task(attachment("n2", "host", "host"));
    String id = own.find("host").orElseThrow().id();
    assertThat(
            settings(onHost, Phase.RUNNING, Optional.empty())
                .at("/Networks/host/NetworkID")
                .asText())
        .isEqualTo(id);
    assertThat(AttachedNetwork.of(container(onHost, Phase.RUNNING), own))
        .containsExactly(new AttachedNetwork(id, "host", "host"));
  }

  @Test
  void events_name_the_networks_that_a_container_is_on() {
    List<AttachedNetwork> networks = AttachedNetwork.of(container(ON_FRONT, Phase.RUNNING), own);
    assertThat(networks).containsExactly(new AttachedNetwork("n1", "front", "overlay"));
    assertThat(networks.getFirst().eventAttributes(ID))
        .isEqualTo(Map.of("container", ID, "name", "front", "type", "overlay"));
  }
}
