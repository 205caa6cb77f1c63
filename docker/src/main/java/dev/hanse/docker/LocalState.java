package dev.hanse.docker;

import java.util.List;

/**
 * A node's part in a swarm (Docker's {@code swarm.Info}).
 *
 * @param status where it stands
 * @param nodeId its id in the swarm, "" while it has none
 * @param nodeAddress the address that other nodes reach it at, "" outside of a swarm
 * @param manager whether it has, or is getting, a manager's certificate
 * @param error why it is in {@link Status#ERROR} or cannot reach the managers, else ""
 * @param managers the managers it knows, itself included if it is one
 */
public record LocalState(
    Status status,
    String nodeId,
    String nodeAddress,
    boolean manager,
    String error,
    List<Peer> managers) {
  /** Copies the list. */
  public LocalState {
    managers = List.copyOf(managers);
  }

  /** In no swarm. */
  public static LocalState inactive() {
    return new LocalState(Status.INACTIVE, "", "", false, "", List.of());
  }

  /** As Docker names them, in lower case. */
  public enum Status {
    INACTIVE,
    PENDING,
    ACTIVE,
    ERROR,
    LOCKED
  }

  /**
   * A manager.
   *
   * @param address HOST:PORT
   */
  public record Peer(String nodeId, String address) {}
}
