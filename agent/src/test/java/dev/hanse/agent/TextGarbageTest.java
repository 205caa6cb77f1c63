package dev.hanse.agent;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.agent.log.LogOptions;
import dev.hanse.agent.template.TaskTemplate;
import dev.hanse.agent.template.TemplateException;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.model.Annotations;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.Task;
import dev.hanse.text.Trial;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The node's decoders of text survive whatever they are given. */
@Tag("attack")
class TextGarbageTest {
  private static final List<Trial.Decoder> DECODERS =
      List.of(
          Trial.refusing(
              TemplateException.class,
              "template",
              TextGarbageTest::filled,
              "{{.Node.Hostname}}-{{.Task.Slot}}",
              "{{index .Service.Labels \"a\\\"b\"}}",
              "{{join `,` \"a\" .Task.ID}}"),
          Trial.refusing(
              TemplateException.class,
              "one action of a template",
              text -> filled("{{" + text + "}}"),
              "join \"\\\\\" \"x\" `y`",
              ".Service.Labels.a"),
          Trial.refusing(
              IllegalArgumentException.class,
              "log size",
              text -> LogOptions.of("json-file", Map.of("max-size", text)),
              "10 mb",
              "1g"),
          Trial.refusing(
              IllegalArgumentException.class,
              "log files",
              text -> LogOptions.of("json-file", Map.of("max-file", text)),
              "3"));

  @TestFactory
  Stream<DynamicTest> garbage_is_read_or_refused_in_linear_time() {
    return Trial.each(DECODERS);
  }

  private static String filled(String text) throws TemplateException {
    return new TaskTemplate(
            SwarmWorkloads.workload(Task.getDefaultInstance()).placeholders(),
            NodeDescription.getDefaultInstance(),
            TaskTemplate.Functions.NONE)
        .fill(text);
  }

  @Test
  void a_label_in_ten_thousand_places_is_refused_before_it_fills_the_memory() {
    Task task =
        Task.newBuilder()
            .setServiceAnnotations(Annotations.newBuilder().putLabels("a", "x".repeat(500_000)))
            .build();
    TaskTemplate template =
        new TaskTemplate(
            SwarmWorkloads.workload(task).placeholders(),
            NodeDescription.getDefaultInstance(),
            TaskTemplate.Functions.NONE);
    for (String bomb :
        List.of(
            "{{.Service.Labels.a}}".repeat(10_000),
            "{{join \"\"" + " .Service.Labels.a".repeat(10_000) + "}}")) {
      assertThatThrownBy(() -> template.fill(bomb))
          .isInstanceOf(TemplateException.class)
          .hasMessageContaining("more than");
      assertThatThrownBy(
              () -> template.fill(ContainerSpec.newBuilder().addEnv("A=" + bomb).build()))
          .isInstanceOf(TemplateException.class);
    }
  }
}
