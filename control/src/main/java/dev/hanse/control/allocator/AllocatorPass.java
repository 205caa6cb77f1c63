package dev.hanse.control.allocator;

import dev.hanse.control.Look;
import dev.hanse.control.Pass;
import java.util.Set;
import java.util.TreeSet;

/** Gives out subnets, addresses and ports; remembers which services wait for some. */
public final class AllocatorPass implements Pass {
  private final Set<String> waiting = new TreeSet<>();

  @Override
  public String name() {
    return "allocator";
  }

  @Override
  public void forget() {
    waiting.clear();
  }

  @Override
  public void run(Look look) {
    new Allocator(look.transaction(), look.context(), look.isolation()).run(look.scope(), waiting);
  }
}
