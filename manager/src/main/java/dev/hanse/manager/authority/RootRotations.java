package dev.hanse.manager.authority;

import dev.hanse.control.Decision;
import dev.hanse.control.authority.RootRotationPlan;
import dev.hanse.control.authority.RootRotationPlan.Step;
import dev.hanse.control.command.ClusterCommand.FinishRootRotation;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.RotateCertificates;
import dev.hanse.health.Health;
import dev.hanse.health.Looks;
import dev.hanse.health.OwnerThread;
import dev.hanse.identity.certificate.CertificateIssuer;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.identity.certificate.RootCa;
import dev.hanse.model.Cluster;
import dev.hanse.model.JoinTokens;
import dev.hanse.model.NodeTLSInfo;
import dev.hanse.model.RootRotation;
import dev.hanse.model.StoreAction;
import dev.hanse.store.Changes;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries {@link RootRotationPlan} out, on the leader: looks when nodes or the cluster change and
 * now and then, and does the next step. All it knows is in the state, so the next leader goes on.
 */
public final class RootRotations implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(RootRotations.class);

  /** Between two batches of nodes: their requests are signed one after the other. */
  private static final Duration BATCH_INTERVAL = Duration.ofSeconds(3);

  /** Many nodes report at once; one look serves them all. */
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(50);

  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Looks looks = new Looks(this::look);
  private final Store.Subscription subscription;
  private final OwnerThread thread;

  /** When nodes were asked last; of the thread. */
  private long batchNanos = System.nanoTime() - BATCH_INTERVAL.toNanos();

  /** Starts looking. */
  public RootRotations(
      Health health,
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      InstantSource clock,
      SecureRandom random) {
    this.store = store;
    this.submit = submit;
    this.clock = clock;
    this.random = random;
    this.subscription = store.subscribe(this::changed);
    this.thread = OwnerThread.named(health, "hanse-rotation").virtual().of(looks).start();
  }

  @Override
  public void close() {
    subscription.close();
    thread.interruptAndEnd();
  }

  private void changed(Snapshot before, Snapshot after, Changes changes) {
    boolean concerned =
        changes.isEmpty() || changes.actions().stream().anyMatch(action -> concerns(action, after));
    if (concerned) {
      looks.wake();
    }
  }

  /** Nodes matter only while a root is replaced. */
  private static boolean concerns(StoreAction action, Snapshot after) {
    return action.hasCluster()
        || (action.hasNode()
            && after.cluster().map(found -> found.getRootCa().hasRootRotation()).orElse(false));
  }

  private Duration look() throws InterruptedException, IdentityException {
    Thread.sleep(LOOK_INTERVAL);
    if (step(System.nanoTime() - batchNanos >= BATCH_INTERVAL.toNanos())) {
      batchNanos = System.nanoTime();
    }
    return BATCH_INTERVAL;
  }

  /** Does what is next; true if nodes were asked. */
  private boolean step(boolean mayAsk) throws IdentityException {
    Snapshot snapshot = store.snapshot();
    Optional<Cluster> cluster =
        snapshot.cluster().filter(found -> found.getRootCa().hasRootRotation());
    if (cluster.isEmpty()) {
      return false;
    }
    RootRotation rotation = cluster.get().getRootCa().getRootRotation();
    RootCa next = RootCa.of(rotation.getCaCert().toByteArray());
    return switch (RootRotationPlan.next(snapshot, signer(next), clock.instant())) {
      case Step.Idle idle -> false;
      case Step.Await await -> false;
      case Step.Ask ask -> mayAsk && ask(ask);
      case Step.Finish finish -> {
        finish(cluster.get(), finish.rotation(), next);
        yield false;
      }
    };
  }

  private boolean ask(Step.Ask ask) {
    if (submit.apply(new RotateCertificates(ask.nodeIds())).join()
        instanceof Decision.Refused refused) {
      logger.warn(
          "could not ask nodes to renew their certificates: {}", refused.rejection().message());
      return false;
    }
    logger.info("asked {} nodes for certificates of the new root", ask.nodeIds().size());
    return true;
  }

  private void finish(Cluster cluster, RootRotation rotation, RootCa next) {
    JoinTokens tokens =
        JoinTokens.newBuilder()
            .setWorker(JoinToken.generate(next, random).toString())
            .setManager(JoinToken.generate(next, random).toString())
            .build();
    Decision decision =
        submit
            .apply(
                new FinishRootRotation(
                    cluster.getId(), rotation, signer(next), next.digest(), tokens))
            .join();
    switch (decision) {
      case Decision.Accepted accepted -> logger.info("the cluster's root has been replaced");
      case Decision.Refused refused ->
          logger.info("the root is not replaced yet: {}", refused.rejection().message());
    }
  }

  private static NodeTLSInfo signer(RootCa root) {
    CertificateIssuer issuer = root.issuer();
    return NodeTLSInfo.newBuilder()
        .setCertIssuerSubject(issuer.subject())
        .setCertIssuerPublicKey(issuer.publicKey())
        .build();
  }
}
