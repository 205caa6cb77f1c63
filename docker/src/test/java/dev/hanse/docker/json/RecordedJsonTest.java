package dev.hanse.docker.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.field.Fields;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.ListClustersResponse;
import dev.hanse.model.ListConfigsResponse;
import dev.hanse.model.ListNetworksResponse;
import dev.hanse.model.ListNodesResponse;
import dev.hanse.model.ListSecretsResponse;
import dev.hanse.model.ListServicesResponse;
import dev.hanse.model.ListTasksResponse;
import dev.hanse.model.Service;
import dev.hanse.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * What a Docker manager (20.10.24) answered over HTTP and, at the same moment, over its control
 * socket in protobuf: our JSON of its messages must be its JSON.
 */
final class RecordedJsonTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static InputStream open(String name) {
    InputStream stream = RecordedJsonTest.class.getResourceAsStream(name);
    assertThat(stream).as(name).isNotNull();
    return stream;
  }

  private static JsonNode recorded(String name) throws IOException {
    try (InputStream stream = open(name)) {
      return MAPPER.readTree(stream);
    }
  }

  /** Our JSON, read back so that numbers compare as written, without what 20.10 did not have. */
  private static String asRecorded(JsonNode ours) throws IOException {
    JsonNode copy = MAPPER.readTree(ours.toString());
    for (JsonNode parent : copy.findParents("NoNewPrivileges")) {
      ((ObjectNode) parent).remove("NoNewPrivileges");
    }
    ((ObjectNode) copy).remove(List.of("EnableIPv4", "Volumes"));
    return copy.toPrettyString();
  }

  private static <T> void compare(
      List<T> messages, Function<T, String> id, Function<T, ObjectNode> write, String file)
      throws IOException {
    List<JsonNode> recorded = new ArrayList<>();
    for (JsonNode one : recorded(file)) {
      if (!one.path("Scope").asText().equals("local")) {
        recorded.add(one);
      }
    }
    assertThat(recorded.size()).isPositive().isEqualTo(messages.size());
    for (T message : messages) {
      String expected = "";
      for (JsonNode one : recorded) {
        if (one.path("ID").asText(one.path("Id").asText()).equals(id.apply(message))) {
          expected = one.toPrettyString();
        }
      }
      assertThat(asRecorded(write.apply(message))).isEqualTo(expected);
    }
  }

  @Test
  void services() throws IOException {
    compare(
        ListServicesResponse.parseFrom(open("services.pb")).getServicesList(),
        Service::getId,
        service -> ServiceJson.service(service, Optional.empty()),
        "services.json");
  }

  @Test
  void tasks() throws IOException {
    compare(
        ListTasksResponse.parseFrom(open("tasks.pb")).getTasksList(),
        task -> task.getId(),
        TaskJson::task,
        "tasks.json");
  }

  @Test
  void nodes() throws IOException {
    compare(
        ListNodesResponse.parseFrom(open("nodes.pb")).getNodesList(),
        node -> node.getId(),
        node -> NodeJson.node(node, Optional.of(node.getId())),
        "nodes.json");
  }

  @Test
  void networks() throws IOException {
    compare(
        ListNetworksResponse.parseFrom(open("networks.pb")).getNetworksList().stream()
            .filter(network -> !network.getSpec().getAnnotations().containsLabels(PREDEFINED))
            .toList(),
        network -> network.getId(),
        network -> {
          ObjectNode object = NetworkJson.network(network);
          object.putNull("Containers"); // {} since 28
          return object;
        },
        "networks.json");
  }

  private static final String PREDEFINED = "com.docker.swarm.predefined";

  @Test
  void swarm() throws IOException {
    ListClustersResponse clusters = ListClustersResponse.parseFrom(open("clusters.pb"));
    JsonNode ours = ClusterJson.swarm(clusters.getClusters(0));
    assertThat(ours.toPrettyString()).isEqualTo(recorded("swarm.json").toPrettyString());
  }

  @Test
  void secretsAndConfigs() throws IOException {
    compare(
        ListSecretsResponse.parseFrom(open("secrets.pb")).getSecretsList(),
        secret -> secret.getId(),
        SecretJson::secret,
        "secrets.json");
    compare(
        ListConfigsResponse.parseFrom(open("configs.pb")).getConfigsList(),
        config -> config.getId(),
        ConfigJson::config,
        "configs.json");
  }

  @Test
  void specificationsComeBackAsTheyWere() throws IOException {
    for (JsonNode service : recorded("services.json")) {
      JsonNode spec = service.get("Spec");
      assertThat(asRecorded(ServiceJson.spec(ServiceJson.spec(Fields.of(spec)))))
          .isEqualTo(spec.toPrettyString());
    }
    for (Service service : ListServicesResponse.parseFrom(open("services.pb")).getServicesList()) {
      JsonNode spec =
          Json.parse(ServiceJson.spec(service.getSpec()).toString(), IllegalStateException::new);
      assertThat(ServiceJson.spec(ServiceJson.spec(Fields.of(spec))).toString())
          .isEqualTo(spec.toString());
    }
  }

  @Test
  void aSwarmUpdateKeepsWhatItDoesNotName() throws IOException {
    ClusterSpec present =
        ListClustersResponse.parseFrom(open("clusters.pb")).getClusters(0).getSpec();
    JsonNode same = recorded("swarm.json").get("Spec");
    assertThat(ClusterJson.over(present, Fields.of(same))).isEqualTo(present);
    JsonNode limit = MAPPER.readTree("{\"Orchestration\":{\"TaskHistoryRetentionLimit\":0}}");
    assertThat(ClusterJson.over(present, Fields.of(limit)))
        .isEqualTo(
            present.toBuilder()
                .setOrchestration(
                    present.getOrchestration().toBuilder().setTaskHistoryRetentionLimit(0))
                .build());
  }

  @Test
  void readsFieldNamesWithoutRegardToCase() throws IOException {
    JsonNode spec =
        MAPPER.readTree(
            "{\"name\":\"a\",\"tasktemplate\":{\"containerspec\":{\"image\":\"i\",\"Env\":null}}}");
    assertThat(ServiceJson.spec(Fields.of(spec)).getTask().getContainer().getImage())
        .isEqualTo("i");
  }
}
