package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.cluster.Rotation;
import dev.hanse.health.Health;
import dev.hanse.identity.CertificateRenewal;
import dev.hanse.identity.Enrollment;
import dev.hanse.identity.LateRenewal;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.CertificateRequest;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.SigningAuthority;
import dev.hanse.identity.server.AccessControl.Access;
import dev.hanse.model.Cluster;
import dev.hanse.model.DispatcherGrpc;
import dev.hanse.model.HeartbeatRequest;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.RootCA;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may talk to a manager's port, and what the others are told. */
final class AccessTest {
  private static final InstantSource CLOCK = InstantSource.system();

  @TempDir Path directory;
  private Manager manager;

  @BeforeEach
  void start() throws Exception {
    manager = TestManager.found(directory);
  }

  @AfterEach
  void stop() throws Exception {
    manager.close();
  }

  @Test
  void aTokenGivesItsRoleAndAWrongOneIsRefused() throws Exception {
    JoinToken good = JoinToken.parse(rootCa().getJoinTokens().getWorker());
    JoinToken wrong = new JoinToken(good.rootDigest(), "0000000000000000000000000");
    assertRefused(wrong, IdentityException.Reason.REFUSED, "A valid join token is necessary");
    JoinToken other = new JoinToken(good.rootDigest().flipBit(3), good.secret());
    assertRefused(other, IdentityException.Reason.WRONG_ROOT, "does not match fingerprint");
    JoinToken managers = JoinToken.parse(rootCa().getJoinTokens().getManager());
    assertThat(join(managers).role()).isEqualTo(Role.MANAGER);
  }

