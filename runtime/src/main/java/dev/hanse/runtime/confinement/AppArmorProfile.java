package dev.hanse.runtime.confinement;

/**
 * The text of the profile that containers run under, equal in effect to Docker's {@code
 * docker-default}: everything a process in namespaces of its own may need, without writing the
 * kernel's files, without mounting, and without reaching processes outside. It includes no file of
 * the host, so that it means the same everywhere. The language is apparmor.d(5).
 */
public final class AppArmorProfile {
  /** The profile's name in the kernel. */
  public static final String NAME = "hanse-default";

  /** What the kernel calls a process without profile. */
  public static final String UNCONFINED = "unconfined";

  private AppArmorProfile() {}

  /**
   * The text for {@code apparmor_parser}.
   *
   * @param daemon profile that this program itself runs under
   * @param interfaceVersion the parser knows {@code <abi/3.0>}: there {@code network} still means
   *     all sockets, which newer versions of the language split
   */
  static String text(String daemon, boolean interfaceVersion) {
    return (interfaceVersion ? "abi <abi/3.0>,\n" : "")
        + """
        profile NAME flags=(attach_disconnected,mediate_deleted) {
          file,
          network,
          unix,
          capability,
          umount,

          # Signals come from the host's own processes, from the runtimes where these have profiles,
          # and from the same kind of containers.
          signal (receive) peer=unconfined,
          signal (receive) peer=runc,
          signal (receive) peer=crun,
          signal (receive) peer="DAEMON",
          signal (send, receive) peer=NAME,

          # Who may look at everything anyway may look at containers; they only at each other.
          ptrace (readby, tracedby),
          ptrace (read, trace) peer=NAME,

          deny mount,

          # Nothing of the kernel's own is written: of /proc the processes' files and the limits of
          # shared memory are left.
          deny /proc/* w,
          deny /proc/{[^0-9s/]*,s,s[^y/]*,sy,sy[^s/]*,sys?*}/** w,
          deny /proc/sys/[^k]** w,
          deny /proc/sys/k[^e]** w,
          deny /proc/sys/kernel/{[^s]**,s,s[^h]**,sh,sh[^m]**} w,
          deny /proc/sysrq-trigger rwklx,
          deny /proc/kcore rwklx,

          # Of /sys the control groups are left.
          deny /sys/{[^f/]*,f,f[^s/]*,fs?*}/** wklx,
          deny /sys/fs/{[^c/]*,c,c[^g/]*,cg,cg[^r/]*}/** wklx,
          deny /sys/firmware/** rwklx,
          deny /sys/devices/virtual/powercap/** rwklx,
          deny /sys/kernel/security/** rwklx,
        }
        """
            .replace("DAEMON", daemon)
            .replace("NAME", NAME);
  }
}
