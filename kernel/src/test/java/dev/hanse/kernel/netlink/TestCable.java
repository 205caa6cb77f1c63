package dev.hanse.kernel.netlink;

import dev.hanse.kernel.network.NewLink;

/** A veth pair between two hosts, addressed and up. */
public final class TestCable {
  private TestCable() {}

  public static void plug(
      TestHost left,
      String leftName,
      String leftAddress,
      TestHost right,
      String rightName,
      String rightAddress) {
    left.netlink()
        .apply(
            Links.add(
                NewLink.veth(leftName, NewLink.peer(rightName).in(right.namespace())).withUp()));
    right.netlink().apply(Links.up(right.index(rightName)));
    left.address(leftName, leftAddress);
    right.address(rightName, rightAddress);
  }
}
