package dev.hanse.manager;

import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.CertificateRequest;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.SigningAuthority;
import dev.hanse.identity.server.AccessControl;
import dev.hanse.identity.server.ClusterServer;
import dev.hanse.manager.forward.Forwarder;
import dev.hanse.manager.forward.LeaderRoute;
import dev.hanse.model.RootCA;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.raft.log.Member;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import io.grpc.HandlerRegistry;
import io.grpc.ServerMethodDefinition;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A manager of the same cluster that never leads and whose state follows when the test lets it: the
 * forwarding part of a manager, on a port of its own.
 */
final class Bystander implements AutoCloseable {
  final TlsCredentials credentials;
  final LeaderRoute route;
  final Store store = new Store(Snapshot.empty());
  private final Known log = new Known();
  private final ClusterPort port;

  /** Whom it holds for the leader. */
  private static final class Known implements ReplicatedLog {
    private volatile Optional<Member> leader = Optional.empty();

    @Override
    public Optional<String> leader() {
      return leader.map(Member::nodeId);
    }

    @Override
    public List<Member> members() {
      return leader.stream().toList();
    }

    @Override
    public Line line(long term) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Long> propose(byte[] entry) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int entryBytesMax() {
      throw new UnsupportedOperationException();
    }

    @Override
    public long appliedIndex() {
      return 0;
    }

    @Override
    public boolean isLeader() {
      return false;
    }

    @Override
    public CompletableFuture<Void> addMember(Member member) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> removeMember(String nodeId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> transferLeadership() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  Bystander(Manager leader, Path directory) throws Exception {
    credentials =
        new TlsCredentials(
            sign(leader, "bystander", Role.MANAGER),
            new CertificateDirectory(directory),
            InstantSource.system());
    route = new LeaderRoute(credentials, () -> Optional.of(log));
    InetSocketAddress listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    AccessControl access =
        new AccessControl(
            MethodRules.byName(),
            () ->
                new AccessControl.Membership() {
                  @Override
                  public String organization() {
                    return credentials.identity().organization();
                  }

                  @Override
                  public boolean removed(String nodeId) {
                    return false;
                  }
                },
            InstantSource.system());
    Forwarder forwarder = new Forwarder(route, InetSocketAddress.createUnresolved("host", 2377));
    HandlerRegistry everything =
        new HandlerRegistry() {
          @Override
          public ServerMethodDefinition<?, ?> lookupMethod(
              String name, @Nullable String authority) {
            return forwarder.method(name);
          }
        };
    port =
        ClusterPort.open(
            listen,
            ClusterServer.builder(listen, credentials, access, ClusterServer.Limits.DEFAULT)
                .fallbackHandlerRegistry(everything));
    follow(leader);
  }

  /** A certificate of the leader's cluster. */
  static NodeIdentity sign(Manager leader, String nodeId, Role role) throws Exception {
    RootCA root = leader.snapshot().cluster().orElseThrow().getRootCa();
    SigningAuthority authority =
        SigningAuthority.of(
            root.getCaCert().toByteArray(), root.getCaKey().toByteArray(), new SecureRandom());
    CertificateRequest request = CertificateRequest.create();
    Instant now = Instant.now();
    byte[] pem =
        authority.sign(
            request.pem().toByteArray(),
            nodeId,
            role,
            leader.credentials().identity().organization(),
            Duration.ofHours(2),
            now);
    return NodeIdentity.of(pem, request.key(), authority.root(), now);
  }

  /** From now on this one leads. */
  void follow(Manager leader) {
    follow(
        Optional.of(
            new Member(leader.credentials().identity().nodeId(), TestAgent.address(leader))));
  }

  void follow(Optional<Member> leader) {
    log.leader = leader;
    route.leaderChanged(leader.map(Member::nodeId));
  }

  String address() {
    return "127.0.0.1:" + port.listening().getPort();
  }

  @Override
  public void close() {
    route.close();
    port.close();
  }
}
