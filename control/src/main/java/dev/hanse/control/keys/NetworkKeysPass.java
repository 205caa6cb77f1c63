package dev.hanse.control.keys;

import dev.hanse.control.Look;
import dev.hanse.control.Pass;
import java.util.Set;

/** Makes new keys for the gossip and the overlays when it is time. It has one key, the rings. */
public final class NetworkKeysPass implements Pass {
  private static final String RING = "";

  @Override
  public String name() {
    return "network keys";
  }

  @Override
  public void run(Look look) {
    NetworkKeys keys = new NetworkKeys(look.transaction(), look.context());
    look.each(
        "network keys",
        Set.of(RING),
        ring -> keys.run().ifPresent(next -> look.deadlines().add(ring, next)));
  }
}
