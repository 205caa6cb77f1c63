package dev.hanse.identity.certificate;

import static dev.hanse.identity.certificate.IdentityException.Reason.MALFORMED;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;

/** The root with its key: makes node certificates. */
public final class SigningAuthority {
  /** Life of a root certificate. */
  public static final Duration ROOT_LIFETIME = Duration.ofDays(7300);

  /** Life of a node certificate when the cluster's specification names none: 90 days. */
  public static final Duration NODE_LIFETIME_DEFAULT = Duration.ofDays(90);

  /** The shortest life that a cluster's specification may ask for. */
  public static final Duration NODE_LIFETIME_MIN = Duration.ofHours(1);

  /** Certificates begin this long before they are made, for clocks that are behind. */
  public static final Duration BACKDATE = Duration.ofHours(1);

  /** CN of the root, and a DNS name of every manager: whom to ask for certificates. */
  public static final String AUTHORITY_NAME = "swarm-ca";

  private static final int SERIAL_BITS = 159;
  private final RootCa root;
  private final PrivateKey key;
  private final byte[] chain;
  private final SecureRandom random;

  private SigningAuthority(RootCa root, PrivateKey key, byte[] chain, SecureRandom random) {
    this.root = root;
    this.key = key;
    this.chain = chain;
    this.random = random;
  }

  /** A new root, for a new cluster or in place of an old root. */
  public static SigningAuthority create(Instant now, SecureRandom random) {
    KeyPair pair = CertificateRequest.newKey();
    byte[] pem =
        RootCertificates.selfSigned(
            pair,
            new X500Name("CN=" + AUTHORITY_NAME),
            now.minus(BACKDATE),
            now.plus(ROOT_LIFETIME),
            random);
    try {
      return new SigningAuthority(RootCa.of(pem), pair.getPrivate(), new byte[0], random);
    } catch (IdentityException e) {
      throw new IllegalStateException("a new root certificate is refused", e);
    }
  }

  /**
   * The authority of an existing cluster.
   *
   * @throws IdentityException if certificate and key are malformed or do not belong together
   */
  public static SigningAuthority of(byte[] rootPem, byte[] keyPem, SecureRandom random)
      throws IdentityException {
    RootCa root = RootCa.of(rootPem);
    PrivateKey key = Pem.privateKey(keyPem);
    if (!Certificates.belongTogether(root.certificates().getFirst(), key)) {
      throw new IdentityException(MALFORMED, "certificate key mismatch");
    }
    return new SigningAuthority(root, key, new byte[0], random);
  }

  /**
   * The same authority; behind each certificate that it signs stand these, so that those who trust
   * an older root can follow.
   *
   * @param chain certificates of this root and its predecessors, each signed by the next older one,
   *     as text
   */
  public SigningAuthority vouchedForBy(byte[] chain) {
    return new SigningAuthority(root, key, chain.clone(), random);
  }

  /**
   * Vouches for another root.
   *
   * @return the other root's certificate, signed by this one, as text
   */
  public byte[] crossSign(RootCa other) throws IdentityException {
    return RootCertificates.crossSigned(
        RootCertificates.only(other), root.certificates().getFirst(), key);
  }

  /** The root's request to be vouched for by an authority elsewhere, as text. */
  public byte[] crossSigningRequest() throws IdentityException {
    return RootCertificates.crossSigningRequest(RootCertificates.only(root), key);
  }

  /** The certificate part, fit for everybody. */
  public RootCa root() {
    return root;
  }

  /** The key as PKCS #8 text; belongs into the cluster object only. */
  public byte[] keyPem() {
    return Pem.encode(key);
  }

  /**
   * Certifies the key of a request. Only the key is taken from it; subject, names and life come
   * from the arguments.
   *
   * @param lifetime raised to the default if shorter than {@link #NODE_LIFETIME_MIN}
   * @return the certificate and what vouches for its root, as text
   * @throws IdentityException (MALFORMED) if the request is none or not signed by its own key
   */
  public byte[] sign(
      byte[] requestPem,
      String nodeId,
      Role role,
      String organization,
      Duration lifetime,
      Instant now)
      throws IdentityException {
    PublicKey publicKey = CertificateRequest.requestedKey(requestPem);
    Duration life = lifetime.compareTo(NODE_LIFETIME_MIN) < 0 ? NODE_LIFETIME_DEFAULT : lifetime;
    byte[] certificate =
        sign(publicKey, nodeId, role, organization, now.minus(BACKDATE), now.plus(life));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    text.writeBytes(certificate);
    text.writeBytes(chain);
    return text.toByteArray();
  }

  byte[] sign(
      PublicKey publicKey,
      String nodeId,
      Role role,
      String organization,
      Instant notBefore,
      Instant notAfter) {
    X509Certificate issuer = root.certificates().getFirst();
    X500Name subject =
        new X500NameBuilder(BCStyle.INSTANCE)
            .addRDN(BCStyle.O, organization)
            .addRDN(BCStyle.OU, role.organizationalUnit())
            .addRDN(BCStyle.CN, nodeId)
            .build();
    X500Principal issuerName = issuer.getSubjectX500Principal();
    try {
      X509v3CertificateBuilder builder =
          new X509v3CertificateBuilder(
              X500Name.getInstance(issuerName.getEncoded()),
              new BigInteger(SERIAL_BITS, random),
              Date.from(notBefore),
              Date.from(notAfter),
              subject,
              SubjectPublicKeyInfo.getInstance(publicKey.getEncoded()));
      addNodeExtensions(builder, issuer, publicKey, names(nodeId, role));
      return Pem.encode("CERTIFICATE", RootCertificates.sign(builder, key));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("signing a node certificate", e);
    }
  }

  private static void addNodeExtensions(
      X509v3CertificateBuilder builder,
      X509Certificate issuer,
      PublicKey publicKey,
      List<String> names)
      throws GeneralSecurityException, IOException {
    var identifiers = new JcaX509ExtensionUtils();
    builder.addExtension(
        Extension.keyUsage,
        true,
        new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
    builder.addExtension(
        Extension.extendedKeyUsage,
        false,
        new ExtendedKeyUsage(
            new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(
        Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(publicKey));
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        identifiers.createAuthorityKeyIdentifier(issuer.getPublicKey()));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            names.stream()
                .map(name -> new GeneralName(GeneralName.dNSName, name))
                .toArray(GeneralName[]::new)));
  }

  /** DNS names: role and node id; managers also answer to the authority's name. */
  public static List<String> names(String nodeId, Role role) {
    return switch (role) {
      case WORKER -> List.of(role.organizationalUnit(), nodeId);
      case MANAGER -> List.of(role.organizationalUnit(), nodeId, AUTHORITY_NAME);
    };
  }
}
