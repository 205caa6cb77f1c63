package dev.hanse.network;

import dev.hanse.endpoints.Ipv4Address;
import java.util.List;

/** What the networks of a task know about a name or an address. */
public sealed interface Answer {
  /**
   * Address records.
   *
   * @param addresses at least one
   */
  record Addresses(List<Ipv4Address> addresses) implements Answer {
    /** Copies the list. */
    public Addresses {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * The name of an address.
   *
   * @param name without trailing dot
   */
  record Pointer(String name) implements Answer {}

  /** The name is known, but has no record of the type asked for. */
  record NoData() implements Answer {}

  /** The name is ours and nothing is behind it now. */
  record NoName() implements Answer {}

  /** Not ours: somebody else may know. */
  record Elsewhere() implements Answer {}
}
