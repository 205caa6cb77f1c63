package dev.hanse.node.membership;

import dev.hanse.docker.JoinRequest;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.identity.Enrollment;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.identity.certificate.NodeIdentity;
import java.time.InstantSource;
import java.util.Optional;

/** How a node gets its first certificate, from any of the managers that the user has named. */
final class Admission {
  private Admission() {}

  /**
   * Asks one manager after the other.
   *
   * @return the identity; its role is that of the token; empty if none answers at all, so that it
   *     may be asked again
   * @throws SwarmRefusal in Docker's words
   */
  static Optional<NodeIdentity> enroll(JoinRequest request, InstantSource clock)
      throws SwarmRefusal, InterruptedException {
    JoinToken token;
    try {
      token = JoinToken.parse(request.joinToken());
    } catch (IdentityException malformed) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.INVALID, String.valueOf(malformed.getMessage()), malformed);
    }
    Optional<SwarmRefusal> last = Optional.empty();
    for (String manager : request.remoteAddresses()) {
      try {
        return Optional.of(new Enrollment(clock).join(manager, token, request.availability()));
      } catch (IdentityException refused) {
        SwarmRefusal refusal = refusal(refused);
        if (refusal.kind() == SwarmRefusal.Kind.INVALID) {
          throw refusal;
        }
        if (!Enrollment.isSilence(refused)) {
          last = Optional.of(refusal);
        }
      } catch (IllegalArgumentException badAddress) {
        throw new SwarmRefusal(
            SwarmRefusal.Kind.INVALID, String.valueOf(badAddress.getMessage()), badAddress);
      }
    }
    if (last.isPresent()) {
      throw last.get();
    }
    return Optional.empty();
  }

  private static SwarmRefusal refusal(IdentityException fault) {
    SwarmRefusal.Kind kind =
        switch (fault.reason()) {
          case INVALID_TOKEN, WRONG_ROOT, REFUSED -> SwarmRefusal.Kind.INVALID;
          case LOCKED -> SwarmRefusal.Kind.UNAUTHORIZED;
          case EXPIRED, UNTRUSTED, MALFORMED -> SwarmRefusal.Kind.INTERNAL;
          case UNREACHABLE -> SwarmRefusal.Kind.UNAVAILABLE;
        };
    return new SwarmRefusal(kind, String.valueOf(fault.getMessage()), fault);
  }
}
