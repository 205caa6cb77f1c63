package dev.hanse.control.authority;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Times;
import dev.hanse.control.authority.RootRotationPlan.Step;
import dev.hanse.control.command.ClusterCommand.FinishRootRotation;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.IssueCertificate;
import dev.hanse.control.command.NodeCommand.RenewCertificate;
import dev.hanse.control.command.NodeCommand.RotateCertificates;
import dev.hanse.control.command.NodeCommand.UpdateNodeStatus;
import dev.hanse.control.decision.Commands;
import dev.hanse.model.Certificate;
import dev.hanse.model.Cluster;
import dev.hanse.model.IssuanceStatus;
import dev.hanse.model.JoinTokens;
import dev.hanse.model.Node;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.NodeTLSInfo;
import dev.hanse.model.RootCA;
import dev.hanse.model.RootRotation;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import dev.hanse.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A cluster on its way from one root to the next. */
final class RootRotationTest {
  private static final NodeTLSInfo OLD = signer("old");
  private static final NodeTLSInfo NEW = signer("new");
  private static final ByteString CROSS_SIGNED = pem("bmV3IGJ5IG9sZA==");
  private static final RootRotation ROTATION =
      RootRotation.newBuilder()
          .setCaCert(pem("bmV3"))
          .setCaKey(ByteString.copyFromUtf8("key"))
          .setCrossSignedCaCert(CROSS_SIGNED)
          .build();
  private static final JoinTokens TOKENS = JoinTokens.newBuilder().setWorker("w").build();

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final Store store = new Store(Snapshot.empty());
  private Snapshot snapshot = store.snapshot();
  private long index;

  @Test
  void nodesAreAskedAFewAtATimeAndEachOnce() {
    cluster(70);
    Set<String> asked = new HashSet<>();
    for (int expected : List.of(30, 30, 10)) {
      Step step = next();
      assertThat(step)
          .isInstanceOfSatisfying(
              Step.Ask.class, ask -> assertThat(ask.nodeIds()).hasSize(expected));
      List<String> ids = ((Step.Ask) step).nodeIds();
      assertThat(asked).doesNotContainAnyElementsOf(ids);
      asked.addAll(ids);
      accepted(new RotateCertificates(ids));
    }
    assertThat(next()).isEqualTo(new Step.Await(70));
  }

  @Test
  void whenAllUseTheNewRootItTakesTheOldOnesPlace() {
    cluster(3);
    accepted(new RotateCertificates(((Step.Ask) next()).nodeIds()));
    for (int i = 0; i < 3; i++) {
      assertThat(next()).isEqualTo(new Step.Await(3 - i));
      assertThat(decide(finish())).isInstanceOf(Decision.Refused.class);
      renew("node" + i);
      // Signed, and not yet reported: neither done nor to be asked again.
      assertThat(next()).isEqualTo(new Step.Await(3 - i));
      report("node" + i, NEW);
    }
    assertThat(next()).isEqualTo(new Step.Finish(ROTATION));
    accepted(finish());
    RootCA root = snapshot.cluster().orElseThrow().getRootCa();
    assertThat(root)
        .isEqualTo(
            RootCA.newBuilder()
                .setCaCert(ROTATION.getCaCert())
                .setCaKey(ROTATION.getCaKey())
                .setCaCertHash("sha256:new")
                .setJoinTokens(TOKENS)
                .setLastForcedRotation(1)
                .setPredecessorChain(CROSS_SIGNED)
                .build());
    assertThat(next()).isEqualTo(new Step.Idle());
    assertThat(decide(finish())).isInstanceOf(Decision.Refused.class);
  }

  @Test
  void aNodeThatDoesNotReportIsAskedAgainAfterAWhile() {
    cluster(1);
    accepted(new RotateCertificates(List.of("node0")));
    renew("node0");
    assertThat(next()).isEqualTo(new Step.Await(1));
    now = now.plus(RootRotationPlan.REPORT_PATIENCE).plusSeconds(1);
    assertThat(next()).isEqualTo(new Step.Ask(List.of("node0")));
  }

