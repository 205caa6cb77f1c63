package dev.hanse.manager.authority;

import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.IssueCertificate;
import dev.hanse.control.command.NodeCommand.RefuseCertificate;
import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.IdentityException;
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
import java.util.List;
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
public final class CertificateAuthority implements Turn<String>, AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(CertificateAuthority.class);
  private static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);

  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final ClusterSigner signer;

  /** Nodes to look at; each at most once, so it is bounded by their number. */
  private final LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();

  private final Set<String> queued = ConcurrentHashMap.newKeySet();
  private final Store.Subscription subscription;
  private final OwnerThread thread;

  /** Nodes whose requests could not be answered; of the thread. */
  private final Set<String> again = new HashSet<>();

  /**
   * Starts signing.
   *
   * @param submit the control loop
   * @param credentials what external authorities are shown
   */
  public CertificateAuthority(
      Health health,
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      TlsCredentials credentials,
      InstantSource clock,
      SecureRandom random) {
    this.store = store;
    this.submit = submit;
    this.signer = new ClusterSigner(credentials, clock, random);
    this.subscription = store.subscribe(this::changed);
    store.snapshot().all(Kind.NODE).forEach(this::consider);
    this.thread = OwnerThread.named(health, "hanse-authority").virtual().of(this).start();
  }

  @Override
  public void close() {
    subscription.close();
    thread.interruptAndEnd();
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

  @Override
  public String await() throws InterruptedException {
    while (queue.isEmpty() && !again.isEmpty()) {
      Thread.sleep(RETRY_INTERVAL);
      List<String> due = List.copyOf(again);
      again.clear();
      due.forEach(id -> store.snapshot().find(Kind.NODE, id).ifPresent(this::consider));
    }
    return queue.take();
  }

  /** One node's fault must not keep the others waiting: what fails comes again later. */
  @Override
  public void perform(String nodeId) throws InterruptedException {
    queued.remove(nodeId);
    again.add(nodeId);
    if (sign(nodeId)) {
      again.remove(nodeId);
    }
  }

  /** False if it should be tried again. */
  private boolean sign(String nodeId) throws InterruptedException {
    Snapshot snapshot = store.snapshot();
    Optional<Node> node = snapshot.find(Kind.NODE, nodeId).filter(CertificateAuthority::isPending);
    Optional<Cluster> cluster = snapshot.cluster();
    if (node.isEmpty() || cluster.isEmpty()) {
      return true;
    }
    Optional<Command> answer = answer(node.get(), cluster.get());
    if (answer.isEmpty()) {
      return false;
    }
    return switch (submit.apply(answer.get()).join()) {
      case Decision.Accepted accepted -> true;
      case Decision.Refused refused -> {
        logger.warn("certificate of node {} not stored: {}", nodeId, refused.rejection().message());
        yield false;
      }
    };
  }

  private Optional<Command> answer(Node node, Cluster cluster) throws InterruptedException {
    ByteString csr = node.getCertificate().getCsr();
    try {
      return Optional.of(
          new IssueCertificate(node.getId(), csr, node.getRole(), signer.sign(node, cluster)));
    } catch (IdentityException e) {
      return Optional.of(new RefuseCertificate(node.getId(), csr, String.valueOf(e.getMessage())));
    } catch (ExternalAuthority.Unreachable e) {
      logger.warn("certificate of node {} not signed yet: {}", node.getId(), e.getMessage());
      return Optional.empty();
    }
  }
}
