package dev.hanse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SwarmRolesTest {
  @Test
  void roles_are_read_from_the_list_of_nodes() throws Exception {
    String nodes =
        """
        [{"Description": {"Hostname": "host1"}, "ManagerStatus": {"Reachability": "reachable"}},
         {"Description": {"Hostname": "host2"}, "ManagerStatus": {"Leader": true}},
         {"Description": {"Hostname": "host3"}}]
        """;
    assertThat(SwarmRoles.roles(new ObjectMapper().readTree(nodes)))
        .isEqualTo(Map.of("host1", "manager", "host2", "leader", "host3", "worker"));
  }

  @Test
  void without_a_daemon_nobody_can_tell() {
    assertThat(SwarmRoles.of(List.of())).isEmpty();
  }
}
