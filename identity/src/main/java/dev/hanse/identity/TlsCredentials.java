package dev.hanse.identity;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;

/**
 * The node's identity as TLS shows and checks it: TLS 1.2 and later, trust in the cluster's root
 * only. A renewed identity is used by each handshake after {@link #replace}; open connections live
 * on with the old one.
 */
public final class TlsCredentials {
  private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  private final CertificateDirectory directory;
  private final InstantSource clock;
  private final List<Consumer<NodeIdentity>> listeners = new CopyOnWriteArrayList<>();
  private volatile NodeIdentity identity;

  /** Credentials that {@link #replace} saves to the directory. */
  public TlsCredentials(
      NodeIdentity identity, CertificateDirectory directory, InstantSource clock) {
    this.identity = identity;
    this.directory = directory;
    this.clock = clock;
  }

  /** Who the node is now. */
  public NodeIdentity identity() {
    return identity;
  }

  /** Saves a renewed identity, then uses it; listeners are told on this thread. */
  public void replace(NodeIdentity renewed) throws IOException {
    directory.save(renewed);
    identity = renewed;
    for (Consumer<NodeIdentity> listener : listeners) {
      listener.accept(renewed);
    }
  }

  /** Tells of each {@link #replace} until closed; the listener must not block. */
  public Runnable onReplace(Consumer<NodeIdentity> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** For a server: clients may show a certificate; if they do, it must be good. */
  public SslContext server() {
    try {
      return GrpcSslContexts.configure(
              SslContextBuilder.forServer(new CurrentKey(this::identity)), SslProvider.JDK)
          .trustManager(trust())
          .clientAuth(ClientAuth.OPTIONAL)
          .protocols(PROTOCOLS)
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException("preparing TLS for the server", e);
    }
  }

  /** For a client that shows its certificate and demands a manager of the same cluster. */
  public SslContext client() {
    return build(
        SslContextBuilder.forClient()
            .keyManager(new CurrentKey(this::identity))
            .trustManager(trust()));
  }

  private ClusterTrust trust() {
    return new ClusterTrust(
        () -> identity.root(), () -> Optional.of(identity.organization()), clock);
  }

  /** For a client that has no certificate yet but knows the root. */
  static SslContext anonymousClient(RootCa root, InstantSource clock) {
    return build(
        SslContextBuilder.forClient()
            .trustManager(new ClusterTrust(() -> root, Optional::empty, clock)));
  }

  /** For the download of the root, which is checked against the token's digest afterwards. */
  static SslContext unverifiedClient() {
    return build(SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE));
  }

  private static SslContext build(SslContextBuilder builder) {
    try {
      return GrpcSslContexts.configure(builder, SslProvider.JDK).protocols(PROTOCOLS).build();
    } catch (SSLException e) {
      throw new IllegalStateException("preparing TLS for a client", e);
    }
  }
}
