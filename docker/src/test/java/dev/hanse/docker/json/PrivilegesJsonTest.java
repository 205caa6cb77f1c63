package dev.hanse.docker.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.Failures;
import dev.hanse.docker.field.Fields;
import dev.hanse.model.Privileges;
import dev.hanse.model.Privileges.SeccompOpts.SeccompMode;
import dev.hanse.web.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a service says of its security: taken whole, or refused with 400. */
class PrivilegesJsonTest {
  private static Privileges seccomp(String mode, String profile) {
    ObjectNode privileges = Json.object();
    privileges
        .putObject("Seccomp")
        .put("Mode", mode)
        .put("Profile", profile.getBytes(StandardCharsets.UTF_8));
    return PrivilegesJson.TABLE.read(
        Fields.of(Json.parse(privileges.toString(), IllegalStateException::new)));
  }

  private static void refused(String mode, String profile, String message) {
    assertThatThrownBy(() -> seccomp(mode, profile))
        .satisfies(fault -> assertThat(Failures.of(fault).status()).isEqualTo(400))
        .hasMessageContaining(message);
  }

  @Test
  void a_custom_profile_is_taken() {
    String profile = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}";
    Privileges privileges = seccomp("custom", profile);
    assertThat(privileges.getSeccomp().getMode()).isEqualTo(SeccompMode.CUSTOM);
    assertThat(privileges.getSeccomp().getProfile().toStringUtf8()).isEqualTo(profile);
  }

  @Tag("attack")
  @Test
  void a_service_whose_profile_would_not_be_applied_is_refused() {
    refused("custom", "{}", "Decoding seccomp profile failed: defaultAction");
    refused("custom", "", "the profile is empty");
    refused("custom", "no json", "Decoding seccomp profile failed");
    refused("custom", "{\"defaultAction\":\"SCMP_ACT_KILL\",\"x\":1}", "unknown field \"x\"");
    refused("custom", " ".repeat((128 << 10) + 1), "at most 131072 are allowed");
    refused("default", "{\"defaultAction\":\"SCMP_ACT_KILL\"}", "for the mode \"custom\" only");
    refused("unconfined", "{\"defaultAction\":\"SCMP_ACT_KILL\"}", "for the mode \"custom\" only");
    refused("Default", "", "invalid SeccompMode: \"Default\"");
  }
}
