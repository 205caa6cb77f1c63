package dev.hanse.identity.certificate;

import dev.hanse.model.NodeRole;
import java.util.Optional;

/** What a certificate lets its holder be; stands in the certificate's OU. */
public enum Role {
  WORKER("swarm-worker", NodeRole.WORKER),
  MANAGER("swarm-manager", NodeRole.MANAGER);

  private final String organizationalUnit;
  private final NodeRole message;

  Role(String organizationalUnit, NodeRole message) {
    this.organizationalUnit = organizationalUnit;
    this.message = message;
  }

  /** The OU of the certificate's subject, and one of its DNS names. */
  public String organizationalUnit() {
    return organizationalUnit;
  }

  /** The same role in the cluster's messages. */
  public NodeRole message() {
    return message;
  }

  /** The role that a certificate's OU stands for. */
  public static Optional<Role> ofOrganizationalUnit(String organizationalUnit) {
    for (Role role : values()) {
      if (role.organizationalUnit.equals(organizationalUnit)) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }

  /** The role named in a message. */
  public static Role of(NodeRole role) {
    return role == NodeRole.MANAGER ? MANAGER : WORKER;
  }
}
