package dev.hanse.runtime.spec;

import dev.hanse.runtime.confinement.AppArmorProfile;
import java.util.List;

/**
 * What a container's processes may do.
 *
 * @param capabilitiesAdded {@code NET_ADMIN}, {@code CAP_NET_ADMIN} or {@code ALL}
 * @param capabilitiesDropped the same forms
 * @param appArmor under which profile they run where the kernel has AppArmor
 * @param noNewPrivileges set-user-id programs have no effect
 */
public record SecuritySettings(
    boolean privileged,
    boolean readOnlyRootfs,
    List<String> capabilitiesAdded,
    List<String> capabilitiesDropped,
    SeccompChoice seccomp,
    AppArmorChoice appArmor,
    boolean noNewPrivileges) {

  /** Docker's defaults. */
  public static final SecuritySettings DEFAULT =
      new SecuritySettings(
          false, false, List.of(), List.of(), SeccompChoice.DEFAULT, AppArmorChoice.DEFAULT, false);

  public SecuritySettings {
    capabilitiesAdded = List.copyOf(capabilitiesAdded);
    capabilitiesDropped = List.copyOf(capabilitiesDropped);
  }

  /** The profile's name in the kernel. A privileged container has none, as with Docker. */
  String appArmorProfile() {
    return privileged
        ? AppArmorProfile.UNCONFINED
        : switch (appArmor) {
          case DEFAULT -> AppArmorProfile.NAME;
          case DISABLED -> AppArmorProfile.UNCONFINED;
        };
  }

  /** Which AppArmor profile. */
  public enum AppArmorChoice {
    /** This program's own. */
    DEFAULT,
    /** None. */
    DISABLED
  }
}