  @Test
  void aRequestUnderWayIsNotDisturbed() {
    cluster(1);
    accepted(new RenewCertificate("node0", ByteString.copyFromUtf8("csr")));
    Node asking = snapshot.find(Kind.NODE, "node0").orElseThrow();
    assertThat(asking.getCertificate().getCertificate().toStringUtf8()).isEqualTo("of old");
    accepted(new RotateCertificates(List.of("node0", "unknown")));
    assertThat(snapshot.find(Kind.NODE, "node0")).contains(asking);
  }

  @Test
  void anotherRotationMeanwhileIsNotFinishedByMistake() {
    cluster(1);
    report("node0", NEW);
    var other =
        new FinishRootRotation(
            "cluster", ROTATION.toBuilder().setCaKey(ByteString.EMPTY).build(), NEW, "d", TOKENS);
    assertThat(decide(other))
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused ->
                assertThat(refused.rejection().message())
                    .isEqualTo("target root rotation has changed"));
  }

  @Test
  void theChainOfPredecessorsIsBounded() {
    RootCA root = RootCA.newBuilder().setRootRotation(ROTATION).build();
    for (int i = 0; i < 10; i++) {
      root = RootRotationPlan.finished(root, "d", TOKENS);
      root = root.toBuilder().setRootRotation(ROTATION).build();
    }
    assertThat(RootRotationPlan.chain(root).toStringUtf8().split("BEGIN", -1)).hasSize(1 + 4);
    assertThat(RootRotationPlan.chain(RootCA.getDefaultInstance())).isEqualTo(ByteString.EMPTY);
  }

  private Step next() {
    return RootRotationPlan.next(snapshot, NEW, now);
  }

  private static FinishRootRotation finish() {
    return new FinishRootRotation("cluster", ROTATION, NEW, "sha256:new", TOKENS);
  }

  private void cluster(int nodes) {
    Transaction transaction = new Transaction(snapshot, Times.timestamp(now));
    transaction.put(
        Kind.CLUSTER,
        Cluster.newBuilder()
            .setId("cluster")
            .setSpec(
                dev.hanse.model.ClusterSpec.newBuilder()
                    .setAnnotations(dev.hanse.model.Annotations.newBuilder().setName("default")))
            .setRootCa(
                RootCA.newBuilder()
                    .setCaCert(pem("b2xk"))
                    .setRootRotation(ROTATION)
                    .setLastForcedRotation(1))
            .build());
    for (int i = 0; i < nodes; i++) {
      transaction.put(
          Kind.NODE,
          Node.newBuilder()
              .setId("node" + i)
              .setDescription(NodeDescription.newBuilder().setTlsInfo(OLD))
              .setCertificate(
                  Certificate.newBuilder()
                      .setCertificate(ByteString.copyFromUtf8("of old"))
                      .setStatus(IssuanceStatus.newBuilder().setState(IssuanceStatus.State.ISSUED)))
              .build());
    }
    snapshot = store.apply(transaction.changes(), ++index);
  }

  /** What a node does when it is asked, and the authority then. */
  private void renew(String nodeId) {
    ByteString csr = ByteString.copyFromUtf8("csr of " + nodeId);
    accepted(new RenewCertificate(nodeId, csr));
    ByteString chain = ByteString.copyFromUtf8("of new\n").concat(CROSS_SIGNED);
    accepted(new IssueCertificate(nodeId, csr, NodeRole.WORKER, chain));
  }

  private void report(String nodeId, NodeTLSInfo signer) {
    accepted(
        new UpdateNodeStatus(
            nodeId,
            NodeStatus.getDefaultInstance(),
            Optional.of(NodeDescription.newBuilder().setTlsInfo(signer).build())));
  }

  private void accepted(Command command) {
    Decision decision = decide(command);
    assertThat(decision).isInstanceOf(Decision.Accepted.class);
    snapshot = store.apply(((Decision.Accepted) decision).changes(), ++index);
    now = now.plus(Duration.ofMillis(1));
  }

  private Decision decide(Command command) {
    return Commands.decide(
        snapshot, command, new Context(Times.timestamp(now), new SplittableRandom(1)));
  }

  private static NodeTLSInfo signer(String name) {
    return NodeTLSInfo.newBuilder()
        .setCertIssuerSubject(ByteString.copyFromUtf8("CN=swarm-ca"))
        .setCertIssuerPublicKey(ByteString.copyFromUtf8(name))
        .build();
  }

  private static ByteString pem(String body) {
    return ByteString.copyFromUtf8(
        "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n");
  }
}
