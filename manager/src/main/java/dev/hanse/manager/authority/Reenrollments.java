package dev.hanse.manager.authority;

import dev.hanse.identity.certificate.ExpiredCertificate;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.RootCa;
import dev.hanse.model.Cluster;
import dev.hanse.model.IssueNodeCertificateRequest;
import dev.hanse.model.Node;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Lets nodes back in that were away for longer than their certificates lived. Such a node proves
 * itself by its old key ({@link ExpiredCertificate}); it must still be known, so removed nodes stay
 * out, and the key must be that of the certificate that it was given last. Callers have no
 * certificate that TLS accepts, so they are rare and few are looked at.
 */
final class Reenrollments {
  /** Callers looked at within a second; a signature takes less than a millisecond to check. */
  static final int ATTEMPTS_PER_SECOND_MAX = 50;

  /** Between two new certificates for the same node. */
  private static final long NODE_PAUSE_SECONDS = 5;

  private final InstantSource clock;
  private final Deque<Instant> attempts = new ArrayDeque<>();
  private final Map<String, Instant> admitted = new HashMap<>();

  Reenrollments(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * The node that the caller has proven to be.
   *
   * @throws StatusRuntimeException PERMISSION_DENIED if it has not, NOT_FOUND for a node that was
   *     removed, RESOURCE_EXHAUSTED if it should come again later
   */
  String nodeId(IssueNodeCertificateRequest request, Snapshot snapshot, Cluster cluster) {
    Instant now = clock.instant();
    limit(now);
    ExpiredCertificate shown;
    try {
      shown =
          ExpiredCertificate.of(
              request.getExpiredCertificate().toByteArray(),
              request.getCsr().toByteArray(),
              RootCa.of(cluster.getRootCa().getCaCert().toByteArray()),
              cluster.getId(),
              now);
    } catch (IdentityException e) {
      throw refused(Status.PERMISSION_DENIED, "Permission denied: " + e.getMessage());
    }
    String nodeId = shown.nodeId();
    Node node =
        snapshot
            .find(Kind.NODE, nodeId)
            .filter(found -> !cluster.containsBlacklistedCertificates(nodeId))
            .orElseThrow(
                () -> refused(Status.NOT_FOUND, "node " + nodeId + " was removed from swarm"));
    if (!shown.isLastOf(node.getCertificate().getCertificate().toByteArray())) {
      throw refused(
          Status.PERMISSION_DENIED,
          "Permission denied: node %s has been given another certificate since".formatted(nodeId));
    }
    admit(nodeId, now);
    return nodeId;
  }

  private synchronized void limit(Instant now) {
    while (!attempts.isEmpty() && isOver(attempts.getFirst(), 1, now)) {
      attempts.removeFirst();
    }
    if (attempts.size() >= ATTEMPTS_PER_SECOND_MAX) {
      throw refused(Status.RESOURCE_EXHAUSTED, "too many nodes ask for certificates; try again");
    }
    attempts.addLast(now);
  }

  private synchronized void admit(String nodeId, Instant now) {
    admitted.values().removeIf(before -> isOver(before, NODE_PAUSE_SECONDS, now));
    if (admitted.containsKey(nodeId)) {
      throw refused(
          Status.RESOURCE_EXHAUSTED,
          "node %s has just been given a certificate; try again".formatted(nodeId));
    }
    admitted.put(nodeId, now);
  }

  /** Also if the clock has been set back since: nobody waits until it is that late again. */
  private static boolean isOver(Instant begin, long seconds, Instant now) {
    return begin.isAfter(now) || !begin.plusSeconds(seconds).isAfter(now);
  }

  private static StatusRuntimeException refused(Status status, String reason) {
    return status.withDescription(reason).asRuntimeException();
  }
}
