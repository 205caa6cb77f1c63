package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.model.PortConfig.Protocol;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fifty tasks on one node: how long things take. The limits allow for a busy machine. */
class ScaleTest {
  private static final Logger log = LoggerFactory.getLogger(ScaleTest.class);
  private static final int TASKS = 50;
  private static final Duration ATTACH_MAX = Duration.ofMillis(200);
  private static final Duration PORT_CHANGE_MAX = Duration.ofSeconds(1);

  @Test
  void fiftyTasks() throws Exception {
    Swarm swarm = new Swarm(2);
    swarm.service(Swarm.INGRESS, "web", "", Swarm.port(Protocol.TCP, 8080, 80));
    swarm.service(Swarm.BACK, "web", "10.0.1.250");
    MeshLab lab = new MeshLab(Files.createTempDirectory("hanse-network-test"), 1);
    try {
      NetworkLoop loop = lab.host(1).loop;
      lab.sendToAll(swarm.message());
      List<Long> nanoseconds = new ArrayList<>();
      for (int slot = 1; slot <= TASKS; slot++) {
        var task = swarm.task("web", slot, 1, 10 + slot);
        long start = System.nanoTime();
        loop.attach(task);
        nanoseconds.add(System.nanoTime() - start);
      }
      Collections.sort(nanoseconds);
      Duration median = Duration.ofNanos(nanoseconds.get(TASKS / 2));
      lab.sendToAll(swarm.message());
      swarm.service(
          Swarm.INGRESS,
          "web",
          "",
          Swarm.port(Protocol.TCP, 8080, 80),
          Swarm.port(Protocol.TCP, 8081, 80));
      long start = System.nanoTime();
      lab.sendToAll(swarm.message());
      Duration portChange = Duration.ofNanos(System.nanoTime() - start);
      swarm.endpoint(Swarm.BACK, "web", 1, 1, "10.0.1.11", false);
      start = System.nanoTime();
      lab.sendToAll(swarm.message());
      Duration endpointChange = Duration.ofNanos(System.nanoTime() - start);
      start = System.nanoTime();
      loop.repair();
      Duration repair = Duration.ofNanos(System.nanoTime() - start);
      log.info(
          "attach: median {}, slowest {}; port change {}, endpoint change {}, repair {} µs",
          median.toNanos() / 1000,
          nanoseconds.getLast() / 1000,
          portChange.toNanos() / 1000,
          endpointChange.toNanos() / 1000,
          repair.toNanos() / 1000);
      assertThat(median).isLessThan(ATTACH_MAX);
      assertThat(portChange).isLessThan(PORT_CHANGE_MAX);
    } finally {
      lab.close();
    }
  }
}
