package dev.hanse.manager.members;

import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.PeerNode;
import dev.hanse.identity.StatusText;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.model.HealthCheckRequest;
import dev.hanse.model.HealthCheckResponse.ServingStatus;
import dev.hanse.model.HealthGrpc;
import dev.hanse.raft.log.Member;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;

/**
 * Calls a manager that wants to join back at the address that it has named: a member that cannot be
 * reached would count for the majority and never vote.
 */
final class AddressCheck {
  /** What is asked for: whether the manager takes messages of the log. */
  static final String SERVICE = "Raft";

  private static final int TIMEOUT_SECONDS = 5;

  private final TlsCredentials credentials;

  AddressCheck(TlsCredentials credentials) {
    this.credentials = credentials;
  }

  /**
   * Returns when the node has answered.
   *
   * @throws StatusRuntimeException UNKNOWN in swarmkit's words if nobody or another node answers
   */
  void check(Member member) {
    ManagedChannel channel = ManagerChannel.open(member.address(), credentials);
    PeerNode peer = new PeerNode();
    ServingStatus status;
    try {
      status =
          HealthGrpc.newBlockingStub(channel)
              .withInterceptors(peer)
              .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
              .check(HealthCheckRequest.newBuilder().setService(SERVICE).build())
              .getStatus();
    } catch (StatusRuntimeException e) {
      throw unknown(
          "could not connect to prospective new cluster member using its advertised address: "
              + StatusText.of(e.getStatus()));
    } finally {
      channel.shutdownNow();
    }
    if (status != ServingStatus.SERVING) {
      throw unknown("health check returned status " + status);
    }
    if (!peer.nodeId().equals(member.nodeId())) {
      throw unknown(
          "the advertised address %s leads to node %s and not to the prospective new cluster member"
              .formatted(member.address(), peer.nodeId()));
    }
  }

  private static StatusRuntimeException unknown(String description) {
    return Status.UNKNOWN.withDescription(description).asRuntimeException();
  }
}
