package dev.hanse.identity;

import static dev.hanse.identity.certificate.IdentityException.Reason.MALFORMED;
import static dev.hanse.identity.certificate.IdentityException.Reason.REFUSED;
import static dev.hanse.identity.certificate.IdentityException.Reason.UNREACHABLE;
import static dev.hanse.identity.certificate.IdentityException.Reason.WRONG_ROOT;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import com.google.protobuf.ByteString;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.CertificateRequest;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.RootCa;
import dev.hanse.identity.certificate.SigningAuthority;
import dev.hanse.model.CAGrpc;
import dev.hanse.model.GetRootCACertificateRequest;
import dev.hanse.model.IssuanceStatus;
import dev.hanse.model.IssueNodeCertificateRequest;
import dev.hanse.model.NodeCAGrpc;
import dev.hanse.model.NodeCertificateStatusRequest;
import dev.hanse.model.NodeCertificateStatusResponse;
import dev.hanse.model.NodeSpec;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.channel.ConnectTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * How a node gets its identity from a manager: fetch the root and compare it with the join token,
 * make a key, ask for a certificate, wait until it is issued. Blocks; give up by interrupting.
 */
public final class Enrollment {
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);
  private static final int ISSUANCE_ATTEMPTS_MAX = 60;

  private final InstantSource clock;

  /** An enrolment that checks certificates against this clock. */
  public Enrollment(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Joins a cluster.
   *
   * @param manager "HOST:PORT" of one manager
   * @return the new identity, not yet saved
   * @throws IdentityException WRONG_ROOT if another authority answers, REFUSED with the manager's
   *     words, UNREACHABLE if none answers
   */
  public NodeIdentity join(String manager, JoinToken token, NodeSpec.Availability availability)
      throws IdentityException, InterruptedException {
    RootCa root = downloadRoot(manager, token);
    ManagedChannel channel =
        ManagerChannel.open(
            manager,
            SigningAuthority.AUTHORITY_NAME,
            TlsCredentials.anonymousClient(root, Optional.empty(), clock));
    try {
      return request(
          channel,
          root,
          CertificateRequest.create(),
          IssueNodeCertificateRequest.newBuilder()
              .setToken(token.toString())
              .setAvailability(availability));
    } finally {
      channel.shutdownNow();
    }
  }

  /**
   * Gets a new certificate for a node that was away for longer than its certificate lived. TLS
   * accepts no expired certificate, so the node connects without one and shows the expired one
   * within the call; that it is the same node it proves by a request signed with the old key. The
   * new certificate is for that key; a renewal with a fresh one should follow.
   *
   * @param manager "HOST:PORT" of one manager
   * @param expired as loaded by {@link CertificateDirectory#loadExpired}
   * @throws IdentityException REFUSED with the manager's words (the node was removed, or has had
   *     another certificate since), UNREACHABLE if none answers
   */
  public NodeIdentity reenroll(String manager, NodeIdentity expired)
      throws IdentityException, InterruptedException {
    ManagedChannel channel =
        ManagerChannel.open(
            manager,
            SigningAuthority.AUTHORITY_NAME,
            TlsCredentials.anonymousClient(
                expired.root(), Optional.of(expired.organization()), clock));
    try {
      NodeIdentity renewed =
          request(
              channel,
              expired.root(),
              CertificateRequest.again(expired),
              IssueNodeCertificateRequest.newBuilder()
                  .setExpiredCertificate(ByteString.copyFrom(expired.certificatePem())));
      return requireSameNode(renewed, expired);
    } finally {
      channel.shutdownNow();
    }
  }

  /**
   * Gets a new certificate for the identity that the channel shows; the node id stays, the role may
   * have changed.
   */
  public NodeIdentity renew(ManagedChannel channel, NodeIdentity identity)
      throws IdentityException, InterruptedException {
    return requireSameNode(
        request(
            channel,
            identity.root(),
            CertificateRequest.create(),
            IssueNodeCertificateRequest.newBuilder()),
        identity);
  }

  private static NodeIdentity requireSameNode(NodeIdentity renewed, NodeIdentity identity)
      throws IdentityException {
    if (!renewed.nodeId().equals(identity.nodeId())) {
      throw new IdentityException(MALFORMED, "the manager issued a certificate for another node");
    }
    return renewed;
  }

  private static RootCa downloadRoot(String manager, JoinToken token) throws IdentityException {
    ManagedChannel channel =
        ManagerChannel.open(
            manager, SigningAuthority.AUTHORITY_NAME, TlsCredentials.unverifiedClient());
    try {
      byte[] pem =
          CAGrpc.newBlockingStub(channel)
              .withDeadlineAfter(CALL_TIMEOUT.toMillis(), MILLISECONDS)
              .getRootCACertificate(GetRootCACertificateRequest.getDefaultInstance())
              .getCertificate()
              .toByteArray();
      RootCa root = RootCa.of(pem);
      if (!token.names(root)) {
        throw new IdentityException(
            WRONG_ROOT, "remote CA does not match fingerprint. Expected: " + token.rootDigestHex());
      }
      return root;
    } catch (StatusRuntimeException e) {
      throw unreachable(manager, e);
    } finally {
      channel.shutdownNow();
    }
  }

  private NodeIdentity request(
      ManagedChannel channel,
      RootCa root,
      CertificateRequest request,
      IssueNodeCertificateRequest.Builder call)
      throws IdentityException, InterruptedException {
    var authority = NodeCAGrpc.newBlockingStub(channel);
    ByteString csr = request.pem();
    String nodeId;
    try {
      nodeId =
          authority
              .withDeadlineAfter(CALL_TIMEOUT.toMillis(), MILLISECONDS)
              .issueNodeCertificate(call.setCsr(csr).build())
              .getNodeId();
    } catch (StatusRuntimeException e) {
      throw refusedOrUnreachable(e);
    }
    byte[] certificate = awaitIssuance(authority, nodeId, csr);
    return NodeIdentity.of(certificate, request.key(), root, clock.instant());
  }

  private static byte[] awaitIssuance(
      NodeCAGrpc.NodeCABlockingStub authority, String nodeId, ByteString csr)
      throws IdentityException, InterruptedException {
    var question = NodeCertificateStatusRequest.newBuilder().setNodeId(nodeId).build();
    String last = "no answer";
    for (int attempt = 0; attempt < ISSUANCE_ATTEMPTS_MAX; attempt++) {
      try {
        NodeCertificateStatusResponse answer =
            authority
                .withDeadlineAfter(CALL_TIMEOUT.toMillis(), MILLISECONDS)
                .nodeCertificateStatus(question);
        IssuanceStatus.State state = answer.getStatus().getState();
        boolean issued =
            state == IssuanceStatus.State.ISSUED || state == IssuanceStatus.State.ROTATE;
        // An answer about an earlier request of this node is not ours.
        boolean ours = answer.getCertificate().getCsr().equals(csr);
        if (issued && ours) {
          return answer.getCertificate().getCertificate().toByteArray();
        }
        if (state == IssuanceStatus.State.FAILED && ours) {
          throw new IdentityException(
              REFUSED, "certificate was not issued: " + state + " " + answer.getStatus().getErr());
        }
        last = state + " " + answer.getStatus().getErr();
      } catch (StatusRuntimeException e) {
        if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
          throw new IdentityException(REFUSED, "node " + nodeId + " was removed from swarm", e);
        }
        last = StatusText.of(e.getStatus());
        if (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
          continue; // The call itself waited.
        }
      }
      Thread.sleep(RETRY_INTERVAL);
    }
    throw new IdentityException(UNREACHABLE, "certificate was not issued: " + last);
  }

  /**
   * Whether nobody has answered in time, so that somebody may be there still: where a connection
   * that is refused is an answer. Which of the two limits comes first, that of the connection or
   * that of the call, is chance.
   */
  public static boolean isSilence(IdentityException fault) {
    if (!(fault.getCause() instanceof StatusRuntimeException failure)) {
      return false;
    }
    Status status = failure.getStatus();
    return status.getCode() == Status.Code.DEADLINE_EXCEEDED
        || status.getCause() instanceof ConnectTimeoutException;
  }

  private static IdentityException refusedOrUnreachable(StatusRuntimeException e) {
    return switch (e.getStatus().getCode()) {
      case INVALID_ARGUMENT, PERMISSION_DENIED, NOT_FOUND, FAILED_PRECONDITION ->
          new IdentityException(REFUSED, StatusText.of(e.getStatus()), e);
      default ->
          new IdentityException(
              UNREACHABLE, "could not reach a manager: " + StatusText.of(e.getStatus()), e);
    };
  }

  private static IdentityException unreachable(String manager, StatusRuntimeException e) {
    return new IdentityException(
        UNREACHABLE, "could not reach manager " + manager + ": " + StatusText.of(e.getStatus()), e);
  }
}