  @Test
  void anOldTokenIsRefusedAfterRotation() throws Exception {
    JoinToken old = JoinToken.parse(rootCa().getJoinTokens().getWorker());
    Cluster cluster = manager.snapshot().cluster().orElseThrow();
    manager
        .updateCluster(
            cluster.getMeta().getVersion().getIndex(),
            cluster.getSpec(),
            new Rotation(true, false, false))
        .get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS);
    assertRefused(old, IdentityException.Reason.REFUSED, "A valid join token is necessary");
    JoinToken now = JoinToken.parse(rootCa().getJoinTokens().getWorker());
    assertThat(now.rootDigest()).isEqualTo(old.rootDigest());
    assertThat(join(now).role()).isEqualTo(Role.WORKER);
  }

  @Test
  void eachMethodIsOpenToItsRoleOnly() throws Exception {
    NodeIdentity worker = join(JoinToken.parse(rootCa().getJoinTokens().getWorker()));
    ManagedChannel workers = channel(worker);
    ManagedChannel managers = channel(manager.credentials().identity());
    ManagedChannel strangers = strangers();
    try {
      for (Map.Entry<String, Access> rule : MethodRules.byName().entrySet()) {
        boolean nodes = rule.getValue() != Access.MANAGERS;
        boolean anyone = rule.getValue() == Access.ANYONE;
        assertDenied("manager", managers, rule.getKey(), false);
        assertDenied("worker", workers, rule.getKey(), !nodes);
        assertDenied("stranger", strangers, rule.getKey(), !anyone);
      }
    } finally {
      List.of(workers, managers, strangers).forEach(ManagedChannel::shutdownNow);
    }
  }

  @Test
  void aCertificateOfAnotherRootOrAnExpiredOneEndsTheHandshake() throws Exception {
    Instant now = CLOCK.instant();
    SigningAuthority other = SigningAuthority.create(now, new SecureRandom());
    NodeIdentity foreign = sign(other, "org", now, Duration.ofHours(2));
    assertThat(heartbeat(withRootOfManager(foreign)).getCode()).isEqualTo(Status.Code.UNAVAILABLE);

    SigningAuthority own =
        SigningAuthority.of(
            rootCa().getCaCert().toByteArray(),
            rootCa().getCaKey().toByteArray(),
            new SecureRandom());
    String organization = manager.credentials().identity().organization();
    Instant longAgo = now.minus(Duration.ofDays(2));
    NodeIdentity expired = sign(own, organization, longAgo, Duration.ofHours(2));
    assertThat(heartbeat(expired).getCode()).isEqualTo(Status.Code.UNAVAILABLE);

    NodeIdentity neighbour = sign(own, "anotherorganization", now, Duration.ofHours(2));
    Status refused = heartbeatExpectingOrganization(neighbour);
    assertThat(refused.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(refused.getDescription())
        .isEqualTo("Permission denied: remote certificate not part of this cluster's organization");
  }

  @Test
  void plainTextIsRefusedWithoutAWord() throws Exception {
    try (Socket socket = new Socket()) {
      socket.connect(manager.listening(), 2_000);
      socket.setSoTimeout(5_000);
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readAllBytes();
      // At most a TLS alert: type 21.
      assertThat(answer)
          .satisfiesAnyOf(
              bytes -> assertThat(bytes).isEmpty(),
              bytes -> assertThat(bytes[0]).isEqualTo((byte) 21));
    }
    ManagedChannel plain =
        NettyChannelBuilder.forAddress(manager.listening()).usePlaintext().build();
    try {
      assertThatThrownBy(
              () ->
                  DispatcherGrpc.newBlockingStub(plain)
                      .withDeadlineAfter(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS)
                      .heartbeat(HeartbeatRequest.getDefaultInstance()))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("UNAVAILABLE");
    } finally {
      plain.shutdownNow();
    }
  }

  @Test
  void aNodeRenewsItsCertificateAndUsesItAtOnce() throws Exception {
    NodeIdentity worker = join(JoinToken.parse(rootCa().getJoinTokens().getWorker()));
    CertificateDirectory certificates = new CertificateDirectory(directory.resolve("worker"));
    certificates.save(worker);
    TlsCredentials credentials = new TlsCredentials(worker, certificates, CLOCK);
    CompletableFuture<NodeIdentity> renewed = new CompletableFuture<>();
    credentials.onReplace(renewed::complete);
    AtomicInteger asked = new AtomicInteger();
    try (CertificateRenewal renewal =
        CertificateRenewal.start(
            new Health(),
            credentials,
            () -> {
              switch (asked.incrementAndGet()) {
                case 1 -> throw new StackOverflowError(); // The next attempt follows.
                case 2 -> throw new IllegalStateException();
                default -> {}
              }
              return List.of(TestAgent.address(manager));
            },
            LateRenewal.OwnSource.NONE,
            CLOCK,
            new Random(1))) {
      for (int attempt = 1; attempt <= 3; attempt++) {
        renewal.renewNow(); // Without the pause after an attempt that failed.
        while (asked.get() < attempt) {
          Thread.onSpinWait();
        }
      }
      assertThat(renewed).succeedsWithin(10, TimeUnit.SECONDS);
    }
    NodeIdentity now = credentials.identity();
    assertThat(now.nodeId()).isEqualTo(worker.nodeId());
    assertThat(now.leaf()).isNotEqualTo(worker.leaf());
    assertThat(certificates.load(CLOCK.instant()).orElseThrow().leaf()).isEqualTo(now.leaf());
    try (TestAgent agent = new TestAgent(manager, credentials)) {
      assertThat(agent.openSession().getNode().getId()).isEqualTo(worker.nodeId());
    }
  }

  private RootCA rootCa() {
    return manager.snapshot().cluster().orElseThrow().getRootCa();
  }

  private NodeIdentity join(JoinToken token) throws Exception {
    return new Enrollment(CLOCK)
        .join(TestAgent.address(manager), token, NodeSpec.Availability.ACTIVE);
  }

  private void assertRefused(JoinToken token, IdentityException.Reason reason, String words) {
    assertThatThrownBy(() -> join(token))
        .isInstanceOfSatisfying(
            IdentityException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(words);
  }

  private ManagedChannel channel(NodeIdentity identity) {
    CertificateDirectory unused = new CertificateDirectory(directory.resolve("unused"));
    return ManagerChannel.open(
        TestAgent.address(manager), new TlsCredentials(identity, unused, CLOCK));
  }

  /** A client that trusts the manager but shows nothing. */
  private ManagedChannel strangers() throws Exception {
    return NettyChannelBuilder.forAddress(manager.listening())
        .overrideAuthority("swarm-manager")
        .sslContext(
            io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts.forClient()
                .trustManager(new ByteArrayInputStream(rootCa().getCaCert().toByteArray()))
                .build())
        .build();
  }

  private static NodeIdentity sign(
      SigningAuthority authority, String organization, Instant from, Duration life)
      throws IdentityException {
    CertificateRequest request = CertificateRequest.create();
    byte[] pem =
        authority.sign(request.pem().toByteArray(), "node1", Role.WORKER, organization, life, from);
    return NodeIdentity.of(pem, request.key(), authority.root(), from);
  }

  /** So that the client accepts the manager, and it is the manager that refuses. */
  private NodeIdentity withRootOfManager(NodeIdentity identity) {
    NodeIdentity managers = manager.credentials().identity();
    return new NodeIdentity(
        identity.nodeId(),
        identity.role(),
        managers.organization(),
        identity.chain(),
        identity.key(),
        managers.root());
  }

  private Status heartbeatExpectingOrganization(NodeIdentity identity) {
    return heartbeat(withRootOfManager(identity));
  }

  private Status heartbeat(NodeIdentity identity) {
    ManagedChannel channel = channel(identity);
    try {
      var unused =
          DispatcherGrpc.newBlockingStub(channel)
              .withDeadlineAfter(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS)
              .heartbeat(HeartbeatRequest.getDefaultInstance());
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    } finally {
      channel.shutdownNow();
    }
  }

  /** Calls a method with an empty message; whatever else it answers, is it permission denied? */
  private static void assertDenied(
      String who, ManagedChannel channel, String method, boolean expected) {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
            .setFullMethodName(method)
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();
    // A refusal comes, however busy the machine is; a stream that is admitted stays open.
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(expected ? 10_000 : 500, TimeUnit.MILLISECONDS);
    Status status = Status.OK;
    try {
      ClientCalls.blockingServerStreamingCall(channel, descriptor, options, new byte[0])
          .forEachRemaining(answer -> {});
    } catch (StatusRuntimeException e) {
      status = e.getStatus();
    }
    assertThat(status.getCode() == Status.Code.PERMISSION_DENIED)
        .as(who + " calls " + method + ": " + status)
        .isEqualTo(expected);
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
