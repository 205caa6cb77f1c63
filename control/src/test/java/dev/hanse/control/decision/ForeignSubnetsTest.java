package dev.hanse.control.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.control.allocator.ForeignSubnets;
import dev.hanse.control.sim.World;
import dev.hanse.model.ForeignSubnet;
import dev.hanse.model.Node;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeStatus;
import dev.hanse.store.Kind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of the subnets that nodes reach outside of the swarm. */
class ForeignSubnetsTest {
  private final World world = new World(3);
  private String manager = "";

  @BeforeEach
  void initialize() {
    manager = world.initialize();
    world.settle();
  }

  @Test
  void theFirstNetworkKeepsAwayFromTheFirstManagersOwn() {
    World fresh = new World(3);
    fresh.initializeAt("10.0.0.0/8", 24, "10.0.0.0/24");
    fresh.settle();
    assertThat(fresh.snapshot().ingressNetwork().orElseThrow().getIpam().getConfigs(0).getSubnet())
        .isEqualTo("10.0.1.0/24");
  }

  @Test
  void aPoolThatTheFirstManagerIsOnIsRefusedByName() {
    assertThatThrownBy(() -> new World(3).initializeAt("10.0.0.0/24", 26, "10.0.0.0/16"))
        .hasMessageContaining(
            "invalid default address pool: subnet 10.0.0.0/24 conflicts with 10.0.0.0/16, which"
                + " node n1 is on outside of the swarm");
    // What is left of it will do.
    new World(3).initializeAt("10.0.0.0/24", 26, "10.0.0.0/25");
  }

  @Test
  void noMoreForeignSubnetsOfANodeAreKeptThanTheLimit() {
    Node node = world.snapshot().find(Kind.NODE, manager).orElseThrow();
    for (int count : List.of(ForeignSubnets.OF_NODE_MAX, ForeignSubnets.OF_NODE_MAX + 1)) {
      NodeDescription.Builder description = node.getDescription().toBuilder();
      for (int i = 0; i < count; i++) {
        description.addForeignSubnets(
            ForeignSubnet.newBuilder().setSubnet("172.16." + i % 256 + "." + i / 256 + "/32"));
      }
      world.report(manager, NodeStatus.State.READY, Optional.of(description.build()));
      Node updated = world.snapshot().find(Kind.NODE, manager).orElseThrow();
      assertThat(updated.getDescription().getForeignSubnetsCount())
          .isEqualTo(ForeignSubnets.OF_NODE_MAX);
    }
  }
}
