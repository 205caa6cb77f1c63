package dev.hanse.kernel.file;

/**
 * What becomes of symbolic links on the way of a path that begins at a {@link DirectoryHandle}
 * (openat2(2)). The kernel decides it at each step of the way, so nobody can change a link between
 * a check and the use. The links of {@code /proc} are followed in no case.
 */
public enum Links {
  /** A link anywhere in the path is an error. */
  REFUSED(0x04 | 0x08),
  /** Links are followed; one that is absolute or leads out of the directory is an error. */
  BENEATH(0x08),
  /** Links are followed as by a process whose root is the directory: none leads out of it. */
  IN_ROOT(0x10);

  private static final int NO_MAGIC_LINKS = 0x02;

  private final int rule;

  Links(int rule) {
    this.rule = rule;
  }

  /** For the field {@code resolve} of struct open_how. */
  long bits() {
    return rule | NO_MAGIC_LINKS;
  }
}
