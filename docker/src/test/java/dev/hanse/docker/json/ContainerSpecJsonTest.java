package dev.hanse.docker.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.docker.Failures;
import dev.hanse.docker.field.Fields;
import dev.hanse.model.ContainerSpec;
import dev.hanse.web.Json;
import org.junit.jupiter.api.Test;

/** What a client says of a container that makes no sense, and what it leaves out. */
class ContainerSpecJsonTest {
  private static ContainerSpec read(String json) {
    return ContainerSpecJson.TABLE.read(Fields.of(Json.parse(json, IllegalStateException::new)));
  }

  private static void refused(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .satisfies(fault -> assertThat(Failures.of(fault).status()).isEqualTo(400))
        .hasMessage(message);
  }

  @Test
  void names_that_no_line_has_are_ignored_and_null_is_absent() {
    assertThat(read("{\"Image\":\"a\",\"Unknown\":{\"x\":1},\"Env\":null,\"Mounts\":[null]}"))
        .isEqualTo(ContainerSpec.newBuilder().setImage("a").build());
  }

  @Test
  void shared_memory_is_zero_or_more() {
    assertThat(read("{\"ShmSize\":0}").getShmBytes()).isZero();
    assertThat(read("{\"ShmSize\":1048576}").getShmBytes()).isEqualTo(1 << 20);
    refused("{\"ShmSize\":-1}", "SHM size can not be less than 0");
  }

  @Test
  void a_value_of_the_wrong_type_is_named() {
    refused(
        "{\"Ulimits\":[{\"Name\":1}]}",
        "invalid JSON: json: cannot unmarshal number into Go struct field Ulimits.Name of type string");
    refused(
        "{\"OomScoreAdj\":\"1\"}",
        "invalid JSON: json: cannot unmarshal string into Go struct field OomScoreAdj of type int64");
  }

  @Test
  void a_config_has_one_target_and_credentials_one_source() {
    refused("{\"Configs\":[{}]}", "invalid Config: either File or Runtime should be set");
    refused(
        "{\"Configs\":[{\"File\":{},\"Runtime\":{}}]}",
        "invalid Config: cannot specify both File and Runtime");
    refused(
        "{\"Privileges\":{\"CredentialSpec\":{\"Config\":\"a\",\"File\":\"b\"}}}",
        "invalid CredentialSpec: cannot specify both \"config\" and \"file\" credential specs");
    refused(
        "{\"Privileges\":{\"CredentialSpec\":{\"Config\":\"a\",\"File\":\"b\",\"Registry\":\"c\"}}}",
        "invalid CredentialSpec: cannot specify both \"config\", \"file\", and \"registry\" credential specs");
  }

  @Test
  void words_of_mounts_are_taken_in_any_case_and_others_refused() {
    assertThat(read("{\"Mounts\":[{\"Type\":\"Tmpfs\"}]}").getMounts(0).getType().name())
        .isEqualTo("TMPFS");
    refused("{\"Mounts\":[{\"Type\":\"disk\"}]}", "invalid MountType: \"disk\"");
    refused("{\"Mounts\":[{\"Type\":\"unrecognized\"}]}", "invalid MountType: \"unrecognized\"");
    assertThat(read("{\"Isolation\":\"what\"}").getIsolation().getNumber()).isZero();
  }
}
