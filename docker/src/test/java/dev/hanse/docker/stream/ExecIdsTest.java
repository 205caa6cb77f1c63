package dev.hanse.docker.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ExecIdsTest {
  private static final String NODE = "birrxt66obxyf7lq4zkijevd9";

  @Test
  void tellTheirNodeAndNoOther() {
    Random random = new Random(1);
    String id = ExecIds.make(random, NODE);
    assertThat(id).matches("[0-9a-f]{64}").isNotEqualTo(ExecIds.make(random, NODE));
    assertThat(ExecIds.isOf(id, NODE)).isTrue();
    assertThat(ExecIds.isOf(id, "another")).isFalse();
    assertThat(ExecIds.isOf(id, "")).isFalse();
  }

  @Test
  void whatIsNoIdIsOfNoNode() {
    String id = ExecIds.make(new Random(2), NODE);
    assertThat(ExecIds.isOf(id.substring(1), NODE)).isFalse();
    assertThat(ExecIds.isOf("../" + id.substring(3), NODE)).isFalse();
    assertThat(ExecIds.isOf("", NODE)).isFalse();
  }
}
