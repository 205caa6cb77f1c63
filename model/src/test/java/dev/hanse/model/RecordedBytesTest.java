package dev.hanse.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real Docker manager sent is understood to the last field and sent back unchanged. */
class RecordedBytesTest {
  static Stream<Arguments> recordings() {
    return Stream.of(
        Arguments.of("list-nodes", ListNodesResponse.parser()),
        Arguments.of("list-services", ListServicesResponse.parser()),
        Arguments.of("list-tasks", ListTasksResponse.parser()),
        Arguments.of("list-networks", ListNetworksResponse.parser()),
        Arguments.of("list-clusters", ListClustersResponse.parser()),
        Arguments.of("list-secrets", ListSecretsResponse.parser()),
        Arguments.of("list-configs", ListConfigsResponse.parser()),
        Arguments.of("session", SessionMessage.parser()),
        Arguments.of("assignments", AssignmentsMessage.parser()));
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void aRecordingComesBackWithoutLoss(String name, Parser<? extends Message> parser)
      throws IOException {
    byte[] recorded = read(name);
    Message message = parser.parseFrom(recorded);

    assertThat(unknownFields(message)).as("fields that our messages lack").isEmpty();
    // The order of map entries is free, so the bytes are compared by what they say and by number.
    byte[] encoded = message.toByteArray();
    assertThat(encoded).hasSameSizeAs(recorded);
    assertThat(parser.parseFrom(encoded)).isEqualTo(message);
    assertThat(sorted(encoded)).isEqualTo(sorted(recorded));
  }

  @Test
  void theServiceThatWasCreatedIsRecognised() throws IOException {
    Service web =
        ListServicesResponse.parseFrom(read("list-services")).getServicesList().stream()
            .filter(service -> service.getSpec().getAnnotations().getName().equals("web"))
            .findFirst()
            .orElseThrow();
    ServiceSpec spec = web.getSpec();
    ContainerSpec container = spec.getTask().getContainer();

    assertThat(spec.getReplicated().getReplicas()).isEqualTo(2);
    assertThat(spec.getAnnotations().getLabelsMap()).containsEntry("com.example", "web");
    assertThat(container.getImage()).startsWith("busybox:latest");
    assertThat(container.getEnvList()).containsExactly("A=b", "C=d");
    assertThat(container.getReadOnly()).isTrue();
    assertThat(container.getInit().getValue()).isTrue();
    assertThat(container.getCapabilityAddList()).containsExactly("CAP_NET_ADMIN");
    assertThat(container.getSysctlsMap()).containsEntry("net.core.somaxconn", "1024");
    assertThat(container.getStopGracePeriod().getSeconds()).isEqualTo(3);
    assertThat(container.getMountsList())
        .extracting(Mount::getType)
        .containsExactlyInAnyOrder(Mount.Type.TMPFS, Mount.Type.VOLUME);
    assertThat(container.getSecrets(0).getSecretName()).isEqualTo("password");
    assertThat(container.getConfigs(0).getFile().getName()).isEqualTo("/settings");
    assertThat(spec.getTask().getRestart().getCondition())
        .isEqualTo(RestartPolicy.RestartCondition.ON_FAILURE);
    assertThat(spec.getUpdate().getOrder()).isEqualTo(UpdateConfig.UpdateOrder.START_FIRST);
    assertThat(spec.getUpdate().getFailureAction()).isEqualTo(UpdateConfig.FailureAction.ROLLBACK);
    assertThat(spec.getEndpoint().getPortsList())
        .extracting(PortConfig::getPublishedPort)
        .containsExactlyInAnyOrder(8080, 9090);
    assertThat(web.getEndpoint().getVirtualIpsCount()).isEqualTo(2);
  }

  private static List<String> unknownFields(Message message) {
    Stream<String> own =
        message.getUnknownFields().asMap().keySet().stream()
            .map(number -> message.getDescriptorForType().getName() + "." + number);
    Stream<String> nested =
        message.getAllFields().entrySet().stream()
            .filter(entry -> entry.getKey().getJavaType() == FieldDescriptor.JavaType.MESSAGE)
            .flatMap(RecordedBytesTest::messages)
            .flatMap(child -> unknownFields(child).stream());
    return Stream.concat(own, nested).toList();
  }

  private static Stream<Message> messages(Map.Entry<FieldDescriptor, Object> field) {
    Object value = field.getValue();
    return value instanceof List<?> list
        ? list.stream().map(Message.class::cast)
        : Stream.of((Message) value);
  }

  private static byte[] sorted(byte[] bytes) {
    byte[] copy = bytes.clone();
    java.util.Arrays.sort(copy);
    return copy;
  }

  private static byte[] read(String name) throws IOException {
    String path = "/docker-20.10/" + name + ".bin";
    try (InputStream in =
        Optional.ofNullable(RecordedBytesTest.class.getResourceAsStream(path)).orElseThrow()) {
      return in.readAllBytes();
    }
  }
}
