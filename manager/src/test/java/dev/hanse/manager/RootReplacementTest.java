package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.identity.Enrollment;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.CertificateIssuer;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.RootCa;
import dev.hanse.identity.certificate.SigningAuthority;
import dev.hanse.model.CAConfig;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.DispatcherGrpc;
import dev.hanse.model.HeartbeatRequest;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.RootCA;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The root is replaced under a running manager and nodes that follow it. */
final class RootReplacementTest {
  private static final InstantSource CLOCK = InstantSource.system();

  @TempDir Path directory;
  private Manager manager;
  private FollowingNode self;

  @BeforeEach
  void start() throws Exception {
    manager = TestManager.found(directory);
    self = new FollowingNode(manager, manager.credentials(), CLOCK);
  }

  @AfterEach
  void stop() throws Exception {
    self.close();
    manager.close();
  }

  @Test
  void allNodesGetCertificatesOfTheNewRootAndThenTrustIt() throws Exception {
    RootCA before = rootCa();
    try (FollowingNode worker = join("worker1");
        FollowingNode other = join("worker2")) {
      update(config -> config.setForceRotate(1));
      RootCA after = await(state -> isReplaced(state, before));
      RootCa root = RootCa.of(after.getCaCert().toByteArray());
      assertThat(after.getCaCertHash()).isEqualTo(root.digest());
      assertThat(JoinToken.parse(after.getJoinTokens().getWorker()).names(root)).isTrue();
      assertThat(JoinToken.parse(after.getJoinTokens().getManager()).names(root)).isTrue();
      for (FollowingNode node : new FollowingNode[] {self, worker, other}) {
        awaitTrust(node, root);
        assertThat(node.credentials.identity().issuer()).isEqualTo(root.issuer());
      }
      assertThatThrownBy(() -> enroll(before.getJoinTokens().getWorker()))
          .isInstanceOf(IdentityException.class)
          .hasMessageContaining("does not match fingerprint");
      assertThat(enroll(after.getJoinTokens().getWorker()).root()).isEqualTo(root);
    }
  }

  @Test
  void aNodeThatIsAwayHoldsTheRotationUpUntilItIsBack() throws Exception {
    RootCA before = rootCa();
    FollowingNode away = join("worker1");
    TlsCredentials kept = away.credentials;
    away.close();
    update(config -> config.setForceRotate(1));
    CertificateIssuer next =
        RootCa.of(rootCa().getRootRotation().getCaCert().toByteArray()).issuer();
    awaitCredentials(self, identity -> identity.issuer().equals(next));
    assertThat(rootCa().hasRootRotation()).isTrue();
    assertThat(kept.identity().issuer()).isNotEqualTo(next);
    // Meanwhile new nodes come in, with the tokens of the old root.
    try (FollowingNode fresh = join("worker2")) {
      assertThat(fresh.credentials.identity().issuer()).isEqualTo(next);
      try (FollowingNode back = new FollowingNode(manager, kept, CLOCK)) {
        RootCA after = await(state -> isReplaced(state, before));
        RootCa root = RootCa.of(after.getCaCert().toByteArray());
        awaitTrust(back, root);
        awaitTrust(fresh, root);
      }
    }
  }

  @Test
  void aNodeThatMissedOnlyTheEndStillBelievesTheManager() throws Exception {
    RootCA before = rootCa();
    FollowingNode worker = join("worker1");
    update(config -> config.setForceRotate(1));
    RootCA after = await(state -> isReplaced(state, before));
    RootCa root = RootCa.of(after.getCaCert().toByteArray());
    awaitTrust(worker, root);
    worker.close();
    awaitTrust(self, root);
    // The certificate that the worker has now, with the trust that it had before.
    NodeIdentity identity = worker.credentials.identity();
    NodeIdentity behind =
        new NodeIdentity(
            identity.nodeId(),
            identity.role(),
            identity.organization(),
            identity.chain(),
            identity.key(),
            RootCa.of(before.getCaCert().toByteArray()));
    CompletableFuture<NodeIdentity> renewed = new CompletableFuture<>();
    manager.credentials().onReplace(renewed::complete);
    self.renewNow();
    assertThat(renewed).succeedsWithin(20, TimeUnit.SECONDS);
    CertificateDirectory certificates = new CertificateDirectory(directory.resolve("worker1"));
    certificates.save(behind);
    try (FollowingNode back =
        new FollowingNode(manager, new TlsCredentials(behind, certificates, CLOCK), CLOCK)) {
      awaitTrust(back, root);
    }
  }

  @Test
  void aRootThatTheUserBringsIsTakenOverAndChecked() throws Exception {
    RootCA before = rootCa();
    SigningAuthority own = SigningAuthority.create(CLOCK.instant(), new SecureRandom());
    SigningAuthority other = SigningAuthority.create(CLOCK.instant(), new SecureRandom());
    ByteString certificate = ByteString.copyFrom(own.root().pem());
    assertRefused(
        config ->
            config
                .setSigningCaCert(certificate)
                .setSigningCaKey(ByteString.copyFrom(other.keyPem())),
        "certificate key mismatch");
    assertRefused(
        config -> config.setSigningCaKey(ByteString.copyFrom(own.keyPem())),
        "the signing CA cert must also be provided");
    assertRefused(
        config -> config.setSigningCaCert(certificate),
        "there must be at least one valid, reachable external CA corresponding to the desired CA");
    update(
        config ->
            config
                .setSigningCaCert(certificate)
                .setSigningCaKey(ByteString.copyFrom(own.keyPem())));
    RootCA after = await(state -> isReplaced(state, before));
    assertThat(after.getCaCert()).isEqualTo(certificate);
    CAConfig stored = cluster().getSpec().getCaConfig();
    assertThat(stored.getSigningCaKey()).isEqualTo(ByteString.EMPTY);
    assertThat(stored.getSigningCaCert()).isEqualTo(ByteString.EMPTY);
  }

