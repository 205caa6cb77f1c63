package dev.hanse.endpoints;

import java.util.Locale;

/** One line of a network's table. What is in it was checked when it was made. */
public sealed interface Entry permits NetworkEntry, PeerEntry, ServiceEntry, EndpointEntry {
  /** What it replaces in its network's table. */
  Key key();

  /** What there are tables of, in the order in which a table is told. */
  enum Kind {
    /** The network itself. */
    NETWORK,
    /** A node that takes part in it. */
    PEER,
    /** A service that its clients see. */
    SERVICE,
    /** A task's place in it. */
    ENDPOINT
  }

  /**
   * What names an entry within its network.
   *
   * @param id of the network, node, service or task
   */
  record Key(Kind kind, String id) {
    @Override
    public String toString() {
      return kind.name().toLowerCase(Locale.ROOT) + " " + id;
    }
  }
}
