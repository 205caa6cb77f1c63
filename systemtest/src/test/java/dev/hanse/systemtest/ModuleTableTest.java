package dev.hanse.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModuleTableTest {
  @Test
  void a_row_names_modules_packages_and_classes() {
    ModuleTable table =
        table(
            "| `model` | nouns | messages | – |",
            "| `agent` | driver | nodes | model |",
            "| `docker` | driver | an API | model, agent.log, `agent.Agent` |");
    ModuleTable.Row docker = row(table, "docker");
    assertThat(docker.uses()).containsExactly("model", "agent.log", "agent.Agent");
    assertThat(docker.modules()).containsExactly("agent", "model");
    assertThat(row(table, "model").uses()).isEmpty();
    assertThat(docker.allowing("model.Task")).contains("model");
    assertThat(docker.allowing("agent.log.LogStore")).contains("agent.log");
    assertThat(docker.allowing("agent.Agent")).contains("agent.Agent");
    assertThat(docker.allowing("agent.Agent$State")).contains("agent.Agent");
    assertThat(docker.allowing("agent.AgentLoop")).isEmpty();
    assertThat(docker.allowing("agent.AgentLoop$Work")).isEmpty();
    assertThat(docker.allowing("agent.logs.LogStore")).isEmpty();
  }

  @Test
  void only_the_table_of_modules_is_read() {
    assertThat(table("| `a` | nouns | x | – |", "## Rules", "| `b` | nouns | x | – |").rows())
        .containsOnlyKeys("a");
    assertThatThrownBy(() -> ModuleTable.of(List.of("## Where", "| `a` | nouns | x | – |")))
        .hasMessageContaining("no table of modules");
  }

  @Test
  void a_table_that_says_too_little_or_nonsense_is_refused() {
    refused("not 4 columns", "| `a` | nouns | x |");
    refused("no ring", "| `a` | nowhere | x | – |");
    refused("is no module above", "| `a` | nouns | x | b |", "| `b` | nouns | x | – |");
    refused("is no module above", "| `a` | nouns | x | all |");
    refused("is no module above", "| `a` | nouns | x | a |");
    refused("in a ring further out", "| `a` | driver | x | – |", "| `b` | decider | x | a |");
    refused("twice", "| `a` | nouns | x | – |", "| `b` | nouns | x | a, a |");
    refused("part of another entry", "| `a` | nouns | x | – |", "| `b` | nouns | x | a, a.c |");
    refused("a second row", "| `a` | nouns | x | – |", "| `a` | nouns | x | – |");
  }

  private static void refused(String why, String... rows) {
    assertThatThrownBy(() -> table(rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  private static ModuleTable table(String... rows) {
    List<String> page = new ArrayList<>(List.of("# Page", "## Modules", "| module | ring |"));
    page.addAll(List.of(rows));
    return ModuleTable.of(page);
  }

  private static ModuleTable.Row row(ModuleTable table, String module) {
    ModuleTable.Row row = table.rows().get(module);
    assertThat(row).isNotNull();
    return row == null ? new ModuleTable.Row("", Set.of()) : row;
  }
}
