package dev.hanse.runtime.spec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The system calls that a container may make: everything else fails with EPERM. Equal in effect to
 * Docker's default profile (the facts are those of moby's profiles/seccomp), for the capabilities
 * and the architecture at hand. Kernels from 4.8 on are assumed.
 */
final class SeccompProfile {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String ALLOW = "SCMP_ACT_ALLOW";
  private static final String REFUSE = "SCMP_ACT_ERRNO";
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;

  /** Flags of clone(2) that make namespaces, without CLONE_NEWTIME. */
  private static final long NAMESPACE_FLAGS = 0x7E020000L;

  /**
   * Address families from 1 up to this are let through; those that the kernel has dropped since,
   * AF_ALG (38, its faults were many) and AF_VSOCK (40, it knows no namespaces) are not, nor those
   * that are still to come. See socket.h.
   */
  private static final int FAMILY_DECNET = 12;

  private static final List<Integer> LATER_FAMILIES =
      List.of(
          13, 14, 15, 16, 17, 18, 21, 22, 24, 26, 27, 28, 29, 30, 31, 32, 33, 35, 36, 39, 41, 42,
          43, 44, 45);

  private static final long PERSONALITY_QUERY = 0xffffffffL;
  private static final List<Long> PERSONALITIES =
      List.of(0L, 0x8L, 0x20000L, 0x20008L, PERSONALITY_QUERY);

  /** Let through always. */
  private static final String ALWAYS =
      """
          _llseek _newselect accept accept4 access adjtimex alarm bind brk cachestat capget
          capset chdir chmod chown chown32 clock_adjtime clock_adjtime64 clock_getres
          clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
          clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3
          epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait
          epoll_wait_old eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2
          fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown
          fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork fremovexattr
          fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex
          futex_requeue futex_time64 futex_wait futex_waitv futex_wake futimesat get_robust_list
          get_thread_area getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32
          getgid getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid
          getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit
          getrusage getsid getsockname getsockopt gettid gettimeofday getuid getuid32 getxattr
          getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel
          io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit ioctl
          ioprio_get ioprio_set ipc kill landlock_add_rule landlock_create_ruleset
          landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listmount
          listxattr listxattrat llistxattr lremovexattr lseek lsetxattr lstat lstat64 madvise
          map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod
          mknodat mlock mlock2 mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open
          mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink
          mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap
          name_to_handle_at nanosleep newfstatat open openat openat2 pause pidfd_open
          pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll
          ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease process_vm_readv
          process_vm_writev pselect6 pselect6_time64 ptrace pwrite64 pwritev pwritev2 read
          readahead readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg
          remap_file_pages removexattr removexattrat rename renameat renameat2 restart_syscall
          riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
          rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo
          sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr
          sched_getparam sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64
          sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp
          select semctl semget semop semtimedop semtimedop_time64 send sendfile sendfile64
          sendmmsg sendmsg sendto set_robust_list set_thread_area set_tid_address setfsgid
          setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid
          setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid
          setreuid32 setrlimit setsid setsockopt setuid setuid32 setxattr setxattrat shmat
          shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 sigprocmask sigreturn
          socketcall socketpair splice stat stat64 statfs statfs64 statmount statx symlink
          symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create
          timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime
          timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime
          timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink
          unlinkat uretprobe utime utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid
          waitpid write writev
      """;

  /** Let through with a capability. */
  private static final Map<String, List<String>> BY_CAPABILITY =
      Map.ofEntries(
          Map.entry("CAP_DAC_READ_SEARCH", List.of("open_by_handle_at")),
          Map.entry(
              "CAP_SYS_ADMIN",
              List.of(
                  "bpf",
                  "clone",
                  "clone3",
                  "fanotify_init",
                  "fsconfig",
                  "fsmount",
                  "fsopen",
                  "fspick",
                  "lookup_dcookie",
                  "lsm_get_self_attr",
                  "lsm_list_modules",
                  "lsm_set_self_attr",
                  "mount",
                  "mount_setattr",
                  "move_mount",
                  "open_tree",
                  "perf_event_open",
                  "quotactl",
                  "quotactl_fd",
                  "setdomainname",
                  "sethostname",
                  "setns",
                  "syslog",
                  "umount",
                  "umount2",
                  "unshare")),
          Map.entry("CAP_SYS_BOOT", List.of("reboot")),
          Map.entry("CAP_SYS_CHROOT", List.of("chroot")),
          Map.entry("CAP_SYS_MODULE", List.of("delete_module", "init_module", "finit_module")),
          Map.entry("CAP_SYS_PACCT", List.of("acct")),
          Map.entry("CAP_SYS_PTRACE", List.of("kcmp", "pidfd_getfd", "process_madvise")),
          Map.entry("CAP_SYS_RAWIO", List.of("iopl", "ioperm")),
          Map.entry(
              "CAP_SYS_TIME", List.of("settimeofday", "stime", "clock_settime", "clock_settime64")),
          Map.entry("CAP_SYS_TTY_CONFIG", List.of("vhangup")),
          Map.entry(
              "CAP_SYS_NICE",
              List.of("get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node")),
          Map.entry("CAP_SYSLOG", List.of("syslog")),
          Map.entry("CAP_BPF", List.of("bpf")),
          Map.entry("CAP_PERFMON", List.of("perf_event_open")));

