package dev.hanse.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.control.command.NodeCommand.ReportIllness;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How the docker CLI shows a node that cannot run tasks. */
@Timeout(60)
final class UnhealthyNodeTest {
  @TempDir Path directory;

  @Test
  void it_is_not_ready_and_says_why_and_so_do_the_tasks_that_wait_for_it() throws Exception {
    try (TestSwarm swarm = new TestSwarm(directory)) {
      Cli docker = swarm.cli();
      docker.ok("swarm", "init", "--advertise-addr", "127.0.0.1");
      swarm.nodeIsReady();
      swarm.write(new ReportIllness(swarm.nodeId(), "containerd: does not answer"));

      assertThat(docker.ok("node", "ls", "--format", "{{.Status}}")).isEqualTo("Disconnected");
      assertThat(docker.ok("node", "inspect", "self", "-f", "{{.Status.Message}}"))
          .isEqualTo("unhealthy: containerd: does not answer");
      assertThat(docker.ok("node", "inspect", "--pretty", "self"))
          .contains("Disconnected", "Unhealthy: containerd: does not answer");
      docker.ok("service", "create", "-d", "--name", "web", "busybox");
      assertThat(docker.ok("service", "ps", "web", "--no-trunc", "--format", "{{.Error}}"))
          .contains("no suitable node (1 node is unhealthy)");

      swarm.write(new ReportIllness(swarm.nodeId(), ""));
      assertThat(docker.ok("node", "ls", "--format", "{{.Status}}")).isEqualTo("Ready");
      assertThat(docker.ok("node", "inspect", "self", "-f", "{{.Status.Message}}")).isEmpty();
    }
  }
}
