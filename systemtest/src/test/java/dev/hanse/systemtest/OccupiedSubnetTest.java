package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.lab.HostState;
import dev.hanse.lab.LabPlan;
import dev.hanse.lab.demo.WebRequest;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Hosts whose own network is the one that a swarm takes first. */
@Tag("system")
class OccupiedSubnetTest {
  @Test
  void a_swarm_on_10_0_0_0_24_takes_other_subnets_and_cuts_nobody_off() throws Exception {
    LabPlan plan = LabPlan.of(SharedLab.name("lan"), 1, 1).withBlock(OptionalInt.of(0));
    try (OwnLab own = OwnLab.of(plan)) {
      DockerCommand docker = own.docker();
      assertThat(
              docker.json("network", "inspect", "ingress").at("/0/IPAM/Config/0/Subnet").asText())
          .isEqualTo("10.0.1.0/24");
      docker.create("--name", "web", "--replicas", "2", "-p", "8080:80", SharedLab.IMAGE);
      own.services().awaitRunning("web", 2);
      for (HostState host : own.lab().hosts()) {
        assertThat(host.address()).startsWith("10.0.0.");
        eventually(
            () ->
                assertThat(WebRequest.send(host.address(), 8080).clientSeen())
                    .isEqualTo(own.lab().machine()));
      }
      assertThat(
              docker.refused("network", "create", "-d", "overlay", "--subnet", "10.0.0.0/25", "n"))
          .contains("subnet 10.0.0.0/25 conflicts with 10.0.0.0/24, which node host")
          .contains("is on outside of the swarm");
      assertThat(docker.run("node", "ls", "--format", "{{.Status}}").lines())
          .containsExactly("Ready", "Ready");
    }
  }
}
