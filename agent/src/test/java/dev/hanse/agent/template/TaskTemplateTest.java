package dev.hanse.agent.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.agent.workload.Placeholders;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.model.Annotations;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Mount;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.Platform;
import dev.hanse.model.Task;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskTemplateTest {
  private static final Task TASK =
      Task.newBuilder()
          .setId("t1")
          .setServiceId("s1")
          .setNodeId("n1")
          .setSlot(3)
          .setServiceAnnotations(Annotations.newBuilder().setName("web").putLabels("tier", "front"))
          .build();
  private static final NodeDescription NODE =
      NodeDescription.newBuilder()
          .setHostname("host-a")
          .setPlatform(Platform.newBuilder().setArchitecture("x86_64").setOs("linux"))
          .build();

  private static Optional<Placeholders> placeholders(Task task) {
    return SwarmWorkloads.workload(task).placeholders();
  }

  private final TaskTemplate template =
      new TaskTemplate(
          placeholders(TASK), NODE, (function, argument) -> function + "(" + argument + ")");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plain | plain",
        "{{.Service.Name}}-{{.Task.Slot}} | web-3",
        "{{ .Node.Hostname }} | host-a",
        "{{.Node.ID}}/{{.Service.ID}}/{{.Task.ID}} | n1/s1/t1",
        "{{.Node.Platform.OS}}/{{.Node.Platform.Architecture}} | linux/x86_64",
        "{{.Task.Name}} | web.3.t1",
        "{{index .Service.Labels \"tier\"}} | front",
        "{{.Service.Labels.tier}} | front",
        "{{join \"-\" .Service.Name \"x\"}} | web-x",
        "{{env \"HOME\"}} | env(HOME)",
        "{{`raw`}} | raw",
      })
  void placeholdersAreFilled(String text, String expected) throws TemplateException {
    assertThat(template.fill(text)).isEqualTo(expected);
  }

  @Test
  void aHostNameIsStillOneLineWhenItIsFilledIn() {
    Task task =
        TASK.toBuilder()
            .setServiceAnnotations(Annotations.newBuilder().putLabels("tier", "a\n127.0.0.1 db"))
            .build();
    ContainerSpec spec =
        ContainerSpec.newBuilder().setHostname("{{index .Service.Labels \"tier\"}}").build();
    assertThatThrownBy(
            () ->
                new TaskTemplate(placeholders(task), NODE, TaskTemplate.Functions.NONE).fill(spec))
        .isInstanceOf(TemplateException.class)
        .hasMessage("template: expansion: Hostname must not contain control characters");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{.Service.Nam}}",
        "{{.Service.Name",
        "{{}}",
        "{{.Task.Slot .Task.ID}}",
        "{{%}}",
        "{{index .Service.Name \"x\"}}",
        "{{join}}",
        "{{.Service.Labels.other}}"
      })
  void whatCannotBeFilledIsRefused(String text) {
    assertThatThrownBy(() -> template.fill(text))
        .isInstanceOf(TemplateException.class)
        .hasMessageStartingWith("template: expansion: ");
  }

  @Test
  void functionsAreForPayloadsOnly() {
    TaskTemplate plain = new TaskTemplate(placeholders(TASK), NODE, TaskTemplate.Functions.NONE);
    assertThatThrownBy(() -> plain.fill("{{secret \"x\"}}"))
        .hasMessage("template: expansion: function \"secret\" not defined");
  }

  @Test
  void hostnameEnvironmentAndMountsOfAContainerAreFilled() throws TemplateException {
    ContainerSpec spec =
        ContainerSpec.newBuilder()
            .setHostname("{{.Node.Hostname}}")
            .addEnv("SLOT={{.Task.Slot}}")
            .addEnv("BARE")
            .addMounts(Mount.newBuilder().setSource("data-{{.Task.Slot}}").setTarget("/d"))
            .addArgs("{{.Left}}")
            .build();
    ContainerSpec filled = template.fill(spec);

    assertThat(filled.getHostname()).isEqualTo("host-a");
    assertThat(filled.getEnvList()).containsExactly("SLOT=3", "BARE");
    assertThat(filled.getMounts(0).getSource()).isEqualTo("data-3");
    assertThat(filled.getArgsList()).containsExactly("{{.Left}}");
  }

  @Test
  void withoutPlaceholdersATextIsWhatItSays() throws TemplateException {
    TaskTemplate none = new TaskTemplate(Optional.empty(), NODE, TaskTemplate.Functions.NONE);
    ContainerSpec spec =
        ContainerSpec.newBuilder().setHostname("{{.Node.Hostname}}").addEnv("A={{").build();
    assertThat(none.fill(spec)).isEqualTo(spec);
  }
}
