package dev.hanse.node.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.docker.LocalState;
import org.junit.jupiter.api.Test;

final class StandingTest {
  @Test
  void a_node_in_no_swarm_is_inactive() {
    Standing standing = new Standing.Outside();
    assertThat(standing.state(false)).isEqualTo(LocalState.inactive());
    assertThat(standing.present()).isEmpty();
    assertThat(standing.fault()).isEmpty();
  }

  @Test
  void a_locked_manager_says_how_it_is_opened() {
    LocalState state = new Standing.Locked().state(false);
    assertThat(state.status()).isEqualTo(LocalState.Status.LOCKED);
    assertThat(state.manager()).isTrue();
    assertThat(state.error()).contains("docker swarm unlock");
    assertThat(new Standing.Locked().fault()).get().asString().contains("docker swarm unlock");
  }

  @Test
  void a_member_that_cannot_take_part_says_why() {
    LocalState state = new Standing.Failed("the certificate has expired").state(false);
    assertThat(state.status()).isEqualTo(LocalState.Status.ERROR);
    assertThat(state.error()).isEqualTo("the certificate has expired");
    assertThat(new Standing.Failed("the certificate has expired").fault())
        .contains("the certificate has expired");
  }
}
