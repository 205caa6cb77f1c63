package dev.hanse.control.authority;

import com.google.protobuf.ByteString;
import dev.hanse.control.Rejection;
import dev.hanse.model.CAConfig;
import dev.hanse.model.ExternalCA;
import dev.hanse.model.RootCA;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What wanted settings of the authority mean for the cluster's root (swarmkit, {@code
 * manager/controlapi/ca_rotation.go}). Whether certificates and keys are good, and whether external
 * authorities answer, the driver has to find out.
 *
 * @param step what becomes of the root
 * @param needs external authorities without which it must not happen
 */
public record AuthorityChange(Step step, List<ExternalNeed> needs) {
  /** What becomes of the root. */
  public sealed interface Step {
    /**
     * No other root than the present one, or than the one that is being rotated to.
     *
     * @param root as it is to be stored
     */
    record Keep(RootCA root) implements Step {}

    /**
     * Another root.
     *
     * @param certificate the new root's, PEM; empty if one is to be made
     * @param key its key, PEM; empty with a certificate whose key an external authority has
     */
    record Rotate(Optional<ByteString> certificate, Optional<ByteString> key) implements Step {}

    /** Not possible. */
    record Refuse(Rejection rejection) implements Step {}
  }

  /**
   * One of these has to be reachable.
   *
   * @param which "current", "next" or "desired": the root that they sign for
   * @param certificate that root's certificate, PEM
   * @param urls where they are; may be none, and then the need is not met
   */
  public record ExternalNeed(String which, ByteString certificate, List<String> urls) {}

  /** Copies the list. */
  public AuthorityChange {
    needs = List.copyOf(needs);
  }

  /** Decides for a root and wanted settings. */
  public static AuthorityChange of(RootCA root, CAConfig wanted) {
    ByteString certificate = PemText.normal(wanted.getSigningCaCert());
    ByteString key = wanted.getSigningCaKey();
    if (certificate.isEmpty() && !key.isEmpty()) {
      return refused("if a signing CA key is provided, the signing CA cert must also be provided");
    }
    boolean same = certificate.equals(PemText.normal(root.getCaCert()));
    List<ExternalNeed> needs = new ArrayList<>();
    if (root.getCaKey().isEmpty()) {
      if (same && !key.isEmpty()) {
        return new AuthorityChange(new Step.Keep(settled(root, key, wanted)), needs);
      }
      needs.add(need("current", root.getCaCert(), root, wanted));
    }
    if (certificate.isEmpty()) {
      return withoutCertificate(root, wanted, needs);
    }
    if (key.isEmpty()) {
      needs.add(need("desired", certificate, root, wanted));
    }
    if (same) {
      return new AuthorityChange(new Step.Keep(settled(root, key, wanted)), needs);
    }
    if (!key.isEmpty() && key.equals(root.getCaKey())) {
      return refused("Cannot update to a cert with an identical key");
    }
    if (root.hasRootRotation()
        && certificate.equals(PemText.normal(root.getRootRotation().getCaCert()))) {
      RootCA.Builder kept = root.toBuilder().setLastForcedRotation(wanted.getForceRotate());
      kept.getRootRotationBuilder().setCaKey(key);
      return new AuthorityChange(new Step.Keep(kept.build()), needs);
    }
    if (root.getCaKey().isEmpty() && key.isEmpty()) {
      return refused("rotating from one external CA to a different external CA is not supported");
    }
    return new AuthorityChange(
        new Step.Rotate(Optional.of(certificate), Optional.of(key).filter(some -> !some.isEmpty())),
        needs);
  }

  private static AuthorityChange withoutCertificate(
      RootCA root, CAConfig wanted, List<ExternalNeed> needs) {
    if (root.getLastForcedRotation() != wanted.getForceRotate()) {
      return new AuthorityChange(new Step.Rotate(Optional.empty(), Optional.empty()), needs);
    }
    if (root.hasRootRotation() && root.getRootRotation().getCaKey().isEmpty()) {
      needs.add(need("next", root.getRootRotation().getCaCert(), root, wanted));
    }
    return new AuthorityChange(new Step.Keep(root), needs);
  }

  /** The present root with this key, and no rotation any more. */
  private static RootCA settled(RootCA root, ByteString key, CAConfig wanted) {
    return root.toBuilder()
        .setCaKey(key)
        .clearRootRotation()
        .setLastForcedRotation(wanted.getForceRotate())
        .build();
  }

  private static AuthorityChange refused(String message) {
    return new AuthorityChange(new Step.Refuse(new Rejection.Invalid(message)), List.of());
  }

  private static ExternalNeed need(
      String which, ByteString certificate, RootCA root, CAConfig wanted) {
    return new ExternalNeed(
        which, certificate, externalUrls(wanted, certificate, root.getCaCert()));
  }

  /**
   * Where external authorities for a root are. One that names no certificate is for the present
   * root.
   */
  public static List<String> externalUrls(
      CAConfig config, ByteString certificate, ByteString presentRoot) {
    ByteString wanted = PemText.normal(certificate);
    return config.getExternalCasList().stream()
        .filter(external -> external.getProtocol() == ExternalCA.CAProtocol.CFSSL)
        .filter(
            external ->
                PemText.normal(external.getCaCert().isEmpty() ? presentRoot : external.getCaCert())
                    .equals(wanted))
        .map(ExternalCA::getUrl)
        .toList();
  }
}
