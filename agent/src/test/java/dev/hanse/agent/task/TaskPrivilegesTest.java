package dev.hanse.agent.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Privileges;
import dev.hanse.model.Privileges.AppArmorOpts;
import dev.hanse.model.Privileges.AppArmorOpts.AppArmorMode;
import dev.hanse.model.Privileges.CredentialSpec;
import dev.hanse.model.Privileges.SELinuxContext;
import dev.hanse.model.Privileges.SeccompOpts;
import dev.hanse.model.Privileges.SeccompOpts.SeccompMode;
import dev.hanse.runtime.spec.SeccompChoice;
import dev.hanse.runtime.spec.SecuritySettings;
import dev.hanse.runtime.spec.SecuritySettings.AppArmorChoice;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each part of a service's privileges is carried out, or the task is refused. */
class TaskPrivilegesTest {
  private static SecuritySettings settings(Privileges.Builder privileges) throws StepException {
    return TaskPrivileges.of(ContainerSpec.newBuilder().setPrivileges(privileges).build());
  }

  private static SeccompOpts.Builder seccomp(SeccompMode mode, String profile) {
    return SeccompOpts.newBuilder().setMode(mode).setProfile(ByteString.copyFromUtf8(profile));
  }

  private static void refused(Privileges.Builder privileges, String message) {
    assertThatThrownBy(() -> settings(privileges)).hasMessageContaining(message);
  }

  @Test
  void a_service_that_says_nothing_has_the_defaults() throws Exception {
    assertThat(TaskPrivileges.of(ContainerSpec.getDefaultInstance()))
        .isEqualTo(SecuritySettings.DEFAULT);
    assertThat(TaskPrivileges.securityOptions(Privileges.getDefaultInstance())).isEmpty();
  }

  @Test
  void what_it_says_reaches_the_runtime_and_inspect() throws Exception {
    var privileges =
        Privileges.newBuilder()
            .setApparmor(AppArmorOpts.newBuilder().setMode(AppArmorMode.DISABLED))
            .setSeccomp(seccomp(SeccompMode.UNCONFINED, ""))
            .setSelinuxContext(SELinuxContext.newBuilder().setDisable(true))
            .setNoNewPrivileges(true);
    SecuritySettings settings = settings(privileges);
    assertThat(settings.appArmor()).isEqualTo(AppArmorChoice.DISABLED);
    assertThat(settings.seccomp()).isEqualTo(SeccompChoice.UNCONFINED);
    assertThat(settings.noNewPrivileges()).isTrue();
    assertThat(TaskPrivileges.securityOptions(privileges.build()))
        .containsExactly(
            "label=disable", "seccomp=unconfined", "apparmor=unconfined", "no-new-privileges=true");
    String profile = "{\"defaultAction\":\"SCMP_ACT_LOG\"}";
    var custom = Privileges.newBuilder().setSeccomp(seccomp(SeccompMode.CUSTOM, profile));
    assertThat(settings(custom).seccomp()).isInstanceOf(SeccompChoice.Custom.class);
    assertThat(TaskPrivileges.securityOptions(custom.build()))
        .containsExactly("seccomp=" + profile);
  }

  @Tag("attack")
  @Test
  void what_cannot_be_carried_out_is_refused_and_not_left_out() {
    refused(
        Privileges.newBuilder().setSeccomp(seccomp(SeccompMode.CUSTOM, "{}")),
        "Decoding seccomp profile failed: ");
    refused(
        Privileges.newBuilder().setSeccomp(seccomp(SeccompMode.DEFAULT, "{}")),
        "its mode is not custom");
    refused(
        Privileges.newBuilder().setSeccomp(SeccompOpts.newBuilder().setModeValue(7)),
        "unknown mode of seccomp");
    refused(
        Privileges.newBuilder().setApparmor(AppArmorOpts.newBuilder().setModeValue(7)),
        "unknown mode of AppArmor");
    refused(
        Privileges.newBuilder().setCredentialSpec(CredentialSpec.newBuilder().setFile("spec.json")),
        "invalid --security-opt 2: \"credentialspec=file://spec.json\"");
    refused(
        Privileges.newBuilder()
            .setSelinuxContext(SELinuxContext.newBuilder().setType("box_t").setLevel("s0")),
        "SELinux labels are not supported by this node: label=level:s0, label=type:box_t");
  }
}
