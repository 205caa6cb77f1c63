package dev.hanse.agent.task;

import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Privileges;
import dev.hanse.model.Privileges.AppArmorOpts.AppArmorMode;
import dev.hanse.model.Privileges.CredentialSpec;
import dev.hanse.model.Privileges.SELinuxContext;
import dev.hanse.model.Privileges.SeccompOpts;
import dev.hanse.runtime.spec.SeccompChoice;
import dev.hanse.runtime.spec.SeccompDocument;
import dev.hanse.runtime.spec.SecuritySettings;
import dev.hanse.runtime.spec.SecuritySettings.AppArmorChoice;
import java.util.ArrayList;
import java.util.List;

/**
 * What a service says of the security of its containers. Every part of it is carried out, or the
 * task is refused: a container is never less confined than its service says.
 */
public final class TaskPrivileges {
  private TaskPrivileges() {}

  /**
   * What the runtime does with it.
   *
   * @throws StepException if this node cannot do it
   */
  static SecuritySettings of(ContainerSpec spec) throws StepException {
    Privileges privileges = spec.getPrivileges();
    if (privileges.hasCredentialSpec()) {
      // Docker's words on Linux.
      throw new StepException(
          "invalid --security-opt 2: \"" + credentials(privileges.getCredentialSpec()) + "\"");
    }
    List<String> labels = labels(privileges.getSelinuxContext());
    labels.remove("label=disable");
    if (!labels.isEmpty()) {
      throw new StepException(
          "SELinux labels are not supported by this node: " + String.join(", ", labels));
    }
    return new SecuritySettings(
        false,
        spec.getReadOnly(),
        spec.getCapabilityAddList(),
        spec.getCapabilityDropList(),
        seccomp(privileges.getSeccomp()),
        appArmor(privileges.getApparmor().getMode()),
        privileges.getNoNewPrivileges());
  }

  private static SeccompChoice seccomp(SeccompOpts options) throws StepException {
    return switch (options.getMode()) {
      case DEFAULT -> {
        if (!options.getProfile().isEmpty()) {
          throw new StepException("a seccomp profile is given but its mode is not custom");
        }
        yield SeccompChoice.DEFAULT;
      }
      case UNCONFINED -> SeccompChoice.UNCONFINED;
      case CUSTOM ->
          new SeccompChoice.Custom(SeccompDocument.parse(options.getProfile().toByteArray()));
      case UNRECOGNIZED -> throw new StepException("unknown mode of seccomp");
    };
  }

  private static AppArmorChoice appArmor(AppArmorMode mode) throws StepException {
    return switch (mode) {
      case DEFAULT -> AppArmorChoice.DEFAULT;
      case DISABLED -> AppArmorChoice.DISABLED;
      case UNRECOGNIZED -> throw new StepException("unknown mode of AppArmor");
    };
  }

  /** The {@code SecurityOpt} list that Docker's executor makes of it and inspect shows. */
  public static List<String> securityOptions(Privileges privileges) {
    List<String> options = new ArrayList<>();
    if (privileges.hasCredentialSpec()) {
      options.add(credentials(privileges.getCredentialSpec()));
    }
    options.addAll(labels(privileges.getSelinuxContext()));
    switch (privileges.getSeccomp().getMode()) {
      case DEFAULT, UNRECOGNIZED -> {}
      case UNCONFINED -> options.add("seccomp=unconfined");
      case CUSTOM -> options.add("seccomp=" + privileges.getSeccomp().getProfile().toStringUtf8());
    }
    if (privileges.getApparmor().getMode() == AppArmorMode.DISABLED) {
      options.add("apparmor=unconfined");
    }
    if (privileges.getNoNewPrivileges()) {
      options.add("no-new-privileges=true");
    }
    return options;
  }

  private static String credentials(CredentialSpec spec) {
    return "credentialspec="
        + switch (spec.getSourceCase()) {
          case FILE -> "file://" + spec.getFile();
          case REGISTRY -> "registry://" + spec.getRegistry();
          case CONFIG -> "config://" + spec.getConfig();
          case SOURCE_NOT_SET -> "";
        };
  }

  private static List<String> labels(SELinuxContext context) {
    List<String> labels = new ArrayList<>();
    if (context.getDisable()) {
      labels.add("label=disable");
    }
    label(labels, "user", context.getUser());
    label(labels, "role", context.getRole());
    label(labels, "level", context.getLevel());
    label(labels, "type", context.getType());
    return labels;
  }

  private static void label(List<String> labels, String part, String value) {
    if (!value.isEmpty()) {
      labels.add("label=" + part + ":" + value);
    }
  }
}
