package dev.hanse.runtime.spec;

import dev.hanse.runtime.RuntimeFault;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which capabilities a container gets: Docker's default set, changed by what is added and dropped.
 */
final class Capabilities {
  private static final String ALL = "ALL";

  /** By number, capability.h. */
  private static final List<String> BY_NUMBER =
      List.of(
          "CHOWN",
          "DAC_OVERRIDE",
          "DAC_READ_SEARCH",
          "FOWNER",
          "FSETID",
          "KILL",
          "SETGID",
          "SETUID",
          "SETPCAP",
          "LINUX_IMMUTABLE",
          "NET_BIND_SERVICE",
          "NET_BROADCAST",
          "NET_ADMIN",
          "NET_RAW",
          "IPC_LOCK",
          "IPC_OWNER",
          "SYS_MODULE",
          "SYS_RAWIO",
          "SYS_CHROOT",
          "SYS_PTRACE",
          "SYS_PACCT",
          "SYS_ADMIN",
          "SYS_BOOT",
          "SYS_NICE",
          "SYS_RESOURCE",
          "SYS_TIME",
          "SYS_TTY_CONFIG",
          "MKNOD",
          "LEASE",
          "AUDIT_WRITE",
          "AUDIT_CONTROL",
          "SETFCAP",
          "MAC_OVERRIDE",
          "MAC_ADMIN",
          "SYSLOG",
          "WAKE_ALARM",
          "BLOCK_SUSPEND",
          "AUDIT_READ",
          "PERFMON",
          "BPF",
          "CHECKPOINT_RESTORE");

  private static final Set<String> DOCKER_DEFAULT =
      Set.of(
          "CHOWN",
          "DAC_OVERRIDE",
          "FSETID",
          "FOWNER",
          "MKNOD",
          "NET_RAW",
          "SETGID",
          "SETUID",
          "SETFCAP",
          "SETPCAP",
          "NET_BIND_SERVICE",
          "SYS_CHROOT",
          "KILL",
          "AUDIT_WRITE");

  private Capabilities() {}

  /**
   * Names with CAP_, in the kernel's order.
   *
   * @param available bit mask of those that can be given at all
   */
  static List<String> of(SecuritySettings security, long available) {
    return of(
        security.privileged(),
        normal(security.capabilitiesAdded(), "add"),
        normal(security.capabilitiesDropped(), "drop"),
        available);
  }

  private static List<String> of(
      boolean all, Set<String> added, Set<String> dropped, long available) {
    Set<String> granted = new LinkedHashSet<>();
    for (int number = 0; number < BY_NUMBER.size(); number++) {
      String name = BY_NUMBER.get(number);
      boolean possible = (available >>> number & 1) == 1;
      if (possible && (all || isGranted(name, added, dropped))) {
        granted.add("CAP_" + name);
      }
    }
    return List.copyOf(granted);
  }

  /** All that can be given at all. */
  static List<String> all(long available) {
    return of(true, Set.of(), Set.of(), available);
  }

  private static boolean isGranted(String name, Set<String> added, Set<String> dropped) {
    if (dropped.contains(ALL)) {
      return added.contains(name);
    }
    if (added.contains(ALL)) {
      return !dropped.contains(name);
    }
    return added.contains(name) || (DOCKER_DEFAULT.contains(name) && !dropped.contains(name));
  }

  private static Set<String> normal(List<String> given, String purpose) {
    Set<String> names = new LinkedHashSet<>();
    for (String name : given) {
      String upper = name.strip().toUpperCase(Locale.ROOT);
      String bare = upper.startsWith("CAP_") ? upper.substring("CAP_".length()) : upper;
      if (!bare.equals(ALL) && !BY_NUMBER.contains(bare)) {
        throw new RuntimeFault(
            RuntimeFault.Kind.INVALID,
            "invalid capability to " + purpose + ": unknown capability: \"CAP_" + bare + "\"");
      }
      names.add(bare);
    }
    return names;
  }
}
