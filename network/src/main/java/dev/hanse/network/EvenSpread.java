package dev.hanse.network;

import dev.hanse.endpoints.Ipv4Address;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/** Even spread of connections over tasks: the rule takes them in turn. */
final class EvenSpread {
  private EvenSpread() {}

  /**
   * The nft statement that gives a connection to one of the addresses. The counter of a rule starts
   * at its first address whenever the ruleset is loaded; so that many clients do not all start at
   * the same task, the order is rotated by the client.
   *
   * @param addresses at least one
   * @param client whose ruleset it is
   * @param port the new destination port; empty to keep it
   */
  static String statement(List<Ipv4Address> addresses, String client, OptionalInt port) {
    String suffix = port.isPresent() ? ":" + port.getAsInt() : "";
    if (addresses.size() == 1) {
      return "dnat to " + addresses.getFirst() + suffix;
    }
    List<Ipv4Address> rotated = new ArrayList<>(addresses);
    Collections.rotate(rotated, Math.floorMod(client.hashCode(), rotated.size()));
    StringBuilder text =
        new StringBuilder("dnat to numgen inc mod ").append(rotated.size()).append(" map { ");
    for (int place = 0; place < rotated.size(); place++) {
      text.append(place == 0 ? "" : ", ").append(place).append(" : ").append(rotated.get(place));
    }
    return text.append(" }").append(suffix).toString();
  }
}
