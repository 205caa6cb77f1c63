package dev.hanse.identity;

import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2SecurityUtil;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNames;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.JdkSslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * The node's identity as TLS shows and checks it: TLS 1.2 and later, trust in the cluster's root
 * only. A renewed identity is used by each handshake after {@link #replace}; open connections live
 * on with the old one.
 */
public final class TlsCredentials {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
  private static final KeyManager[] NO_KEY = {};

  /** gRPC is HTTP/2 and agreed on in the handshake (RFC 7540, section 3.3). */
  private static final ApplicationProtocolConfig HTTP_2 =
      new ApplicationProtocolConfig(
          ApplicationProtocolConfig.Protocol.ALPN,
          ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
          ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_2);

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
    return context(false, ownKey(), trust());
  }

  /** For a client that shows its certificate and demands a manager of the same cluster. */
  public SslContext client() {
    return context(true, ownKey(), trust());
  }

  private KeyManager[] ownKey() {
    return new KeyManager[] {new CurrentKey(this::identity)};
  }

  private ClusterTrust trust() {
    return new ClusterTrust(
        () -> identity.root(), () -> Optional.of(identity.organization()), clock);
  }

  /** For a client that has no certificate yet but knows the root. */
  static SslContext anonymousClient(RootCa root, InstantSource clock) {
    return context(true, NO_KEY, new ClusterTrust(() -> root, Optional::empty, clock));
  }

  /** For the download of the root, which is checked against the token's digest afterwards. */
  static SslContext unverifiedClient() {
    TrustManager[] any = InsecureTrustManagerFactory.INSTANCE.getTrustManagers();
    return context(true, NO_KEY, any[0]);
  }

  /** Made by hand: netty's builder loads all of Bouncy Castle to try what a trust manager can. */
  private static SslContext context(boolean client, KeyManager[] keys, TrustManager trust) {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(keys, new TrustManager[] {trust}, null);
      return new JdkSslContext(
          tls,
          client,
          Http2SecurityUtil.CIPHERS,
          SupportedCipherSuiteFilter.INSTANCE,
          HTTP_2,
          client ? ClientAuth.NONE : ClientAuth.OPTIONAL,
          PROTOCOLS,
          false);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("preparing TLS", e);
    }
  }
}
