package dev.hanse.identity;

import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.CurrentKey;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.RootCa;
import dev.hanse.identity.certificate.UnlockKey;
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
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * The node's identity as TLS shows and checks it: TLS 1.2 and later, trust in the cluster's root
 * only. A renewed identity is used by each handshake after {@link #replace}, another root after
 * {@link #trust}; open connections live on with the old ones.
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

  /**
   * Saves a renewed identity, then uses it; listeners are told on this thread. What the node trusts
   * stays as it is now, whatever it was when the renewal began.
   *
   * @throws IdentityException (UNTRUSTED) if the present root does not vouch for it
   */
  public synchronized void replace(NodeIdentity renewed) throws IOException, IdentityException {
    use(renewed.trusting(identity.root(), clock.instant()));
  }

  /**
   * Saves another root, then trusts it and no longer the former one.
   *
   * @return false if it is the present one
   * @throws IdentityException (UNTRUSTED) if it does not vouch for the node's own certificate: then
   *     the node would be alone with it, and nothing changes
   */
  public synchronized boolean trust(RootCa root) throws IOException, IdentityException {
    if (root.equals(identity.root())) {
      return false;
    }
    use(identity.trusting(root, clock.instant()));
    return true;
  }

  /** See {@link CertificateDirectory#relock}. */
  public synchronized void relock(
      Optional<UnlockKey> lock, CertificateDirectory.Following following) throws IOException {
    directory.relock(identity, lock, following);
  }

  private void use(NodeIdentity next) throws IOException {
    directory.save(next);
    identity = next;
    for (Consumer<NodeIdentity> listener : listeners) {
      listener.accept(next);
    }
  }

  /** Tells of each change until closed; the listener must not block. */
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

  /**
   * For a client of a server outside of the swarm: it shows the node's certificate, and demands one
   * of these roots with the server's host name.
   */
  public SSLContext outward(List<RootCa> roots) {
    try {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      for (RootCa root : roots) {
        for (X509Certificate certificate : root.certificates()) {
          trusted.setCertificateEntry("root" + trusted.size(), certificate);
        }
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(ownKey(), trust.getTrustManagers(), null);
      return tls;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("preparing TLS", e);
    }
  }

  private KeyManager[] ownKey() {
    return new KeyManager[] {new CurrentKey(this::identity)};
  }

  private ClusterTrust trust() {
    return new ClusterTrust(
        () -> identity.root(), () -> Optional.of(identity.organization()), clock);
  }

  /**
   * For a client that has no certificate yet, or no valid one, but knows the root.
   *
   * @param organization the cluster, if the client knows that, too
   */
  static SslContext anonymousClient(
      RootCa root, Optional<String> organization, InstantSource clock) {
    return context(true, NO_KEY, new ClusterTrust(() -> root, () -> organization, clock));
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
