package dev.hanse.manager;

import com.google.protobuf.ByteString;
import dev.hanse.health.Health;
import dev.hanse.identity.CertificateUpkeep;
import dev.hanse.identity.Enrollment;
import dev.hanse.identity.LateRenewal;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.CertificateIssuer;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.model.DispatcherGrpc;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeTLSInfo;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.SessionRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A node that keeps its certificate and trust as the manager says and reports them, as the daemon
 * does: a session, and another one whenever its credentials change.
 */
final class FollowingNode implements AutoCloseable {
  final TlsCredentials credentials;
  private final Manager manager;
  private final CertificateUpkeep upkeep;
  private final Thread thread = Thread.ofVirtual().unstarted(this::run);
  private volatile Context.@Nullable CancellableContext session;
  private final AtomicInteger sessions = new AtomicInteger();
  private volatile boolean closed;

  FollowingNode(Manager manager, TlsCredentials credentials, InstantSource clock) {
    this.manager = manager;
    this.credentials = credentials;
    this.upkeep =
        CertificateUpkeep.start(
            new Health(),
            credentials,
            () -> List.of(TestAgent.address(manager)),
            LateRenewal.OwnSource.NONE,
            clock,
            new Random(1));
    credentials.onReplace(identity -> endSession());
    thread.start();
  }

  static FollowingNode join(Manager manager, Path directory, InstantSource clock) throws Exception {
    String token =
        manager.snapshot().cluster().orElseThrow().getRootCa().getJoinTokens().getWorker();
    var identity =
        new Enrollment(clock)
            .join(TestAgent.address(manager), JoinToken.parse(token), NodeSpec.Availability.ACTIVE);
    CertificateDirectory certificates = new CertificateDirectory(directory);
    certificates.save(identity);
    return new FollowingNode(manager, new TlsCredentials(identity, certificates, clock), clock);
  }

  String nodeId() {
    return credentials.identity().nodeId();
  }

  /** How many sessions have begun so far. */
  int sessions() {
    return sessions.get();
  }

  void renewNow() {
    upkeep.renewNow();
  }

  private void run() {
    try {
      while (!closed) {
        serve();
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Closed.
    }
  }

  private void serve() {
    ManagedChannel channel = ManagerChannel.open(TestAgent.address(manager), credentials);
    Context.CancellableContext context = Context.ROOT.withCancellation();
    session = context;
    Context before = context.attach();
    try {
      Iterator<SessionMessage> messages =
          DispatcherGrpc.newBlockingStub(channel)
              .session(SessionRequest.newBuilder().setDescription(description()).build());
      if (messages.hasNext()) {
        sessions.incrementAndGet();
      }
      messages.forEachRemaining(upkeep::sessionMessage);
    } catch (StatusRuntimeException ended) {
      // Another one follows.
    } finally {
      context.detach(before);
      context.cancel(null);
      channel.shutdownNow();
    }
  }

  private NodeDescription description() {
    CertificateIssuer issuer = credentials.identity().issuer();
    return NodeDescription.newBuilder()
        .setHostname("host")
        .setTlsInfo(
            NodeTLSInfo.newBuilder()
                .setTrustRoot(ByteString.copyFrom(credentials.identity().root().pem()))
                .setCertIssuerSubject(issuer.subject())
                .setCertIssuerPublicKey(issuer.publicKey()))
        .build();
  }

  private void endSession() {
    Context.CancellableContext present = session;
    if (present != null) {
      present.cancel(null);
    }
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    upkeep.close();
    endSession();
    thread.interrupt();
    thread.join();
  }
}
