package dev.hanse.control.keys;

import dev.hanse.control.Look;
import dev.hanse.control.Pass;
import java.util.Set;

/** Makes a new key of the gossip when it is time. It has one key, the ring. */
public final class GossipKeysPass implements Pass {
  private static final String RING = "";

  @Override
  public String name() {
    return "gossip keys";
  }

  @Override
  public void run(Look look) {
    GossipKeys keys = new GossipKeys(look.transaction(), look.context());
    look.each(
        "gossip keys",
        Set.of(RING),
        ring -> keys.run().ifPresent(next -> look.deadlines().add(ring, next)));
  }
}
