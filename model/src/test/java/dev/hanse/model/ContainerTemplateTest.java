package dev.hanse.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.text.template.Functions;
import dev.hanse.text.template.TemplateFault;
import dev.hanse.text.template.Value;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerTemplateTest {
  private static final ContainerTemplate TEMPLATE =
      new ContainerTemplate(
          Map.of(
              "Service.ID", "s1",
              "Service.Name", "web",
              "Node.ID", "n1",
              "Node.Hostname", "host-a",
              "Node.Platform.Architecture", "x86_64",
              "Node.Platform.OS", "linux",
              "Task.ID", "t1",
              "Task.Name", "web.3.t1",
              "Task.Slot", "3"),
          Map.of("tier", "front"));

  private static final Functions LOOKUPS =
      new Functions() {
        @Override
        public Set<String> names() {
          return Set.of("env");
        }

        @Override
        public Value call(String name, List<Value> arguments) throws TemplateFault {
          return new Value.Text(name + "(" + Functions.text(arguments.getFirst()) + ")");
        }
      };

  private static String hostname(String text) throws TemplateFault {
    return TEMPLATE.fill(ContainerSpec.newBuilder().setHostname(text).build()).getHostname();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " -> ",
      quoteCharacter = '^',
      value = {
        "plain -> plain",
        "{{.Service.Name}}-{{.Task.Slot}} -> web-3",
        "{{.Node.ID}}/{{.Service.ID}}/{{.Task.ID}} -> n1/s1/t1",
        "{{.Node.Hostname}}/{{.Node.Platform.OS}}/{{.Node.Platform.Architecture}} -> host-a/linux/x86_64",
        "{{.Task.Name}} -> web.3.t1",
        "{{index .Service.Labels \"tier\"}} -> front",
        "{{join \"-\" .Service.Name \"x\"}} -> web-x",
        "{{if eq .Task.Slot \"3\"}}primary{{else}}replica{{end}} -> primary",
        "{{with index .Service.Labels \"tier\"}}{{.}}-{{end}}{{.Service.Name | printf \"%.2s\"}} -> front-we"
      })
  void fields_and_functions_are_those_of_swarmkit(String text, String expected)
      throws TemplateFault {
    assertThat(hostname(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{.Service.Nam}}",
        "{{.Service.Name",
        "{{.Service.Labels.other}}",
        "{{join}}",
        "{{join 1}}",
        "{{env \"X\"}}"
      })
  void what_cannot_be_filled_is_refused(String text) {
    assertThatThrownBy(() -> hostname(text))
        .isInstanceOf(TemplateFault.class)
        .hasMessageStartingWith("expanding hostname failed: template: expansion:1");
  }

  @Test
  void hostname_environment_and_mounts_are_filled_and_nothing_else() throws TemplateFault {
    ContainerSpec spec =
        ContainerSpec.newBuilder()
            .setHostname("{{.Node.Hostname}}")
            .addEnv("SLOT={{.Task.Slot}}")
            .addEnv("BARE{{")
            .addMounts(
                Mount.newBuilder()
                    .setSource("data-{{.Task.Slot}}")
                    .setTarget("/{{.Service.Name}}")
                    .setVolumeOptions(
                        Mount.VolumeOptions.newBuilder()
                            .putLabels("of", "{{.Service.Name}}")
                            .setDriverConfig(
                                Driver.newBuilder().putOptions("device", "/{{.Task.Slot}}"))))
            .addArgs("{{.Left}}")
            .build();
    ContainerSpec filled = TEMPLATE.fill(spec);

    assertThat(filled.getHostname()).isEqualTo("host-a");
    assertThat(filled.getEnvList()).containsExactly("SLOT=3", "BARE{{");
    assertThat(filled.getMounts(0).getSource()).isEqualTo("data-3");
    assertThat(filled.getMounts(0).getTarget()).isEqualTo("/web");
    assertThat(filled.getMounts(0).getVolumeOptions().getLabelsMap()).containsEntry("of", "web");
    assertThat(filled.getMounts(0).getVolumeOptions().getDriverConfig().getOptionsMap())
        .containsEntry("device", "/3");
    assertThat(filled.getArgsList()).containsExactly("{{.Left}}");
  }

  @Test
  void a_host_name_is_still_one_line_when_it_is_filled_in() {
    ContainerTemplate lines = new ContainerTemplate(Map.of(), Map.of("tier", "a\n127.0.0.1 db"));
    ContainerSpec spec =
        ContainerSpec.newBuilder().setHostname("{{index .Service.Labels \"tier\"}}").build();
    assertThatThrownBy(() -> lines.fill(spec))
        .isInstanceOf(TemplateFault.class)
        .hasMessage("template: expansion: Hostname must not contain control characters");
  }

  @Test
  void payloads_may_ask_for_more() throws TemplateFault {
    assertThat(TEMPLATE.fillPayload("{{env \"A\"}} {{join \",\" \"a\" \"b\"}}", LOOKUPS, 100))
        .isEqualTo("env(A) a,b");
    assertThatThrownBy(() -> TEMPLATE.fillPayload("{{secret \"A\"}}", LOOKUPS, 100))
        .hasMessage("template: expansion:1: function \"secret\" not defined");
  }

  @Test
  @Tag("attack")
  @Timeout(20)
  void a_label_in_ten_thousand_places_is_refused_before_it_fills_the_memory() {
    ContainerTemplate large = new ContainerTemplate(Map.of(), Map.of("a", "x".repeat(500_000)));
    for (String bomb :
        List.of(
            "{{.Service.Labels.a}}".repeat(10_000),
            "{{join \"\"" + " .Service.Labels.a".repeat(10_000) + "}}")) {
      assertThatThrownBy(() -> large.fill(ContainerSpec.newBuilder().addEnv("A=" + bomb).build()))
          .isInstanceOf(TemplateFault.class)
          .hasMessageContaining("more than");
      assertThatThrownBy(() -> large.fillPayload(bomb, LOOKUPS, 1 << 20))
          .isInstanceOf(TemplateFault.class);
    }
  }
}
