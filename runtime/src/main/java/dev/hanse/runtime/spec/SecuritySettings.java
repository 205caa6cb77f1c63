package dev.hanse.runtime.spec;

import java.util.List;

/**
 * What a container's processes may do.
 *
 * @param capabilitiesAdded {@code NET_ADMIN}, {@code CAP_NET_ADMIN} or {@code ALL}
 * @param capabilitiesDropped the same forms
 * @param noNewPrivileges set-user-id programs have no effect
 */
public record SecuritySettings(
    boolean privileged,
    boolean readOnlyRootfs,
    List<String> capabilitiesAdded,
    List<String> capabilitiesDropped,
    SeccompChoice seccomp,
    boolean noNewPrivileges) {

  /** Docker's defaults. */
  public static final SecuritySettings DEFAULT =
      new SecuritySettings(false, false, List.of(), List.of(), SeccompChoice.DEFAULT, false);

  public SecuritySettings {
    capabilitiesAdded = List.copyOf(capabilitiesAdded);
    capabilitiesDropped = List.copyOf(capabilitiesDropped);
  }

  /** Which system calls are let through. */
  public enum SeccompChoice {
    /** Docker's default list. */
    DEFAULT,
    /** All. */
    UNCONFINED
  }
}
