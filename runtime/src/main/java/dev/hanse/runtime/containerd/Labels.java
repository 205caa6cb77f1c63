package dev.hanse.runtime.containerd;

/** Names of the labels that this program puts on containers for itself. */
public final class Labels {
  /** What all of them begin with. */
  public static final String PREFIX = "hanse.";

  /** Id of the image that a container was made of. */
  public static final String IMAGE = "hanse.image";

  /** Signal number that asks it to end. */
  public static final String STOP_SIGNAL = "hanse.stop-signal";

  /** Present if it has a standard input. */
  public static final String STDIN = "hanse.stdin";

  /** Present if it has a terminal. */
  public static final String TERMINAL = "hanse.terminal";

  /** Present if its processes run under this program's AppArmor profile. */
  public static final String APPARMOR = "hanse.apparmor";

  /** Present if mounts of it have to be made before runc makes the container. */
  public static final String MOUNT_TREES = "hanse.mount-trees";

  /** Path of its control group. */
  public static final String CGROUP = "hanse.cgroup";

  /** When the last run began, ISO-8601; noted at its end. */
  public static final String START_TIME = "hanse.start.time";

  /** Exit code of the last run. */
  public static final String EXIT_CODE = "hanse.exit.code";

  /** When the last run ended, ISO-8601. */
  public static final String EXIT_TIME = "hanse.exit.time";

  /** Whether the last run ended for lack of memory. */
  public static final String EXIT_OUT_OF_MEMORY = "hanse.exit.oom";

  private Labels() {}
}
