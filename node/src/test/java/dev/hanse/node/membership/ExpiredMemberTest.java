package dev.hanse.node.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.health.Health;
import dev.hanse.identity.LateRenewal;
import dev.hanse.identity.certificate.CertificateRequest;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.SigningAuthority;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class ExpiredMemberTest {
  private static final Duration LIFE = Duration.ofHours(2);

  private final SecureRandom random = new SecureRandom();
  private final Instant born = Instant.now();
  private final Instant later = born.plus(LIFE.multipliedBy(2));
  private final SigningAuthority authority = SigningAuthority.create(born, random);

  @Test
  void a_manager_that_nobody_answers_helps_itself() throws Exception {
    NodeIdentity old = identity(born);
    NodeIdentity fresh = identity(later);
    try (ExpiredMember member = member(old, () -> Optional.of(fresh), later)) {
      CompletableFuture<NodeIdentity> renewed = new CompletableFuture<>();
      member.start(renewed::complete, refusal -> renewed.cancel(false));
      assertThat(renewed.get(10, TimeUnit.SECONDS)).isEqualTo(fresh);
    }
  }

  @Test
  @Tag("attack")
  void who_cannot_keep_a_certificate_asks_again() throws Exception {
    NodeIdentity fresh = identity(later);
    AtomicBoolean failed = new AtomicBoolean();
    try (ExpiredMember member = member(identity(born), () -> Optional.of(fresh), later)) {
      CompletableFuture<NodeIdentity> renewed = new CompletableFuture<>();
      member.start(
          identity -> {
            if (!failed.getAndSet(true)) {
              throw new StackOverflowError("while it is taken up");
            }
            renewed.complete(identity);
          },
          refusal -> renewed.cancel(false));
      assertThat(renewed.get(20, TimeUnit.SECONDS)).isEqualTo(fresh);
    }
  }

  @Test
  void a_worker_and_a_manager_that_cannot_go_on_asking() throws Exception {
    NodeIdentity old = identity(born);
    try (ExpiredMember worker = member(old, LateRenewal.OwnSource.NONE, later);
        ExpiredMember manager =
            member(
                old,
                () -> {
                  throw new IdentityException(
                      IdentityException.Reason.REFUSED, "no manager any more");
                },
                later)) {
      assertThat(worker.ask()).isEmpty();
      assertThat(manager.ask()).isEmpty();
    }
  }

  @Test
  void when_the_clock_is_set_right_the_old_one_is_good_again() throws Exception {
    NodeIdentity old = identity(born);
    try (ExpiredMember member = member(old, LateRenewal.OwnSource.NONE, born)) {
      assertThat(member.ask()).contains(old);
    }
  }

  private ExpiredMember member(NodeIdentity identity, LateRenewal.OwnSource own, Instant now) {
    return new ExpiredMember(new Health(), identity, List::of, own, () -> now, random);
  }

  private NodeIdentity identity(Instant now) throws IdentityException {
    CertificateRequest request = CertificateRequest.create();
    byte[] pem =
        authority.sign(request.pem().toByteArray(), "node1", Role.MANAGER, "cluster1", LIFE, now);
    return NodeIdentity.of(pem, request.key(), authority.root(), now);
  }
}
