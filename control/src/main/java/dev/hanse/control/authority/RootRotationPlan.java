package dev.hanse.control.authority;

import com.google.protobuf.ByteString;
import dev.hanse.control.Times;
import dev.hanse.model.Cluster;
import dev.hanse.model.IssuanceStatus;
import dev.hanse.model.JoinTokens;
import dev.hanse.model.Node;
import dev.hanse.model.NodeTLSInfo;
import dev.hanse.model.RootCA;
import dev.hanse.model.RootRotation;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How a cluster gets from one root to the next without a moment in which two nodes do not believe
 * each other (swarmkit, {@code ca/reconciler.go}):
 *
 * <ol>
 *   <li>The old root signs the new root's certificate. From now on node certificates are signed by
 *       the new root and are shown together with that intermediate certificate: who trusts the old
 *       root believes them by it, who trusts the new one believes them directly.
 *   <li>A few nodes at a time are asked to renew their certificates. Each reports who has signed
 *       the one that it uses.
 *   <li>When all nodes use a certificate of the new root, the new root takes the old one's place,
 *       and the nodes are told to trust it.
 * </ol>
 *
 * A node that is away holds the second step up until it comes back or is removed, as in Docker: it
 * would be locked out otherwise.
 */
public final class RootRotationPlan {
  /** Nodes asked at once. */
  public static final int BATCH_MAX = 30;

  /** From the signing of a certificate to the node's report, before it is asked again. */
  static final Duration REPORT_PATIENCE = Duration.ofSeconds(10);

  /** Older roots whose successors managers can still prove. */
  private static final int PREDECESSORS_MAX = 4;

  private RootRotationPlan() {}

  /** What is next. */
  public sealed interface Step {
    /** No root is being replaced. */
    record Idle() implements Step {}

    /**
     * Nodes are on their way.
     *
     * @param left nodes that do not use a certificate of the new root yet
     */
    record Await(int left) implements Step {}

    /** These nodes should ask for new certificates. */
    record Ask(List<String> nodeIds) implements Step {}

    /** All nodes have one. */
    record Finish(RootRotation rotation) implements Step {}
  }

  /**
   * Says what is next.
   *
   * @param wanted who signs for the new root: name and key of {@code root_rotation.ca_cert}
   */
  public static Step next(Snapshot snapshot, NodeTLSInfo wanted, Instant now) {
    RootCA root = snapshot.cluster().map(Cluster::getRootCa).orElse(RootCA.getDefaultInstance());
    if (!root.hasRootRotation()) {
      return new Step.Idle();
    }
    RootRotation rotation = root.getRootRotation();
    int left = 0;
    List<String> asked = new ArrayList<>();
    for (Node node : snapshot.all(Kind.NODE)) {
      if (!uses(node, wanted)) {
        left++;
        if (asked.size() < BATCH_MAX && mayBeAsked(node, rotation, now)) {
          asked.add(node.getId());
        }
      }
    }
    if (left == 0) {
      return new Step.Finish(rotation);
    }
    return asked.isEmpty() ? new Step.Await(left) : new Step.Ask(asked);
  }

  /** Does the node say that its certificate was signed so? */
  public static boolean uses(Node node, NodeTLSInfo wanted) {
    NodeTLSInfo reported = node.getDescription().getTlsInfo();
    return reported.getCertIssuerSubject().equals(wanted.getCertIssuerSubject())
        && reported.getCertIssuerPublicKey().equals(wanted.getCertIssuerPublicKey());
  }

  /** Not while it is asking already, nor while its answer may be on the way. */
  private static boolean mayBeAsked(Node node, RootRotation rotation, Instant now) {
    IssuanceStatus.State state = node.getCertificate().getStatus().getState();
    return switch (state) {
      case RENEW, PENDING, ROTATE -> false;
      case ISSUED ->
          !PemText.contains(node.getCertificate().getCertificate(), rotation.getCrossSignedCaCert())
              || Times.instant(node.getMeta().getUpdatedAt()).plus(REPORT_PATIENCE).isBefore(now);
      case UNKNOWN, FAILED, UNRECOGNIZED -> true;
    };
  }

  /**
   * The root when the rotation has ended.
   *
   * @param digest of the new root's certificate
   * @param tokens new ones, since they name the root
   */
  public static RootCA finished(RootCA root, String digest, JoinTokens tokens) {
    RootRotation rotation = root.getRootRotation();
    return RootCA.newBuilder()
        .setCaCert(rotation.getCaCert())
        .setCaKey(rotation.getCaKey())
        .setCaCertHash(digest)
        .setJoinTokens(tokens)
        .setLastForcedRotation(root.getLastForcedRotation())
        .setPredecessorChain(
            PemText.firstCertificates(
                PREDECESSORS_MAX, rotation.getCrossSignedCaCert(), root.getPredecessorChain()))
        .build();
  }

  /**
   * What stands behind a certificate signed now, so that those who trust older roots believe it.
   */
  public static ByteString chain(RootCA root) {
    return root.hasRootRotation()
        ? PemText.firstCertificates(
            PREDECESSORS_MAX,
            root.getRootRotation().getCrossSignedCaCert(),
            root.getPredecessorChain())
        : root.getPredecessorChain();
  }
}
