package dev.hanse.identity.certificate;

import static dev.hanse.identity.certificate.IdentityException.Reason.MALFORMED;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * The three facts in a node certificate's subject.
 *
 * @param nodeId CN
 * @param role OU
 * @param organization O, the cluster's id
 */
public record Subject(String nodeId, Role role, String organization) {

  /** Reads a certificate's subject. */
  public static Subject of(X509Certificate certificate) throws IdentityException {
    List<Rdn> names;
    try {
      names = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
    } catch (InvalidNameException e) {
      throw new IdentityException(MALFORMED, "certificate subject is not a name", e);
    }
    String nodeId =
        value(names, "CN")
            .filter(id -> !id.isEmpty())
            .orElseThrow(() -> missing("no valid subject names found"));
    String unit = value(names, "OU").orElseThrow(() -> missing("no OU found"));
    Role role = Role.ofOrganizationalUnit(unit).orElseThrow(() -> missing("unknown role " + unit));
    String organization = value(names, "O").orElseThrow(() -> missing("no organization found"));
    return new Subject(nodeId, role, organization);
  }

  private static Optional<String> value(List<Rdn> names, String type) {
    return names.stream()
        .filter(name -> name.getType().equalsIgnoreCase(type))
        .map(name -> String.valueOf(name.getValue()))
        .findFirst();
  }

  private static IdentityException missing(String what) {
    return new IdentityException(MALFORMED, what + " in certificate subject");
  }
}
