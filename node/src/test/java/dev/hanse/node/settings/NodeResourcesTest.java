package dev.hanse.node.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.model.GenericResource;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeResourcesTest {
  @Test
  void numbersCountAndNamesName() throws IOException {
    List<GenericResource> resources =
        NodeResources.parse(List.of("GPU=UUID1", "SSD=3", "GPU=UUID2,port=a"));
    assertThat(resources)
        .extracting(NodeResourcesTest::text)
        .containsExactly("GPU is UUID1", "GPU is UUID2", "3 SSD", "port is a");
    assertThat(NodeResources.parse(List.of())).isEmpty();
  }

  private static String text(GenericResource resource) {
    return resource.hasNamedResourceSpec()
        ? resource.getNamedResourceSpec().getKind()
            + " is "
            + resource.getNamedResourceSpec().getValue()
        : resource.getDiscreteResourceSpec().getValue()
            + " "
            + resource.getDiscreteResourceSpec().getKind();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GPU",
        "GPU=",
        "=1",
        "GPU=a=b",
        "GPU=a,",
        "SSD=1,SSD=2",
        "SSD=1,SSD=a",
        "SSD=-1",
        "GPU=a,GPU=a",
        "G PU=a",
        "GPU=a\nb"
      })
  void whatCannotBeIsRefused(String option) {
    assertThatThrownBy(() -> NodeResources.parse(List.of(option)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("--node-generic-resource ");
  }

  @Test
  void allTogetherHaveALimit() throws IOException {
    String most = "GPU=" + "a".repeat(NodeResources.LENGTH_MAX - 4);
    assertThat(NodeResources.parse(List.of(most))).hasSize(1);
    assertThatThrownBy(() -> NodeResources.parse(List.of(most, "b")))
        .hasMessageContaining("characters in all");
  }
}
