package dev.hanse.manager.authority;

import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.control.Times;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.IssueCertificate;
import dev.hanse.control.command.NodeCommand.RefuseCertificate;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.Role;
import dev.hanse.identity.SigningAuthority;
import dev.hanse.model.Cluster;
import dev.hanse.model.IssuanceStatus;
import dev.hanse.model.Node;
import dev.hanse.model.StoreAction;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs the pending certificate requests in the state, whoever has put them there: on each change
 * of a node, and once at the start.
 */
public final class CertificateAuthority implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(CertificateAuthority.class);
  private static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);

  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final InstantSource clock;
  private final SecureRandom random;

  /** Nodes to look at; each at most once, so it is bounded by their number. */
  private final LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();

  private final Set<String> queued = ConcurrentHashMap.newKeySet();
  private final Store.Subscription subscription;
  private final Thread thread = Thread.ofVirtual().name("hanse-authority").unstarted(this::run);

  /** Starts signing. */
  public CertificateAuthority(
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      InstantSource clock,
      SecureRandom random) {
    this.store = store;
    this.submit = submit;
    this.clock = clock;
    this.random = random;
    this.subscription = store.subscribe(this::changed);
    store.snapshot().all(Kind.NODE).forEach(this::consider);
    thread.start();
  }

  @Override
  public void close() {
    subscription.close();
    thread.interrupt();
  }

  private void changed(Snapshot before, Snapshot after, Changes changes) {
    if (changes.isEmpty()) {
      after.all(Kind.NODE).forEach(this::consider);
    }
    for (StoreAction action : changes.actions()) {
      if (action.hasNode()) {
        after.find(Kind.NODE, action.getNode().getId()).ifPresent(this::consider);
      }
    }
  }

  private void consider(Node node) {
    if (isPending(node) && queued.add(node.getId())) {
      queue.add(node.getId());
    }
  }

  private static boolean isPending(Node node) {
    IssuanceStatus.State state = node.getCertificate().getStatus().getState();
    return !node.getCertificate().getCsr().isEmpty()
        && (state == IssuanceStatus.State.PENDING || state == IssuanceStatus.State.RENEW);
  }

  private void run() {
    Set<String> again = new HashSet<>();
    try {
      while (true) {
        String nodeId = queue.take();
        queued.remove(nodeId);
        if (!signed(nodeId)) {
          again.add(nodeId);
        }
        if (queue.isEmpty() && !again.isEmpty()) {
          Thread.sleep(RETRY_INTERVAL);
          again.forEach(id -> store.snapshot().find(Kind.NODE, id).ifPresent(this::consider));
          again.clear();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Closed.
    }
  }

  /** One node's fault must not keep the others waiting. */
  private boolean signed(String nodeId) {
    try {
      return sign(nodeId);
    } catch (RuntimeException e) {
      logger.error("signing the certificate of node {}", nodeId, e);
      return false;
    }
  }

  /** False if it should be tried again. */
  private boolean sign(String nodeId) {
    Snapshot snapshot = store.snapshot();
    Optional<Node> node = snapshot.find(Kind.NODE, nodeId).filter(CertificateAuthority::isPending);
    Optional<Cluster> cluster = snapshot.cluster();
    if (node.isEmpty() || cluster.isEmpty()) {
      return true;
    }
    return switch (submit.apply(answer(node.get(), cluster.get())).join()) {
      case Decision.Accepted accepted -> true;
      case Decision.Refused refused -> {
        logger.warn("certificate of node {} not stored: {}", nodeId, refused.rejection().message());
        yield false;
      }
    };
  }

  private Command answer(Node node, Cluster cluster) {
    ByteString csr = node.getCertificate().getCsr();
    try {
      SigningAuthority authority =
          SigningAuthority.of(
              cluster.getRootCa().getCaCert().toByteArray(),
              cluster.getRootCa().getCaKey().toByteArray(),
              random);
      byte[] certificate =
          authority.sign(
              csr.toByteArray(),
              node.getId(),
              Role.of(node.getRole()),
              cluster.getId(),
              Times.duration(cluster.getSpec().getCaConfig().getNodeCertExpiry()),
              clock.instant());
      return new IssueCertificate(
          node.getId(), csr, node.getRole(), ByteString.copyFrom(certificate));
    } catch (IdentityException e) {
      return new RefuseCertificate(node.getId(), csr, String.valueOf(e.getMessage()));
    }
  }
}
