package dev.hanse.node;

import dev.hanse.docker.JoinRequest;
import dev.hanse.docker.SwarmRefusal;
import dev.hanse.identity.Enrollment;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.JoinToken;
import dev.hanse.identity.NodeIdentity;
import java.time.InstantSource;

/** How a node gets its first certificate, from any of the managers that the user has named. */
final class Admission {
  private Admission() {}

  /**
   * Asks one manager after the other.
   *
   * @return the identity; its role is that of the token
   * @throws SwarmRefusal in Docker's words
   */
  static NodeIdentity enroll(JoinRequest request, InstantSource clock)
      throws SwarmRefusal, InterruptedException {
    JoinToken token;
    try {
      token = JoinToken.parse(request.joinToken());
    } catch (IdentityException malformed) {
      throw new SwarmRefusal(
          SwarmRefusal.Kind.INVALID, String.valueOf(malformed.getMessage()), malformed);
    }
    SwarmRefusal last = new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, "no manager was asked");
    for (String manager : request.remoteAddresses()) {
      try {
        return new Enrollment(clock).join(manager, token, request.availability());
      } catch (IdentityException refused) {
        last = refusal(refused);
        if (last.kind() == SwarmRefusal.Kind.INVALID) {
          throw last;
        }
      } catch (IllegalArgumentException badAddress) {
        throw new SwarmRefusal(
            SwarmRefusal.Kind.INVALID, String.valueOf(badAddress.getMessage()), badAddress);
      }
    }
    throw last;
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
