package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.BYTES;
import static dev.hanse.docker.field.Notations.FLAG;
import static dev.hanse.docker.field.Notations.TEXT;

import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.field.Words;
import dev.hanse.model.Privileges;
import dev.hanse.model.Privileges.AppArmorOpts;
import dev.hanse.model.Privileges.AppArmorOpts.AppArmorMode;
import dev.hanse.model.Privileges.CredentialSpec;
import dev.hanse.model.Privileges.SELinuxContext;
import dev.hanse.model.Privileges.SeccompOpts;
import dev.hanse.model.Privileges.SeccompOpts.SeccompMode;
import dev.hanse.runtime.spec.SeccompDocument;
import dev.hanse.web.HttpFailure;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The security context of a container. */
final class PrivilegesJson {
  private static final FieldTable<CredentialSpec, CredentialSpec.Builder> CREDENTIALS =
      FieldTable.of(CredentialSpec::newBuilder, CredentialSpec.Builder::build)
          .also((fields, spec) -> oneSource(fields))
          .always(
              "Config",
              TEXT.unlessEmpty(),
              CredentialSpec::getConfig,
              CredentialSpec.Builder::setConfig)
          .always(
              "File", TEXT.unlessEmpty(), CredentialSpec::getFile, CredentialSpec.Builder::setFile)
          .always(
              "Registry",
              TEXT.unlessEmpty(),
              CredentialSpec::getRegistry,
              CredentialSpec.Builder::setRegistry)
          .build();

  private static final FieldTable<SELinuxContext, SELinuxContext.Builder> SELINUX =
      FieldTable.of(SELinuxContext::newBuilder, SELinuxContext.Builder::build)
          .always("Disable", FLAG, SELinuxContext::getDisable, SELinuxContext.Builder::setDisable)
          .always("User", TEXT, SELinuxContext::getUser, SELinuxContext.Builder::setUser)
          .always("Role", TEXT, SELinuxContext::getRole, SELinuxContext.Builder::setRole)
          .always("Type", TEXT, SELinuxContext::getType, SELinuxContext.Builder::setType)
          .always("Level", TEXT, SELinuxContext::getLevel, SELinuxContext.Builder::setLevel)
          .build();

  private static final FieldTable<SeccompOpts, SeccompOpts.Builder> SECCOMP =
      FieldTable.of(SeccompOpts::newBuilder, SeccompOpts.Builder::build)
          .always(
              "Mode",
              Words.of(SeccompMode.DEFAULT, text -> "invalid SeccompMode: \"" + text + "\""),
              SeccompOpts::getMode,
              SeccompOpts.Builder::setMode)
          .line("Profile", BYTES, SeccompOpts::getProfile, SeccompOpts.Builder::setProfile)
          .also(PrivilegesJson::checkProfile)
          .build();

  private static final FieldTable<AppArmorOpts, AppArmorOpts.Builder> APP_ARMOR =
      FieldTable.of(AppArmorOpts::newBuilder, AppArmorOpts.Builder::build)
          .always(
              "Mode",
              Words.of(AppArmorMode.DEFAULT, text -> "invalid AppArmorMode: \"" + text + "\""),
              AppArmorOpts::getMode,
              AppArmorOpts.Builder::setMode)
          .build();

  /** All of it. */
  static final FieldTable<Privileges, Privileges.Builder> TABLE =
      FieldTable.of(Privileges::newBuilder, Privileges.Builder::build)
          .orNull(
              "CredentialSpec",
              CREDENTIALS,
              Privileges::hasCredentialSpec,
              Privileges::getCredentialSpec,
              Privileges.Builder::setCredentialSpec)
          .orNull(
              "SELinuxContext",
              SELINUX,
              Privileges::hasSelinuxContext,
              Privileges::getSelinuxContext,
              Privileges.Builder::setSelinuxContext)
          .optional(
              "Seccomp",
              SECCOMP,
              Privileges::hasSeccomp,
              Privileges::getSeccomp,
              Privileges.Builder::setSeccomp)
          .optional(
              "AppArmor",
              APP_ARMOR,
              Privileges::hasApparmor,
              Privileges::getApparmor,
              Privileges.Builder::setApparmor)
          .always(
              "NoNewPrivileges",
              FLAG,
              Privileges::getNoNewPrivileges,
              Privileges.Builder::setNoNewPrivileges)
          .build();

  private PrivilegesJson() {}

  /** Read here too, so that the service is refused and not one task after the other. */
  private static void checkProfile(Fields fields, SeccompOpts.Builder seccomp) {
    if (seccomp.getMode() == SeccompMode.CUSTOM) {
      var unused = SeccompDocument.parse(seccomp.getProfile().toByteArray());
    } else if (!seccomp.getProfile().isEmpty()) {
      throw HttpFailure.invalid(
          "invalid SeccompMode: \""
              + fields.text("Mode")
              + "\": a profile is for the mode \"custom\" only");
    }
  }

  private static void oneSource(Fields fields) {
    List<String> given =
        Stream.of("Config", "File", "Registry")
            .filter(source -> !fields.text(source).isEmpty())
            .map(source -> "\"" + source.toLowerCase(Locale.ROOT) + "\"")
            .toList();
    if (given.isEmpty()) {
      throw HttpFailure.invalid(
          "invalid CredentialSpec: must either provide \"file\", \"registry\", or \"config\" for credential spec");
    }
    if (given.size() > 1) {
      throw HttpFailure.invalid(
          "invalid CredentialSpec: cannot specify both "
              + String.join(", ", given.subList(0, given.size() - 1))
              + (given.size() == 2 ? " and " : ", and ")
              + given.getLast()
              + " credential specs");
    }
  }
}
