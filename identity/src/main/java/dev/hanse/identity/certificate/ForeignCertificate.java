package dev.hanse.identity.certificate;

import static dev.hanse.identity.certificate.IdentityException.Reason.MALFORMED;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Certificates that an authority elsewhere has signed: believed no further than checked. */
public final class ForeignCertificate {
  private ForeignCertificate() {}

  /**
   * Is this what was asked for: valid now, vouched for by the cluster's root, with the request's
   * key and the node's name, role and cluster?
   *
   * @param pem the certificate and its chain
   * @throws IdentityException that says what is wrong
   */
  public static void requireNode(
      byte[] pem,
      byte[] requestPem,
      String nodeId,
      Role role,
      String organization,
      RootCa root,
      Instant now)
      throws IdentityException {
    List<X509Certificate> chain = Pem.certificates(pem);
    Certificates.verify(chain, root, now);
    PublicKey requested = CertificateRequest.requestedKey(requestPem);
    if (!same(chain.getFirst().getPublicKey(), requested)) {
      throw wrong("is for another key");
    }
    if (!Subject.of(chain.getFirst()).equals(new Subject(nodeId, role, organization))) {
      throw wrong("names another node, role or cluster");
    }
  }

  /**
   * Is this the new root's certificate, signed by the old root?
   *
   * @param pem one certificate
   */
  public static void requireCrossSigned(byte[] pem, RootCa fresh, RootCa old, Instant now)
      throws IdentityException {
    List<X509Certificate> chain = Pem.certificates(pem);
    X509Certificate made = chain.getFirst();
    X509Certificate wanted = RootCertificates.only(fresh);
    if (!made.getSubjectX500Principal().equals(wanted.getSubjectX500Principal())
        || !same(made.getPublicKey(), wanted.getPublicKey())) {
      throw wrong("is not for the new root");
    }
    if (made.getBasicConstraints() < 0) {
      throw wrong("may not sign other certificates");
    }
    Certificates.verify(List.of(made), old, now);
  }

  private static IdentityException wrong(String what) {
    return new IdentityException(
        MALFORMED, "the certificate that the external authority has signed " + what);
  }

  private static boolean same(PublicKey one, PublicKey other) {
    return Arrays.equals(one.getEncoded(), other.getEncoded());
  }
}
