package dev.hanse.node.membership;

import dev.hanse.docker.LocalState;
import dev.hanse.identity.CertificateUpkeep;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Role;
import dev.hanse.manager.Manager;
import dev.hanse.model.SessionMessage;
import java.util.List;
import java.util.Optional;

/** The part that this node takes in a swarm, from joining to leaving. */
final class SwarmPart implements AutoCloseable {
  private final TlsCredentials credentials;
  private final CertificateUpkeep upkeep;
  private final ManagerSeat seat;
  private volatile List<LocalState.Peer> peers = List.of();

  SwarmPart(TlsCredentials credentials, CertificateUpkeep upkeep, ManagerSeat seat) {
    this.credentials = credentials;
    this.upkeep = upkeep;
    this.seat = seat;
  }

  NodeIdentity identity() {
    return credentials.identity();
  }

  TlsCredentials credentials() {
    return credentials;
  }

  ManagerSeat seat() {
    return seat;
  }

  Optional<Manager> manager() {
    return seat.manager();
  }

  /** Has the node a manager's certificate? */
  boolean isManager() {
    return identity().role() == Role.MANAGER;
  }

  /** Notes what a manager tells in a session: who the managers are, what this node needs. */
  void receive(SessionMessage message) {
    if (message.getManagersCount() > 0) {
      peers =
          message.getManagersList().stream()
              .map(manager -> manager.getPeer())
              .map(peer -> new LocalState.Peer(peer.getNodeId(), peer.getAddr()))
              .toList();
    }
    upkeep.sessionMessage(message);
  }

  /** Asks for another certificate now. */
  void renewNow() {
    upkeep.renewNow();
  }

  LocalState state(boolean connected) {
    boolean active = connected || manager().isPresent();
    String unreachable = active ? "" : "rpc error: code = Unavailable desc = no manager answers";
    return new LocalState(
        active ? LocalState.Status.ACTIVE : LocalState.Status.PENDING,
        identity().nodeId(),
        seat.state().advertiseAddress(),
        isManager(),
        seat.error().isEmpty() ? unreachable : seat.error(),
        peers);
  }

  /** Ends the renewal and the manager; what is on disk stays. */
  @Override
  public void close() {
    upkeep.close();
    seat.close();
  }
}
