package dev.hanse.manager.authority;

import com.google.protobuf.ByteString;
import dev.hanse.control.Rejection;
import dev.hanse.control.authority.AuthorityChange;
import dev.hanse.control.authority.AuthorityChange.ExternalNeed;
import dev.hanse.control.authority.AuthorityChange.Step;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.ForeignCertificate;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.NewRoot;
import dev.hanse.identity.certificate.RootCa;
import dev.hanse.identity.certificate.SigningAuthority;
import dev.hanse.model.CAConfig;
import dev.hanse.model.RootCA;
import dev.hanse.model.RootRotation;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;

/**
 * Makes of the wanted settings of the authority the root object that is to be stored: what {@link
 * AuthorityChange} decides, with the keys, certificates and signatures that it takes. Blocks while
 * external authorities are asked.
 */
public final class RootChanges {
  private final ClusterSigner signer;
  private final InstantSource clock;
  private final SecureRandom random;

  /** Shows the credentials to external authorities. */
  public RootChanges(TlsCredentials credentials, InstantSource clock, SecureRandom random) {
    this.signer = new ClusterSigner(credentials, clock, random);
    this.clock = clock;
    this.random = random;
  }

  /** The root object, or why there is none. */
  public sealed interface Result {
    /** To be stored; equal to the present one if nothing changes. */
    record Root(RootCA root) implements Result {}

    /** Not possible. */
    record Refused(Rejection rejection) implements Result {}
  }

  /** Works a root and wanted settings out. */
  public Result prepare(RootCA root, CAConfig wanted) throws InterruptedException {
    AuthorityChange change = AuthorityChange.of(root, wanted);
    try {
      return switch (change.step()) {
        case Step.Refuse refuse -> new Result.Refused(refuse.rejection());
        case Step.Keep keep -> {
          requireFit(keep.root());
          requireReachable(change.needs(), root);
          yield new Result.Root(keep.root());
        }
        case Step.Rotate rotate -> {
          NewRoot next = next(rotate);
          requireReachable(change.needs(), root);
          yield new Result.Root(rotating(root, wanted, next));
        }
      };
    } catch (IdentityException unusable) {
      return refused(String.valueOf(unusable.getMessage()));
    } catch (ExternalAuthority.Unreachable unreachable) {
      return new Result.Refused(
          new Rejection.Unavailable(String.valueOf(unreachable.getMessage())));
    } catch (ExternalAuthority.Declined declined) {
      return refused(
          "unable to generate a cross-signed certificate for root rotation: "
              + declined.getMessage());
    } catch (NeedNotMet unmet) {
      return refused(String.valueOf(unmet.getMessage()));
    }
  }

  private static Result refused(String message) {
    return new Result.Refused(new Rejection.Invalid(message));
  }

  private NewRoot next(Step.Rotate rotate) throws IdentityException {
    if (rotate.certificate().isEmpty()) {
      return NewRoot.generate(clock.instant(), random);
    }
    return NewRoot.given(
        rotate.certificate().get().toByteArray(),
        rotate.key().map(ByteString::toByteArray),
        clock.instant(),
        random);
  }

  /** Keys that were given for a root that is known must be that root's. */
  private void requireFit(RootCA root) throws IdentityException {
    requireFit(root.getCaCert(), root.getCaKey());
    requireFit(root.getRootRotation().getCaCert(), root.getRootRotation().getCaKey());
  }

  private void requireFit(ByteString certificate, ByteString key) throws IdentityException {
    if (!key.isEmpty()) {
      var unused = SigningAuthority.of(certificate.toByteArray(), key.toByteArray(), random);
    }
  }

  private RootCA rotating(RootCA root, CAConfig wanted, NewRoot next)
      throws IdentityException,
          ExternalAuthority.Unreachable,
          ExternalAuthority.Declined,
          InterruptedException {
    RootCa present = RootCa.of(root.getCaCert().toByteArray());
    byte[] crossSigned;
    if (!root.getCaKey().isEmpty()) {
      crossSigned =
          SigningAuthority.of(present.pem(), root.getCaKey().toByteArray(), random)
              .crossSign(next.root());
    } else {
      List<String> urls = AuthorityChange.externalUrls(wanted, root.getCaCert(), root.getCaCert());
      crossSigned =
          signer
              .at(urls, root.toBuilder().clearRootRotation().build())
              .crossSign(
                  next.authority().orElseThrow().crossSigningRequest(),
                  next.commonName(),
                  next.basicConstraints());
      ForeignCertificate.requireCrossSigned(crossSigned, next.root(), present, clock.instant());
    }
    return root.toBuilder()
        .setRootRotation(
            RootRotation.newBuilder()
                .setCaCert(ByteString.copyFrom(next.root().pem()))
                .setCaKey(
                    next.authority()
                        .map(authority -> ByteString.copyFrom(authority.keyPem()))
                        .orElse(ByteString.EMPTY))
                .setCrossSignedCaCert(ByteString.copyFrom(crossSigned)))
        .setLastForcedRotation(wanted.getForceRotate())
        .build();
  }

  private static final class NeedNotMet extends Exception {
    NeedNotMet(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private void requireReachable(List<ExternalNeed> needs, RootCA root)
      throws IdentityException, NeedNotMet {
    for (ExternalNeed need : needs) {
      RootCA trusted = root.toBuilder().setCaCert(need.certificate()).clearRootRotation().build();
      try {
        signer.at(need.urls(), trusted).requireReachable();
      } catch (ExternalAuthority.Unreachable unreachable) {
        throw new NeedNotMet(
            "there must be at least one valid, reachable external CA corresponding to the %s CA"
                    .formatted(need.which())
                + " certificate: "
                + unreachable.getMessage(),
            unreachable);
      }
    }
  }
}
