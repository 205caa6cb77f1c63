package dev.hanse.systemtest;

import static dev.hanse.systemtest.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.lab.Lab;
import dev.hanse.lab.client.DockerClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Managers on a machine that has much else to do. */
@Tag("system")
class BusyMachineTest {
  /** Several for each core that a machine for tests has. */
  private static final int LOOPS = 10;

  private static final Duration BUSY = Duration.ofSeconds(20);
  private static final Duration FAILOVER_LIMIT = Duration.ofSeconds(60);

  private int created;

  @Test
  void the_leader_stays_every_write_is_taken_and_a_killed_leader_is_replaced() throws Exception {
    try (OwnLab own = OwnLab.of("busy", 3, 1)) {
      Lab lab = own.lab();
      eventually(() -> assertThat(statuses(lab, "host1")).containsOnly("Leader", "Reachable", ""));
      String leader = Leader.of(lab, "host1");
      String follower = leader.equals("host2") ? "host3" : "host2";
      Map<String, Long> before = versions(lab, follower);
      List<Process> loops = new ArrayList<>();
      try {
        for (int i = 0; i < LOOPS; i++) {
          // Each in a session of its own, which the kernel gives as much as a daemon's.
          loops.add(new ProcessBuilder("setsid", "sh", "-c", "while :; do :; done").start());
        }
        long end = System.nanoTime() + BUSY.toNanos();
        while (System.nanoTime() < end) {
          write(lab.docker(follower));
        }
        assertThat(created).isPositive();
        assertThat(versions(lab, follower)).as("nobody was taken for dead").isEqualTo(before);
        assertThat(Leader.of(lab, follower)).isEqualTo(leader);
        lab.kill(leader);
        eventually(FAILOVER_LIMIT, () -> write(lab.docker(follower)));
        assertThat(Leader.of(lab, follower)).isNotEqualTo(leader);
      } finally {
        loops.forEach(Process::destroyForcibly);
      }
    }
  }

  private void write(DockerClient docker) throws IOException {
    ObjectNode service = JsonNodeFactory.instance.objectNode();
    service.put("Name", "busy-" + created++);
    service.withObject("/Mode/Replicated").put("Replicas", 0);
    service.withObject("/TaskTemplate/ContainerSpec").put("Image", SharedLab.IMAGE);
    assertThat(docker.post("/services/create", service).path("ID").asText()).isNotEmpty();
  }

  /** Of the nodes' objects: a node that is Down, if only for a moment, gets another. */
  private static Map<String, Long> versions(Lab lab, String asked) throws IOException {
    Map<String, Long> versions = new TreeMap<>();
    for (JsonNode node : lab.docker(asked).get("/nodes")) {
      versions.put(node.at("/Description/Hostname").asText(), node.at("/Version/Index").asLong());
    }
    return versions;
  }

  private static List<String> statuses(Lab lab, String asked) {
    return new DockerCommand(lab, asked)
        .attempt("node", "ls", "--format", "{{.ManagerStatus}}")
        .lines();
  }
}
