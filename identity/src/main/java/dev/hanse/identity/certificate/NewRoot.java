package dev.hanse.identity.certificate;

import static dev.hanse.identity.certificate.IdentityException.Reason.MALFORMED;

import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;

/**
 * The root that is to take the place of another.
 *
 * @param root its certificate, one
 * @param authority with its key; empty if an external authority has that
 */
public record NewRoot(RootCa root, Optional<SigningAuthority> authority) {
  /** A root that users bring has to live for at least another year, as in Docker. */
  private static final Duration LIFE_MIN = Duration.ofDays(365);

  private static final String BASIC_CONSTRAINTS = "2.5.29.19";

  /** A new one. */
  public static NewRoot generate(Instant now, SecureRandom random) {
    SigningAuthority authority = SigningAuthority.create(now, random);
    return new NewRoot(authority.root(), Optional.of(authority));
  }

  /**
   * One that a user brings.
   *
   * @throws IdentityException (MALFORMED) if it is no authority's certificate, more than one, lives
   *     too short, or is not the key's
   */
  public static NewRoot given(
      byte[] certificatePem, Optional<byte[]> keyPem, Instant now, SecureRandom random)
      throws IdentityException {
    RootCa root = RootCa.of(certificatePem);
    if (!RootCertificates.lives(RootCertificates.only(root), LIFE_MIN, now)) {
      throw new IdentityException(MALFORMED, "CA certificate expires too soon");
    }
    if (keyPem.isEmpty()) {
      return new NewRoot(root, Optional.empty());
    }
    return new NewRoot(root, Optional.of(SigningAuthority.of(root.pem(), keyPem.get(), random)));
  }

  /** The CN of its name; the whole name if that has none. */
  public String commonName() {
    String name = certificate().getSubjectX500Principal().getName();
    for (String part : name.split(",", -1)) {
      if (part.startsWith("CN=")) {
        return part.substring("CN=".length());
      }
    }
    return name;
  }

  /** DER, in hexadecimal, of the extension that makes it an authority's certificate. */
  public String basicConstraints() {
    byte[] extension = certificate().getExtensionValue(BASIC_CONSTRAINTS);
    return HexFormat.of().formatHex(ASN1OctetString.getInstance(extension).getOctets());
  }

  private X509Certificate certificate() {
    return root.certificates().getFirst();
  }
}
