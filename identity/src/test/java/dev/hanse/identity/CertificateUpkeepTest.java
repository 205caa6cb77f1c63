package dev.hanse.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.identity.certificate.Role;
import dev.hanse.model.Certificate;
import dev.hanse.model.IssuanceStatus;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import org.junit.jupiter.api.Test;

/** When a node asks for another certificate, by what a session says. */
final class CertificateUpkeepTest {
  private static Node node(NodeRole role, NodeRole asked) {
    return Node.newBuilder()
        .setRole(role)
        .setCertificate(Certificate.newBuilder().setRole(asked))
        .build();
  }

  private static boolean wanted(Node node, Role own) {
    return CertificateUpkeep.isRenewalWanted(node, own);
  }

  @Test
  void none_while_all_agree() {
    assertThat(wanted(node(NodeRole.MANAGER, NodeRole.MANAGER), Role.MANAGER)).isFalse();
    assertThat(wanted(node(NodeRole.WORKER, NodeRole.WORKER), Role.WORKER)).isFalse();
    assertThat(wanted(Node.newBuilder().setRole(NodeRole.MANAGER).build(), Role.MANAGER)).isFalse();
  }

  @Test
  void one_of_the_role_that_the_node_has_now() {
    assertThat(wanted(node(NodeRole.WORKER, NodeRole.MANAGER), Role.MANAGER)).isTrue();
    assertThat(wanted(node(NodeRole.MANAGER, NodeRole.WORKER), Role.WORKER)).isTrue();
  }

  /** Demoted, and promoted again before the worker's certificate came. */
  @Test
  void one_in_place_of_another_that_is_under_way() {
    assertThat(wanted(node(NodeRole.MANAGER, NodeRole.WORKER), Role.MANAGER)).isTrue();
  }

  @Test
  void one_when_the_managers_ask_for_it() {
    Node.Builder asked = node(NodeRole.WORKER, NodeRole.WORKER).toBuilder();
    asked
        .getCertificateBuilder()
        .setStatus(IssuanceStatus.newBuilder().setState(IssuanceStatus.State.ROTATE));
    assertThat(wanted(asked.build(), Role.WORKER)).isTrue();
  }
}
