package dev.hanse.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.health.Health;
import dev.hanse.health.HealthReport;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A node that is ill says so to its manager, in the session that it has and in later ones. */
class AgentIllnessTest {
  @Test
  @Tag("attack")
  void theManagerHearsOfAnIllnessThatLastsAndOfItsEnd() throws Exception {
    try (AgentWorld world = new AgentWorld()) {
      await(() -> world.manager.heartbeats.get() > 0);
      assertThat(world.manager.illness).isEmpty();
      assertThat(world.health.report().entries())
          .extracting(HealthReport.Entry::name)
          .contains("containerd", "managers");
      assertThat(world.health.report().faults()).isEmpty();

      try (Health.Part part =
          world.health.condition("disk", true, () -> Optional.of("the data root is full"))) {
        await(() -> world.manager.illness.equals("disk: the data root is full"));
        world.manager.sessions.clear();
        world.agent().reconnect();
        var session = world.manager.sessions.poll(20, TimeUnit.SECONDS);
        assertThat(session).isNotNull();
        assertThat(session.getIllness()).isEqualTo("disk: the data root is full");
        assertThat(part).isNotNull();
      }
      await(() -> world.manager.illness.isEmpty());
    }
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }
}