  private SeccompProfile() {}

  /** What differs between machines: libseccomp's names, and system calls only there. */
  private record Machine(List<String> names, List<String> systemCalls) {
    static Machine of(String architecture) {
      return switch (architecture) {
        case "amd64" ->
            new Machine(
                List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"),
                List.of("arch_prctl", "modify_ldt"));
        case "arm64" ->
            new Machine(
                List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"),
                List.of(
                    "arm_fadvise64_64",
                    "arm_sync_file_range",
                    "sync_file_range2",
                    "breakpoint",
                    "cacheflush",
                    "set_tls"));
        case "riscv64" -> new Machine(List.of("SCMP_ARCH_RISCV64"), List.of("riscv_flush_icache"));
        case "ppc64le" ->
            new Machine(List.of("SCMP_ARCH_PPC64LE"), List.of("sync_file_range2", "swapcontext"));
        case "s390x" ->
            new Machine(
                List.of("SCMP_ARCH_S390X", "SCMP_ARCH_S390"),
                List.of("s390_pci_mmio_read", "s390_pci_mmio_write", "s390_runtime_instr"));
        default -> new Machine(List.of(), List.of());
      };
    }
  }

  static ObjectNode of(Collection<String> capabilities, String architecture) {
    Machine machine = Machine.of(architecture);
    ObjectNode profile = JSON.objectNode();
    profile.put("defaultAction", REFUSE);
    profile.put("defaultErrnoRet", EPERM);
    ArrayNode architectures = profile.putArray("architectures");
    machine.names().forEach(architectures::add);
    ArrayNode rules = profile.putArray("syscalls");
    allow(rules, List.of(ALWAYS.strip().split("\\s+")));
    if (!machine.systemCalls().isEmpty()) {
      allow(rules, machine.systemCalls());
    }
    argument(allow(rules, List.of("socket")), 0, FAMILY_DECNET, "SCMP_CMP_LT");
    for (int family : LATER_FAMILIES) {
      argument(allow(rules, List.of("socket")), 0, family, "SCMP_CMP_EQ");
    }
    for (long personality : PERSONALITIES) {
      argument(allow(rules, List.of("personality")), 0, personality, "SCMP_CMP_EQ");
    }
    BY_CAPABILITY.keySet().stream()
        .sorted()
        .filter(capabilities::contains)
        .forEach(capability -> allow(rules, BY_CAPABILITY.getOrDefault(capability, List.of())));
    if (!capabilities.contains("CAP_SYS_ADMIN")) {
      restrictClone(rules, architecture.equals("s390x") ? 1 : 0);
    }
    return profile;
  }

  /** clone may make processes and threads, no namespaces; who tries clone3 falls back to it. */
  private static void restrictClone(ArrayNode rules, int flagsIndex) {
    argument(allow(rules, List.of("clone")), flagsIndex, NAMESPACE_FLAGS, "SCMP_CMP_MASKED_EQ");
    ObjectNode refusal = rules.addObject();
    refusal.putArray("names").add("clone3");
    refusal.put("action", REFUSE);
    refusal.put("errnoRet", ENOSYS);
  }

  private static ObjectNode allow(ArrayNode rules, List<String> names) {
    ObjectNode rule = rules.addObject();
    ArrayNode list = rule.putArray("names");
    names.forEach(list::add);
    rule.put("action", ALLOW);
    return rule;
  }

  private static void argument(ObjectNode rule, int index, long value, String comparison) {
    rule.putArray("args").addObject().put("index", index).put("value", value).put("op", comparison);
  }
}
