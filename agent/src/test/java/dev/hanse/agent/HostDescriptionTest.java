package dev.hanse.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.health.Health;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.PluginDescription;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HostDescriptionTest {
  @Test
  void aNodeSaysWhatItIsAndHas() {
    NodeDescription description =
        HostDescription.describe(
            new AgentSettings(
                Path.of("/data"),
                Path.of("/run"),
                "host-a",
                "1.0",
                Map.of("a", "b"),
                List.of(),
                new Health()));

    assertThat(description.getHostname()).isEqualTo("host-a");
    assertThat(description.getPlatform().getOs()).isEqualTo("linux");
    assertThat(description.getResources().getNanoCpus()).isPositive();
    assertThat(description.getResources().getNanoCpus() % 1_000_000_000).isZero();
    assertThat(description.getResources().getMemoryBytes()).isGreaterThan(64L << 20);
    assertThat(description.getEngine().getLabelsMap()).containsEntry("a", "b");
    assertThat(description.getEngine().getPluginsList())
        .extracting(PluginDescription::getName)
        .contains("overlay", "local", "json-file");
  }

  @Test
  void architecturesHaveTheNamesOfUname() {
    assertThat(HostDescription.architecture("amd64")).isEqualTo("x86_64");
    assertThat(HostDescription.architecture("aarch64")).isEqualTo("aarch64");
  }
}