  @Test
  void aClusterMayBeginOnTheWayToTheUsersRoot() throws Exception {
    SigningAuthority own = SigningAuthority.create(CLOCK.instant(), new SecureRandom());
    ClusterSpec.Builder spec = ClusterSpec.newBuilder();
    spec.getCaConfigBuilder()
        .setSigningCaCert(ByteString.copyFrom(own.root().pem()))
        .setSigningCaKey(ByteString.copyFrom(own.keyPem()));
    Cluster begun;
    try (Manager first = found("own", spec.build())) {
      begun = TestManager.cluster(first);
    }
    assertThat(begun.getRootCa().getRootRotation().getCaCert())
        .isEqualTo(spec.getCaConfig().getSigningCaCert());
    assertThat(begun.getSpec().getCaConfig().getSigningCaKey()).isEqualTo(ByteString.EMPTY);
    spec.getCaConfigBuilder().clearSigningCaCert();
    assertThatThrownBy(() -> found("refused", spec.build()))
        .isInstanceOf(ManagerStartException.class)
        .hasMessageContaining("the signing CA cert must also be provided");
    assertThat(directory.resolve("refused").resolve("raft")).doesNotExist();
  }

  private Manager found(String name, ClusterSpec spec) throws ManagerStartException {
    return TestManager.found(
        directory.resolve(name),
        CLOCK,
        new ClusterRequest(spec, List.of(), 0, 0, NodeSpec.Availability.ACTIVE));
  }

  @Test
  void aCertificateOfTheOldRootIsRefusedInTheEnd() throws Exception {
    RootCA before = rootCa();
    NodeIdentity stolen;
    try (FollowingNode worker = join("worker1")) {
      stolen = worker.credentials.identity();
      update(config -> config.setForceRotate(1));
      RootCA after = await(state -> isReplaced(state, before));
      awaitTrust(self, RootCa.of(after.getCaCert().toByteArray()));
    }
    NodeIdentity managers = manager.credentials().identity();
    NodeIdentity shown =
        new NodeIdentity(
            stolen.nodeId(),
            stolen.role(),
            stolen.organization(),
            stolen.chain(),
            stolen.key(),
            managers.root());
    ManagedChannel channel =
        ManagerChannel.open(
            TestAgent.address(manager),
            new TlsCredentials(
                shown, new CertificateDirectory(directory.resolve("unused")), CLOCK));
    try {
      assertThatThrownBy(
              () ->
                  DispatcherGrpc.newBlockingStub(channel)
                      .withDeadlineAfter(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS)
                      .heartbeat(HeartbeatRequest.getDefaultInstance()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    } finally {
      channel.shutdownNow();
    }
  }

  private static boolean isReplaced(RootCA now, RootCA before) {
    return !now.hasRootRotation() && !now.getCaCert().equals(before.getCaCert());
  }

  private FollowingNode join(String name) throws Exception {
    return FollowingNode.join(manager, directory.resolve(name), CLOCK);
  }

  private NodeIdentity enroll(String token) throws Exception {
    return new Enrollment(CLOCK)
        .join(TestAgent.address(manager), JoinToken.parse(token), NodeSpec.Availability.ACTIVE);
  }

  private Cluster cluster() {
    return TestManager.cluster(manager);
  }

  private RootCA rootCa() {
    return cluster().getRootCa();
  }

  private void update(Consumer<CAConfig.Builder> change) throws Exception {
    assertThat(TestManager.changeAuthority(manager, change)).isInstanceOf(Decision.Accepted.class);
    assertThat(rootCa().hasRootRotation()).isTrue();
  }

  private void assertRefused(Consumer<CAConfig.Builder> change, String words) throws Exception {
    TestManager.assertRefused(TestManager.changeAuthority(manager, change), words);
  }

  private RootCA await(Predicate<RootCA> wanted) throws Exception {
    CompletableFuture<RootCA> found = new CompletableFuture<>();
    Consumer<Snapshot> look =
        snapshot ->
            snapshot.cluster().map(Cluster::getRootCa).filter(wanted).ifPresent(found::complete);
    try (Store.Subscription subscription =
        manager.subscribe((before, after, changes) -> look.accept(after))) {
      look.accept(manager.snapshot());
      return found.get(60, TimeUnit.SECONDS);
    }
  }

  private static void awaitTrust(FollowingNode node, RootCa root) throws Exception {
    awaitCredentials(node, identity -> identity.root().equals(root));
  }

  private static void awaitCredentials(FollowingNode node, Predicate<NodeIdentity> wanted)
      throws Exception {
    CompletableFuture<NodeIdentity> found = new CompletableFuture<>();
    Consumer<NodeIdentity> look =
        identity -> {
          if (wanted.test(identity)) {
            found.complete(identity);
          }
        };
    Runnable end = node.credentials.onReplace(look);
    try {
      look.accept(node.credentials.identity());
      found.get(60, TimeUnit.SECONDS);
    } finally {
      end.run();
    }
  }
}
