package dev.hanse.identity;

import dev.hanse.identity.certificate.Certificates;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.RootCa;
import dev.hanse.identity.certificate.Subject;
import java.net.Socket;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts this cluster's root and nothing else. Names in certificates are roles, not hosts: a client
 * demands a manager of its own cluster, at whatever address it answers.
 */
final class ClusterTrust extends X509ExtendedTrustManager {
  private final Supplier<RootCa> root;
  private final Supplier<Optional<String>> organization;
  private final InstantSource clock;

  ClusterTrust(
      Supplier<RootCa> root, Supplier<Optional<String>> organization, InstantSource clock) {
    this.root = root;
    this.organization = organization;
    this.clock = clock;
  }

  private void verify(X509Certificate[] chain) throws CertificateException {
    try {
      Certificates.verify(Arrays.asList(chain), root.get(), clock.instant());
    } catch (IdentityException e) {
      // The alert that TLS sends is chosen by this cause.
      var reason =
          e.reason() == IdentityException.Reason.EXPIRED
              ? CertPathValidatorException.BasicReason.EXPIRED
              : CertPathValidatorException.BasicReason.UNSPECIFIED;
      throw new CertificateException(
          e.getMessage(), new CertPathValidatorException(e.getMessage(), e, null, -1, reason));
    }
  }

  private void verifyManager(X509Certificate[] chain) throws CertificateException {
    verify(chain);
    Subject subject;
    try {
      subject = Subject.of(chain[0]);
    } catch (IdentityException e) {
      throw new CertificateException(e.getMessage(), e);
    }
    if (subject.role() != Role.MANAGER) {
      throw new CertificateException("the server is not a manager");
    }
    Optional<String> wanted = organization.get();
    if (wanted.isPresent() && !wanted.get().equals(subject.organization())) {
      throw new CertificateException("the server belongs to another cluster");
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    verify(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    verifyManager(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    verify(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    verifyManager(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    verify(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    verifyManager(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    List<X509Certificate> certificates = root.get().certificates();
    return certificates.toArray(X509Certificate[]::new);
  }
}
