package dev.hanse.agent.gossip;

import dev.hanse.gossip.GossipParameters;
import java.time.Duration;

/**
 * What the gossip's driver is told at its start.
 *
 * @param parameters the times of the core
 * @param farewell for so long a departing node goes on telling that it goes
 */
public record GossipSettings(GossipParameters parameters, Duration farewell) {
  /** What a daemon uses. */
  public static final GossipSettings DEFAULT =
      new GossipSettings(GossipParameters.DEFAULT, Duration.ofMillis(250));
}
