package dev.hanse.docker.json;

import static dev.hanse.docker.json.CommonJson.lower;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.hanse.model.Privileges;
import dev.hanse.model.Privileges.AppArmorOpts;
import dev.hanse.model.Privileges.CredentialSpec;
import dev.hanse.model.Privileges.SELinuxContext;
import dev.hanse.model.Privileges.SeccompOpts;
import dev.hanse.runtime.spec.SeccompDocument;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.util.ArrayList;
import java.util.List;

/** The security context of a container. */
final class PrivilegesJson {
  private PrivilegesJson() {}

  static ObjectNode privileges(Privileges privileges) {
    ObjectNode object = Json.object();
    if (privileges.hasCredentialSpec()) {
      credentials(object.putObject("CredentialSpec"), privileges.getCredentialSpec());
    } else {
      object.putNull("CredentialSpec");
    }
    if (privileges.hasSelinuxContext()) {
      SELinuxContext context = privileges.getSelinuxContext();
      object
          .putObject("SELinuxContext")
          .put("Disable", context.getDisable())
          .put("User", context.getUser())
          .put("Role", context.getRole())
          .put("Type", context.getType())
          .put("Level", context.getLevel());
    } else {
      object.putNull("SELinuxContext");
    }
    if (privileges.hasSeccomp()) {
      ObjectNode seccomp = object.putObject("Seccomp");
      seccomp.put("Mode", lower(privileges.getSeccomp().getMode()));
      Out.bytes(seccomp, "Profile", privileges.getSeccomp().getProfile());
    }
    if (privileges.hasApparmor()) {
      object.putObject("AppArmor").put("Mode", lower(privileges.getApparmor().getMode()));
    }
    object.put("NoNewPrivileges", privileges.getNoNewPrivileges());
    return object;
  }

  private static void credentials(ObjectNode object, CredentialSpec spec) {
    object
        .put("Config", spec.getConfig())
        .put("File", spec.getFile())
        .put("Registry", spec.getRegistry());
  }

  static Privileges privileges(Fields fields) {
    Privileges.Builder privileges =
        Privileges.newBuilder().setNoNewPrivileges(fields.flag("NoNewPrivileges"));
    fields
        .object("CredentialSpec")
        .map(PrivilegesJson::credentials)
        .ifPresent(privileges::setCredentialSpec);
    fields
        .object("SELinuxContext")
        .ifPresent(
            context ->
                privileges.setSelinuxContext(
                    SELinuxContext.newBuilder()
                        .setDisable(context.flag("Disable"))
                        .setUser(context.text("User"))
                        .setRole(context.text("Role"))
                        .setType(context.text("Type"))
                        .setLevel(context.text("Level"))));
    fields.object("Seccomp").map(PrivilegesJson::seccomp).ifPresent(privileges::setSeccomp);
    fields.object("AppArmor").map(PrivilegesJson::appArmor).ifPresent(privileges::setApparmor);
    return privileges.build();
  }

  private static SeccompOpts seccomp(Fields fields) {
    String mode = fields.text("Mode");
    return SeccompOpts.newBuilder()
        .setMode(
            switch (mode) {
              case "", "default" -> SeccompOpts.SeccompMode.DEFAULT;
              case "unconfined" -> SeccompOpts.SeccompMode.UNCONFINED;
              case "custom" -> SeccompOpts.SeccompMode.CUSTOM;
              default -> throw HttpFailure.invalid("invalid SeccompMode: \"" + mode + "\"");
            })
        .setProfile(profile(mode, fields.bytes("Profile")))
        .build();
  }

  /** Read here too, so that the service is refused and not one task after the other. */
  private static ByteString profile(String mode, ByteString profile) {
    if (mode.equals("custom")) {
      var unused = SeccompDocument.parse(profile.toByteArray());
    } else if (!profile.isEmpty()) {
      throw HttpFailure.invalid(
          "invalid SeccompMode: \"" + mode + "\": a profile is for the mode \"custom\" only");
    }
    return profile;
  }

  private static AppArmorOpts appArmor(Fields fields) {
    String mode = fields.text("Mode");
    return AppArmorOpts.newBuilder()
        .setMode(
            switch (mode) {
              case "", "default" -> AppArmorOpts.AppArmorMode.DEFAULT;
              case "disabled" -> AppArmorOpts.AppArmorMode.DISABLED;
              default -> throw HttpFailure.invalid("invalid AppArmorMode: \"" + mode + "\"");
            })
        .build();
  }

  private static CredentialSpec credentials(Fields fields) {
    CredentialSpec.Builder spec = CredentialSpec.newBuilder();
    List<String> given = new ArrayList<>();
    if (!fields.text("Config").isEmpty()) {
      spec.setConfig(fields.text("Config"));
      given.add("\"config\"");
    }
    if (!fields.text("File").isEmpty()) {
      spec.setFile(fields.text("File"));
      given.add("\"file\"");
    }
    if (!fields.text("Registry").isEmpty()) {
      spec.setRegistry(fields.text("Registry"));
      given.add("\"registry\"");
    }
    if (given.isEmpty()) {
      throw HttpFailure.invalid(
          "invalid CredentialSpec: must either provide \"file\", \"registry\", or \"config\" for credential spec");
    }
    if (given.size() > 1) {
      throw HttpFailure.invalid(
          "invalid CredentialSpec: cannot specify both %s and %s credential specs"
              .formatted(given.get(0), given.get(1)));
    }
    return spec.build();
  }
}
