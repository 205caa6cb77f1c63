package dev.hanse.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShimGroupsTest {
  private final ShimGroups groups = new ShimGroups();

  @Test
  void aGroupHoldsTenAtMost() {
    Set<String> used = new HashSet<>();
    for (int index = 0; index < 25; index++) {
      used.add(groups.join("c" + index, "s"));
    }
    assertThat(used).hasSize(3);
  }

  @Test
  void aContainerStaysInItsGroup() {
    String group = groups.join("c1", "s");
    assertThat(groups.join("c1", "s")).isEqualTo(group);
  }

  @Test
  void containersOfOneServiceAreSpreadOverGroupsWithRoom() {
    groups.adopt("a1", "web", "one");
    groups.adopt("a2", "web", "one");
    groups.adopt("b1", "other", "two");

    assertThat(groups.join("c1", "web")).isEqualTo("two");
    assertThat(groups.join("c2", "other")).isEqualTo("one");
  }

  @Test
  void roomIsGivenBack() {
    for (int index = 0; index < ShimGroups.MEMBERS_MAX; index++) {
      groups.adopt("c" + index, "s", "full");
    }
    groups.leave("c0");
    assertThat(groups.join("new", "s")).isEqualTo("full");
  }
}
