package dev.hanse.runtime.spec;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Machines by libseccomp's names. */
final class SeccompMachines {
  private static final Set<String> KNOWN =
      Set.of(
          "SCMP_ARCH_NATIVE",
          "SCMP_ARCH_X86",
          "SCMP_ARCH_X86_64",
          "SCMP_ARCH_X32",
          "SCMP_ARCH_ARM",
          "SCMP_ARCH_AARCH64",
          "SCMP_ARCH_MIPS",
          "SCMP_ARCH_MIPS64",
          "SCMP_ARCH_MIPS64N32",
          "SCMP_ARCH_MIPSEL",
          "SCMP_ARCH_MIPSEL64",
          "SCMP_ARCH_MIPSEL64N32",
          "SCMP_ARCH_PPC",
          "SCMP_ARCH_PPC64",
          "SCMP_ARCH_PPC64LE",
          "SCMP_ARCH_S390",
          "SCMP_ARCH_S390X",
          "SCMP_ARCH_PARISC",
          "SCMP_ARCH_PARISC64",
          "SCMP_ARCH_RISCV64",
          "SCMP_ARCH_LOONGARCH64",
          "SCMP_ARCH_M68K",
          "SCMP_ARCH_SH",
          "SCMP_ARCH_SHEB");

  private static final Map<String, String> HOSTS =
      Map.of(
          "amd64", "SCMP_ARCH_X86_64",
          "arm64", "SCMP_ARCH_AARCH64",
          "riscv64", "SCMP_ARCH_RISCV64",
          "ppc64le", "SCMP_ARCH_PPC64LE",
          "s390x", "SCMP_ARCH_S390X",
          "loong64", "SCMP_ARCH_LOONGARCH64");

  private SeccompMachines() {}

  /** libseccomp's name of a machine that Docker calls so. */
  static Optional<String> ofHost(String architecture) {
    return Optional.ofNullable(HOSTS.get(architecture));
  }

  /** Refuses a name that libseccomp does not know. */
  static void require(String name) {
    if (!KNOWN.contains(name)) {
      throw SeccompFields.invalid("unknown architecture \"" + name + "\"");
    }
  }
}
