package dev.hanse.node.membership;

import dev.hanse.health.Health;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.manager.ManagerSettings;
import java.time.InstantSource;

/**
 * What this node's part in a swarm stands on, in whichever way it is taken up.
 *
 * @param health of this node, which everything that runs in it reports to
 */
record Ground(SwarmFiles files, InstantSource clock, Health health) {

  /** What a manager of this node is started with. */
  ManagerSettings manager(SwarmState state) {
    return new ManagerSettings(
        files.log(),
        ManagerChannel.socketAddress(state.listenAddress()),
        state.advertised(),
        clock,
        health);
  }
}
