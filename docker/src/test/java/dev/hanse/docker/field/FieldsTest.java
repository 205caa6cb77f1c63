package dev.hanse.docker.field;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.docker.json.MountJson;
import dev.hanse.docker.json.ServiceJson;
import dev.hanse.model.Mount;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import org.junit.jupiter.api.Test;

/** Names and types of fields, as Go takes them. */
final class FieldsTest {
  private static JsonNode json(String text) {
    return Json.parse(text.replace('\'', '"'), IllegalStateException::new);
  }

  private static Mount mount(String text) {
    return MountJson.TABLE.read(Fields.of(json(text)));
  }

  @Test
  void a_name_in_other_cases_is_the_name() {
    assertThat(mount("{'source':'a','TARGET':'/b'}"))
        .isEqualTo(mount("{'Source':'a','Target':'/b'}"));
    assertThat(mount("{'\u017fource':'a'}").getSource()).isEqualTo("a");
  }

  @Test
  void the_exact_name_counts_before_others_wherever_it_stands() {
    assertThat(mount("{'source':'b','Source':'a','SOURCE':'c'}").getSource()).isEqualTo("a");
    assertThat(mount("{'source':'b','Source':null}").getSource()).isEmpty();
  }

  @Test
  void of_similar_names_the_last_counts() {
    assertThat(mount("{'source':'b','SOURCE':'c'}").getSource()).isEqualTo("c");
    assertThat(mount("{'source':'b','SOURCE':null}").getSource()).isEmpty();
  }

  @Test
  void unknown_names_are_ignored_and_null_is_absent() {
    assertThat(mount("{'Sauce':'a','Target':null}")).isEqualTo(mount("{}"));
  }

  @Test
  void no_text_contains_a_nul() {
    for (String nul :
        new String[] {
          "{'ContainerSpec':{'Hostname':'a\\u0000'}}",
          "{'ContainerSpec':{'Command':['sh','\\u0000']}}",
          "{'ContainerSpec':{'Labels':{'a':'\\u0000'}}}"
        }) {
      assertThatThrownBy(() -> ServiceJson.spec(Fields.of(json("{'TaskTemplate':" + nul + "}"))))
          .isInstanceOf(HttpFailure.class)
          .hasMessageContaining("invalid TaskTemplate.ContainerSpec.")
          .hasMessageContaining("it contains a NUL character");
    }
  }

  @Test
  void a_number_that_only_go_can_hold_is_refused_as_what_it_is() {
    assertThatThrownBy(
            () ->
                ServiceJson.spec(
                    Fields.of(
                        json(
                            "{'TaskTemplate':{'ContainerSpec':{}},"
                                + "'Mode':{'Replicated':{'Replicas':18446744073709551615}}}"))))
        .isInstanceOf(HttpFailure.class)
        .hasMessage(
            "invalid Mode.Replicated.Replicas: 18446744073709551615 is larger than"
                + " 9223372036854775807");
  }

  @Test
  void a_wrong_type_is_refused_by_the_path_of_the_field() {
    Fields spec =
        Fields.of(
            json(
                "{'TaskTemplate':{'ContainerSpec':{'Mounts':[{'bindoptions':"
                    + "{'NonRecursive':1}}]}}}"));
    assertThatThrownBy(() -> ServiceJson.spec(spec))
        .isInstanceOf(HttpFailure.class)
        .hasMessageContaining(
            "cannot unmarshal number 1 into Go struct field"
                + " TaskTemplate.ContainerSpec.Mounts.BindOptions.NonRecursive of type bool");
  }
}
