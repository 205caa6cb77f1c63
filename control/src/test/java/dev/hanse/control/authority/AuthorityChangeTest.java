package dev.hanse.control.authority;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.control.authority.AuthorityChange.ExternalNeed;
import dev.hanse.control.authority.AuthorityChange.Step;
import dev.hanse.model.CAConfig;
import dev.hanse.model.ExternalCA;
import dev.hanse.model.RootCA;
import dev.hanse.model.RootRotation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What wanted settings mean for the root. Certificates are only compared here: any text does. */
final class AuthorityChangeTest {
  private static final ByteString OLD = ByteString.copyFromUtf8("old\n");
  private static final ByteString NEW = ByteString.copyFromUtf8("new\n");
  private static final ByteString OLD_KEY = ByteString.copyFromUtf8("old key");
  private static final ByteString NEW_KEY = ByteString.copyFromUtf8("new key");

  private final RootCA root =
      RootCA.newBuilder().setCaCert(OLD).setCaKey(OLD_KEY).setLastForcedRotation(3).build();
  private final RootCA external = root.toBuilder().clearCaKey().build();
  private final CAConfig same = CAConfig.newBuilder().setForceRotate(3).build();

  @Test
  void nothingWantedChangesNothing() {
    assertThat(AuthorityChange.of(root, same)).isEqualTo(kept(root));
    RootCA rotating = rotating(NEW_KEY);
    assertThat(AuthorityChange.of(rotating, same)).isEqualTo(kept(rotating));
  }

  @Test
  void anotherNumberAsksForANewRoot() {
    assertThat(AuthorityChange.of(root, wanted("", "", 4)).step())
        .isEqualTo(new Step.Rotate(Optional.empty(), Optional.empty()));
  }

  @Test
  void aGivenRootIsRotatedTo() {
    assertThat(AuthorityChange.of(root, wanted("\n  new", "new key", 3)).step())
        .isEqualTo(new Step.Rotate(Optional.of(NEW), Optional.of(NEW_KEY)));
  }

  @Test
  void aKeyWithoutItsCertificateIsRefused() {
    assertRefused(
        AuthorityChange.of(root, wanted("", "new key", 3)),
        "if a signing CA key is provided, the signing CA cert must also be provided");
    assertRefused(
        AuthorityChange.of(root, wanted("new", "old key", 3)),
        "Cannot update to a cert with an identical key");
  }

  @Test
  void thePresentRootEndsARotation() {
    assertThat(AuthorityChange.of(rotating(NEW_KEY), wanted("old", "old key", 5)))
        .isEqualTo(kept(root.toBuilder().setLastForcedRotation(5).build()));
  }

  @Test
  void theRootThatIsRotatedToMayChangeItsKeysPlace() {
    Step step = AuthorityChange.of(rotating(ByteString.EMPTY), wanted("new", "new key", 5)).step();
    assertThat(step)
        .isEqualTo(new Step.Keep(rotating(NEW_KEY).toBuilder().setLastForcedRotation(5).build()));
  }

  @Test
  void withoutASigningKeyAnExternalAuthorityIsNeeded() {
    CAConfig.Builder config = same.toBuilder();
    config.addExternalCasBuilder().setUrl("https://present");
    config.addExternalCasBuilder().setUrl("https://next").setCaCert(NEW);
    assertThat(AuthorityChange.of(external, config.build()).needs())
        .containsExactly(new ExternalNeed("current", OLD, List.of("https://present")));
    assertThat(AuthorityChange.of(root, config.setSigningCaCert(NEW).build()))
        .isEqualTo(
            new AuthorityChange(
                new Step.Rotate(Optional.of(NEW), Optional.empty()),
                List.of(new ExternalNeed("desired", NEW, List.of("https://next")))));
    assertRefused(
        AuthorityChange.of(external, config.build()),
        "rotating from one external CA to a different external CA is not supported");
    RootCA rotating = rotating(ByteString.EMPTY);
    assertThat(AuthorityChange.of(rotating, config.clearSigningCaCert().build()).needs())
        .containsExactly(new ExternalNeed("next", NEW, List.of("https://next")));
  }

  @Test
  void theKeyOfAnExternalRootMayBeBroughtIn() {
    assertThat(AuthorityChange.of(external, wanted("old", "old key", 3))).isEqualTo(kept(root));
  }

  @Test
  void authoritiesOfOtherProtocolsAreNoHelp() {
    CAConfig config =
        CAConfig.newBuilder()
            .addExternalCas(ExternalCA.newBuilder().setProtocolValue(7).setUrl("https://other"))
            .build();
    assertThat(AuthorityChange.externalUrls(config, OLD, OLD)).isEmpty();
  }

  private RootCA rotating(ByteString key) {
    return root.toBuilder()
        .setRootRotation(RootRotation.newBuilder().setCaCert(NEW).setCaKey(key))
        .build();
  }

  private static CAConfig wanted(String certificate, String key, long number) {
    return CAConfig.newBuilder()
        .setSigningCaCert(ByteString.copyFromUtf8(certificate))
        .setSigningCaKey(ByteString.copyFromUtf8(key))
        .setForceRotate(number)
        .build();
  }

  private static AuthorityChange kept(RootCA root) {
    return new AuthorityChange(new Step.Keep(root), List.of());
  }

  private static void assertRefused(AuthorityChange change, String message) {
    assertThat(change.step())
        .isInstanceOfSatisfying(
            Step.Refuse.class,
            refuse -> assertThat(refuse.rejection().message()).isEqualTo(message));
  }
}
